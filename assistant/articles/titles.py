"""Titles: which of them say something, and how long one may be."""

import re

_PLACEHOLDER = re.compile(
    r"untitled.*|word document|microsoft (word|powerpoint|excel) - .*|(document|slide|presentation|book) ?\d*"
    r"|about:blank|.*\.(docx?|odt|rtf|pdf|tex|dvi|indd|qxd|pptx?|xlsx?|html?|txt)",
    re.IGNORECASE,
)


def unless_placeholder(title: str) -> str:
    """Return `title`, or nothing if a program wrote it there in its author's stead.

    Example:
        >>> unless_placeholder("The summit"), unless_placeholder("Microsoft Word - draft2.doc")
        ('The summit', '')
    """
    return "" if _PLACEHOLDER.fullmatch(title.strip()) else title


def shorten(text: str, longest: int) -> str:
    """Return `text` cut to at most `longest` characters, at a word's end where there is one, with an ellipsis.

    Example:
        >>> shorten("The summit will be held in Moscow", 20)
        'The summit will be…'
    """
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    at_word = cut.rpartition(" ")[0]
    return (at_word if len(at_word) >= longest // 2 else cut).rstrip(" ,;:،؛-–") + "…"
