"""`join_lines`: a wrapped paragraph back in one line."""

import unicodedata
from collections.abc import Iterable


def join_lines(lines: Iterable[str]) -> str:
    """Join the lines of one paragraph with spaces, except between characters that are written without any.

    Example:
        >>> join_lines(["The summit will be", "held in Moscow."]), join_lines(["峰会将在莫", "斯科举行。"])
        ('The summit will be held in Moscow.', '峰会将在莫斯科举行。')
    """
    text = ""
    for line in lines:
        stripped = line.strip()
        if not stripped:
            continue
        if text and not (_is_wide(text[-1]) and _is_wide(stripped[0])):
            text += " "
        text += stripped
    return text


def _is_wide(character: str) -> bool:
    """Whether it is Chinese or Japanese, or their punctuation: the rule of CSS Text 3, 4.1.3, for line breaks."""
    wide = unicodedata.east_asian_width(character) in ("W", "F")
    return wide and not unicodedata.name(character, "").startswith("HANGUL")
