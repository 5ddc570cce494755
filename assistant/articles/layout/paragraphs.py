"""`join_paragraphs`: the lines of printed pages back in paragraphs."""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise
from statistics import quantiles

from assistant.articles.layout.visual_order import is_right_to_left, mirror_brackets
from assistant.articles.lines import join_lines
from assistant.language.word_lists import load_word_list

_PITCH_TOLERANCE = 1.3
_WIDEST_PITCH = 2.2  # line heights: double spacing
_SHORT = 0.85
_SCRAP = 0.5
_SENTENCE_END = re.compile(r"[.!?؟。！？।۔:…][\"'»”’)\]]*$")
_SOFT_HYPHEN = "\u00ad"
_HYPHEN = re.compile(r"(?<=\w)[\u2010-]$")
_LAST_PART = re.compile(r"[^\W_]+(?:-[^\W_]+)*$")
_FIRST_PART = re.compile(r"^[^\W_]+")
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_JOINED = "\ufffe"  # no character: it stands where a line goes on below without a space


@dataclass(frozen=True, slots=True)
class Line:
    """One line of print: its text in reading order and its box, in points from the page's lower left corner.

    A row of a table is a line too; `table` counts the tables of its page from 1, and is 0 for others.
    """

    text: str
    page: int
    left: float
    bottom: float
    right: float
    top: float
    table: int = 0


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, and where the pages that it has lines on begin in it: by page, the offset in `text`."""

    text: str
    pages: dict[int, int]


def join_paragraphs(lines: Sequence[Line]) -> Iterator[Paragraph]:
    """Yield the paragraphs that `lines` make.

    A line goes on from the one above it if it stands no further below than lines of this text do, and the one above
    was not cut short at a sentence's end. Into a column or page it goes on if the last line above neither ends a
    sentence nor is a scrap such as a page number.

    Args:
        lines: In reading order.
    """
    pitch = _usual_pitch(lines) * _PITCH_TOLERANCE
    widest = max((line.right - line.left for line in lines), default=0.0)
    words = _words(lines)
    paragraph: list[Line] = []
    for line in lines:
        if paragraph and not _goes_on(paragraph[-1], line, pitch, widest):
            yield _join(paragraph, words)
            paragraph = []
        paragraph.append(line)
    if paragraph:
        yield _join(paragraph, words)


def _usual_pitch(lines: Sequence[Line]) -> float:
    """Return the distance between lines within paragraphs: the lower quartile, as gaps between them are larger."""
    pitches = [above.top - below.top for above, below in pairwise(lines) if _is_below(above, below)]
    return quantiles(pitches, n=4)[0] if len(pitches) > 1 else sum(pitches)


def _is_below(above: Line, below: Line) -> bool:
    return above.page == below.page and below.top < above.top and below.left < above.right and above.left < below.right


def _goes_on(above: Line, below: Line, pitch: float, widest: float) -> bool:
    if above.table or below.table:
        return (above.page, above.table) == (below.page, below.table)
    ended = bool(_SENTENCE_END.search(above.text))
    width = above.right - above.left
    if _is_below(above, below):
        most = min(pitch, (above.top - above.bottom) * _WIDEST_PITCH)
        return above.top - below.top <= most and not (ended and width < widest * _SHORT)
    return not ended and width >= widest * _SCRAP


def _join(lines: Sequence[Line], words: AbstractSet[str]) -> Paragraph:
    if lines[0].table:
        return Paragraph("\n".join(line.text for line in lines), {lines[0].page: 0})
    texts = [line.text for line in lines]
    for index in range(len(texts) - 1):
        if texts[index].endswith(_SOFT_HYPHEN) or _HYPHEN.search(texts[index]):
            texts[index] = _without_hyphen(texts[index], texts[index + 1], words) + _JOINED
    text = _in_one(texts)
    pages = {lines[0].page: 0}
    for index, line in enumerate(lines):
        if line.page not in pages:
            before = len(_in_one(texts[:index]))
            pages[line.page] = before + text[before:].startswith(" ")
    return Paragraph(mirror_brackets(text) if is_right_to_left(text) else text, pages)


def _in_one(texts: Sequence[str]) -> str:
    return join_lines(texts).replace(f"{_JOINED} ", "").replace(_JOINED, "").replace(_SOFT_HYPHEN, "")


def _words(lines: Sequence[Line]) -> frozenset[str]:
    """Return the words of a text, hyphens within them included."""
    return frozenset(word.casefold() for line in lines for word in _WORD.findall(line.text))


def _without_hyphen(line: str, below: str, words: AbstractSet[str]) -> str:
    """Return a line without the hyphen at its end, unless the hyphen belongs to the word that goes on below.

    What the text itself writes elsewhere decides; then numbers, names and first parts that make compounds.
    """
    if line.endswith(_SOFT_HYPHEN):
        return line[:-1]
    first, second = _LAST_PART.search(line[:-1]), _FIRST_PART.search(below)
    if first is None or second is None:
        return line
    before, after = first[0].casefold(), second[0].casefold()
    last_of_before = before.rpartition("-")[2]
    if f"{before}{after}" in words:
        return line[:-1]
    stays = (
        f"{before}-{after}" in words
        or not second[0][0].islower()
        or not last_of_before.isalpha()
        or last_of_before in load_word_list(__package__, "compounds.json")["first_parts"]
    )
    return line if stays else line[:-1]
