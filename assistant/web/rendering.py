"""Article text for the page: plain strings cut into paragraphs, so that the browser never has to parse any of it.

The page puts every string into the document as text. What is left to do here is to show characters that would hide or
reorder what is around them, and to cut at offsets, because JavaScript counts other characters than Python does.
"""

import re
from itertools import pairwise
from typing import Any

from assistant.answering.marks import Mark, parse_marks
from assistant.text.controls import printable
from assistant.text.paths import without_folders

# Controls but tab and newline, and the two characters that override the direction of everything after them.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e]")


def visible(text: str) -> str:
    r"""Return text in which nothing is hidden or reordered by force; embeddings and isolates stay.

    Example:
        >>> visible("invoice\u202etxt.exe")
        'invoice\\u202etxt.exe'
    """
    return _UNSAFE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def paragraphs(text: str, start: int = 0, end: int = 0) -> list[list[dict[str, Any]]]:
    """Cut text into its lines, and those into runs that say whether they lie between `start` and `end`.

    Each line is laid out by its own direction, so lines are what the page needs. Empty ones are left out.

    Example:
        >>> paragraphs("One. Two.", 5, 9)
        [[{'text': 'One. ', 'lit': False}, {'text': 'Two.', 'lit': True}]]
    """
    lines = []
    position = 0
    for line in text.split("\n"):
        cuts = sorted({0, len(line), *(min(max(offset - position, 0), len(line)) for offset in (start, end))})
        runs = [
            {"text": visible(line[a:b]), "lit": start <= position + a and position + b <= end}
            for a, b in pairwise(cuts)
        ]
        if line.strip():
            lines.append(runs)
        position += len(line) + 1
    return lines


def marked_lines(text: str, citations: int) -> list[list[dict[str, Any]]]:
    """Cut an answer into lines of text runs and citation marks.

    Example:
        >>> marked_lines("In Moscow [1].", 1)
        [[{'text': 'In Moscow '}, {'mark': 1}, {'text': '.'}]]
    """
    lines: list[list[dict[str, Any]]] = [[]]
    for piece in parse_marks(text, citations):
        if isinstance(piece, Mark):
            lines[-1] += [{"mark": number} for number in piece.numbers]
            continue
        first, *others = piece.split("\n")
        lines[-1].append({"text": visible(first)})
        lines += [[{"text": visible(other)}] for other in others]
    return [line for line in lines if any(run.get("mark") or run["text"].strip() for run in line)]


def name_of(source: str) -> str:
    """Return a source as visitors see it: a web address, or a file's name without the server's folders.

    Example:
        >>> name_of("/srv/articles/report.pdf")
        'report.pdf'
    """
    return printable(without_folders(source))
