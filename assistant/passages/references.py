"""`references`: lines of a text that only name where something comes from, and answer nothing."""

import re
from functools import cache
from itertools import takewhile

from assistant.language.word_lists import load_word_list
from assistant.passages.passage import Span

# Longer lines say something, whatever they end with.
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
    address; a source named in the last lines; and the heading over such lines. A sentence with an address in it is
    none.

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
        said = line.of(text)
        is_below = (
            is_reference(said) or (is_last and _names_source(said)) or (is_below and _plain(said) in _words("headings"))
        )
        is_last = is_last and is_below
        if is_below:
            found.append(line)
    return found[::-1]


def is_reference(line: str) -> bool:
    """Return whether a line or sentence is nothing but a web address, with what numbers and names it.

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
    said = len(rest) - sum(1 for _ in takewhile(_ADDRESS.fullmatch, reversed(rest)))
    is_label = said <= _LABEL_WORDS and rest[said - 1].endswith((":", "："))
    return said < len(rest) and (said == 0 or is_footnote or is_label)


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
