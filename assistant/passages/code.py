"""Program code in a text: blocks of lines that are quoted together, because a single line says little."""

import re
from functools import lru_cache

from assistant.articles.article import CELL_SEPARATOR
from assistant.passages.passage import Span

SYMBOLS = 0.12
"""A line is code if at least this share of its characters are symbols of programs; prose has 0.02."""

MOST_LINES = 60
"""A longer block is a file, not an example."""

LONGEST_LINE = 160
"""A line of more characters is a paragraph, whatever symbols it has."""

_LINE = re.compile(r"^.*$", re.MULTILINE)
_SYMBOL = re.compile(r"[=(){}\[\]<>;_`\\/#$&*+@^~|]")
_NO_CODE = re.compile(r"^\s*[*+-] |https?://[^\s\"']*")
_RARE_IN_PROSE = re.compile(r"[={}\[\]<>;_`\\$|]")
_INDENTED = re.compile(r"(?: {2,}|\t)\S")
_SENTENCE_END = re.compile(r"[.!?:؟。！？：।]\W*$")


def code_block_of(text: str, span: Span) -> Span | None:
    r"""Return the block of program code that a part of a text lies in, or None where it lies in none.

    A block has at least two lines with many symbols. The lines beside them belong to it, across single blank lines, if
    they are indented, short with a symbol that is rare in prose, or no sentence ("import requests").

    Args:
        text: An article's text.
        span: A sentence of it.

    Example:
        >>> text = "An example:\n\nimport json\n\ndata = json.loads(text)\nprint(data[0])\n\nIt prints one."
        >>> code_block_of(text, Span(26, 50)).of(text)
        'import json\n\ndata = json.loads(text)\nprint(data[0])'
        >>> code_block_of(text, Span(68, 82)) is None
        True
    """
    return next((block for block in _blocks(text) if block.overlaps(span)), None)


@lru_cache(maxsize=64)
def _blocks(text: str) -> tuple[Span, ...]:
    found: list[Span] = []
    lines: list[Span] = []
    for match in _LINE.finditer(text):
        line = Span(*match.span())
        if not line.of(text).strip():
            is_gap = lines and text[lines[-1].end : line.end].count("\n") > 1
        else:
            is_gap = not _may_be_code(line.of(text))
            lines += [] if is_gap else [line]
        if is_gap:
            found += _block(text, lines)
            lines = []
    return tuple(found + _block(text, lines))


def _block(text: str, lines: list[Span]) -> list[Span]:
    code = [line for line in lines if _has_symbols(line.of(text))]
    if not 2 <= len(code) <= len(lines) <= MOST_LINES:
        return []
    return [Span(lines[0].start, lines[-1].end)]


def _has_symbols(line: str) -> bool:
    letters = "".join(_NO_CODE.sub("", line).split())
    return bool(letters) and len(_SYMBOL.findall(letters)) >= SYMBOLS * len(letters)


def _may_be_code(line: str) -> bool:
    """Return whether a line may belong to code: it has symbols, is indented, or is short and no sentence."""
    if CELL_SEPARATOR in line or len(line) > LONGEST_LINE:
        return False
    words = len(line.split())
    is_word = line.isascii() and words <= 4 and not _SENTENCE_END.search(line)
    is_short_code = words <= 8 and _RARE_IN_PROSE.search(_NO_CODE.sub("", line)) is not None
    return bool(_INDENTED.match(line)) or is_word or is_short_code or _has_symbols(line)
