"""`references`: lines of a text that only name a source, and answer nothing."""

import re
from functools import cache
from itertools import takewhile

from assistant.language.word_lists import load_word_list
from assistant.passages.passage import Span

# Longer lines are running text, whatever they end with.
_LONGEST = 500
_LINE = re.compile(r"[^\n]+")
_ADDRESS = re.compile(r"(?:\w{1,20}：)?<?(?:(?:https?://|www\.)\S+|(?:[\w-]+\.)+[^\W\d_]{2,}/\S*)", re.IGNORECASE)
_FOOTNOTE = re.compile(r"\[(?:\d{1,3}|[a-z*†‡])\][.:]?|[\^↑†‡¹²³⁴-⁹]+")
_LISTED = re.compile(r"\(\d{1,3}\)|\d{1,3}[.)]|[•*–—-]+")
_LINK = re.compile(r"\[[^\[\]]{1,80}\]\((?:https?://|www\.)[^\s()]+\)")
_ACCESSED = re.compile(r"\s\([^()]{1,40}\)\.?\Z")
_LABEL_WORDS = 4
_MOST_WORDS = 6


def references(text: str) -> list[Span]:
    r"""Return the lines of a text that are references, without the white space around them.

    These are bare web addresses, with a number or a label of a few words before them; footnotes that end with an
    address; a source named in the last lines; and the heading over such lines. A sentence that contains an address is
    no reference.

    Args:
        text: An article's text.

    Example:
        >>> text = "It rained.\n[1] Official source: https://example.org/rain\nRead https://example.org to learn more."
        >>> [span.of(text) for span in references(text)]
        ['[1] Official source: https://example.org/rain']
    """
    found: list[Span] = []
    is_last, is_below = True, False
    for line in reversed([_stripped(match) for match in _LINE.finditer(text) if not match[0].isspace()]):
        line_text = line.of(text)
        is_below = (
            is_reference(line_text)
            or (is_last and _names_source(line_text))
            or (is_below and _plain(line_text) in _words("headings"))
        )
        is_last = is_last and is_below
        if is_below:
            found.append(line)
    return found[::-1]


def is_reference(line: str) -> bool:
    """Return whether a line or sentence is only a web address, perhaps with its number and a label.

    Example:
        >>> is_reference("Source: https://example.org/a"), is_reference("See https://example.org/a for the summit.")
        (True, False)
    """
    if len(line) > _LONGEST:
        return False
    words = _ACCESSED.sub("", line.strip()).split()
    marks = list(takewhile(lambda word: _FOOTNOTE.fullmatch(word) or _LISTED.fullmatch(word), words))
    is_footnote = any(map(_FOOTNOTE.fullmatch, marks))
    rest = words[len(marks) :]
    if not rest:
        return bool(marks) and all(mark.startswith("[") for mark in marks)
    if _LINK.fullmatch(" ".join(rest)):
        return True
    label_words = len(rest) - sum(1 for _ in takewhile(_ADDRESS.fullmatch, reversed(rest)))
    is_label = label_words <= _LABEL_WORDS and rest[label_words - 1].endswith((":", "："))
    return label_words < len(rest) and (label_words == 0 or is_footnote or is_label)


def _names_source(line: str) -> bool:
    label, colon, named = line.replace("：", ":").partition(":")
    is_short = 0 < len(named.split()) <= _MOST_WORDS and not named.rstrip().endswith((".", "!", "?", "؟", "。"))
    return bool(colon) and is_short and _plain(label) in _words("sources")


def _stripped(match: re.Match[str]) -> Span:
    start = match.start() + len(match[0]) - len(match[0].lstrip())
    return Span(start, start + len(match[0].strip()))


def _plain(label: str) -> str:
    return " ".join(label.strip(" \t:：.#*=").casefold().split())


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(load_word_list(__package__, "reference_words.json")[kind])
