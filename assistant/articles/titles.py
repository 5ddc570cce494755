"""Titles: which of them say something, and how long one may be."""

import re
from pathlib import PurePath

LONGEST = 120
"""Characters of a title."""

_FIELD = re.compile(r"[^\W\d][^:：]{0,30}[:：]\s*\S.*")
_WRITTEN = re.compile(r"[\w\s.,'’()&-]+")
_SEPARATORS = re.compile(r"[\W_]+")
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


def title_from(text: str, source: str) -> str:
    r"""Return a title for a text that has none of its own.

    Its first line is one, unless it is too long for a headline or the first of several fields ("Phone: 0134"): then the
    name of the file is, if somebody has named it with words.

    Args:
        text: With at least one line that is not blank.
        source: A path or a URL.

    Example:
        >>> title_from("A headline\n\nThe story.", "/articles/a.txt")
        'A headline'
        >>> title_from("Phone: 0134\nOffice: room 2", "/people/Marta Lindqvist.txt")
        'Marta Lindqvist'
    """
    first, *others = [line for line in text.splitlines() if line.strip()]
    is_field = _FIELD.fullmatch(first.strip()) and others and _FIELD.fullmatch(others[0].strip())
    if "://" not in source and (len(first) > LONGEST or is_field):
        name = PurePath(source.partition("#")[0]).stem
        named = [word for word in _SEPARATORS.split(name) if word]
        if _WRITTEN.fullmatch(name) and sum(len(word) > 1 and word.isalpha() for word in named) > 1:
            return " ".join(named)
    return first


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
