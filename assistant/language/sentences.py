"""`split_sentences`: where the sentences of a text begin and end."""

import re
from collections.abc import Iterator

import sentencex  # type: ignore[import-untyped]

from assistant.text.controls import without_surrogates

QUESTION_MARKS = ("?", "؟", "？")
"""The marks that end a question."""

# sentencex looks back over the whole text for every opening quote, so it gets stretches of so many characters. The text
# behind the last boundary of a stretch begins the next one.
_STRETCH = 5000
_LINE = re.compile(r"[^\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")

# Thai and Lao mark the end of a sentence, and other pauses, with a space; a piece shorter than this joins the next.
_SPACE_ENDS = {"lo", "th"}
_SHORTEST = 40
_PIECE = re.compile(rf"\S.{{{_SHORTEST - 1},}}?(?=\s|$)|\S.*", re.DOTALL)

# Languages that write "11." for "11th".
_ORDINAL_DOT = {"cs", "da", "de", "et", "fi", "hr", "hu", "is", "lv", "nb", "nn", "no", "sk", "sl", "sr", "tr"}
_ORDINAL = re.compile(r"(?:^|\s)\d{1,2}\.$")
# The number of a list item belongs to the item's sentence.
_LIST_NUMBER = re.compile(r"\d{1,3}\.")
_INITIAL = re.compile(r"(?:^|[\s(«“„\"'.-])[^\W\d_]\u064e?\.$")
_TITLE = re.compile(r"(?:^|\s)(?:Mrs?|Ms|Dr|Prof|St|vs|No|Nr|д-р|डॉ|प्रो)\.$", re.IGNORECASE)
_SHORT_WORD = re.compile(r"(?:^|[\s(.])[\w-]{1,4}\.$")


def split_sentences(text: str, language: str) -> list[tuple[int, int]]:
    """Return the sentences of `text` as pairs of offsets (first character, one behind the last).

    Sentences have no white space around them and cover all else; a line break always ends one. The work is done by
    sentencex (https://github.com/wikimedia/sentencex), with boundaries taken back behind initials, ordinal numbers and
    abbreviations that it does not know. Text that runs on for thousands of characters without a sentence mark is cut at
    white space.

    Args:
        text: Anything.
        language: BCP 47 code; "und" is treated as English.

    Example:
        >>> split_sentences("Mr. Fox left. Why?", "en")
        [(0, 13), (14, 18)]
    """
    return [
        (line.start() + start, line.start() + end)
        for line in _LINE.finditer(without_surrogates(text))
        for start, end in _split_line(line[0], language)
    ]


def _split_line(line: str, language: str) -> Iterator[tuple[int, int]]:
    for start, end in _pauses(line) if language in _SPACE_ENDS else _joined(line, language):
        piece = line[start:end]
        stripped = piece.strip()
        if stripped:
            first = start + len(piece) - len(piece.lstrip())
            yield first, first + len(stripped)


def _pauses(line: str) -> Iterator[tuple[int, int]]:
    return ((piece.start(), piece.end()) for piece in _PIECE.finditer(line))


def _boundaries(line: str, language: str) -> Iterator[tuple[int, int]]:
    """Yield sentencex's segments of a line; together they are the line."""
    code = "en" if language == "und" else language
    start = 0
    while start < len(line):
        stretch = line[start : start + _STRETCH]
        segments = sentencex.segment(code, stretch)
        if start + _STRETCH < len(line):
            segments = segments[:-1] or [stretch[: _last_space(stretch)]]
        for segment in segments:
            yield start, start + len(segment)
            start += len(segment)


def _last_space(stretch: str) -> int:
    """Return the offset behind the last whole word of a stretch, or its end if it is a single word."""
    pieces = stretch.rsplit(maxsplit=1)
    return len(pieces[0]) if len(pieces) == 2 else len(stretch)


def _joined(line: str, language: str) -> Iterator[tuple[int, int]]:
    """Join segments that were cut behind a dot that ends no sentence."""
    start = end = 0
    for segment_start, segment_end in _boundaries(line, language):
        if end > start and not _continues(line[max(start, end - 16) : end], line[segment_start:segment_end], language):
            yield start, end
            start = segment_start
        end = segment_end
    yield start, end


def _continues(before: str, after: str, language: str) -> bool:
    head, tail = before.rstrip(), after.lstrip()
    if not head.endswith(".") or not tail:
        return False
    if _LIST_NUMBER.fullmatch(head):
        return True
    if _INITIAL.search(head) or _TITLE.search(head) or (language in _ORDINAL_DOT and _ORDINAL.search(head)):
        return True
    return tail[0].islower() and _SHORT_WORD.search(head) is not None
