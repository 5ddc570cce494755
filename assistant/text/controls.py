"""What a terminal, an editor or a browser would obey: control characters, bidi overrides and halves of characters."""

import json
import re
import unicodedata
from typing import Any

_LONGEST = 200
_SURROGATE = re.compile("[\ud800-\udfff]")
_OBEYED = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\ud800-\udfff]")
# Cc controls (with newlines), Cf formats (with the bidi overrides), Cs surrogates, Zl and Zp line ends.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Word-shaping characters that Persian, Urdu and Indic names need; alone they reorder and hide nothing.
_JOINERS = frozenset({"\u200c", "\u200d"})
# What right-to-left text is full of: marks and isolates order neighbours, and force no letter out of its order.
_TEXT_CONTROLS = frozenset("\n\t\u00ad\u061c\u200e\u200f\u2066\u2067\u2068\u2069")


def printable(name: object, longest: int = _LONGEST) -> str:
    r"""Return `name` as one line in which nothing can hide, reorder or move the cursor.

    Args:
        name: A path, URL or any text from outside.
        longest: Longer names keep their beginning and end around an ellipsis, at most this many characters.

    Example:
        >>> printable("invoice\u202etxt.exe\n")
        'invoice\\u202etxt.exe\\n'
    """
    shown = "".join(_escaped(character) for character in str(name))
    if len(shown) <= longest:
        return shown
    head = longest // 2
    return f"{shown[:head]}…{shown[head + 1 - longest :]}"


def printable_text(text: str) -> str:
    r"""Return running text, uncut, with its lines and direction marks, in which nothing can reorder or move the cursor.

    Example:
        >>> printable_text("one\ntwo\x1b[2J")
        'one\ntwo\\x1b[2J'
    """
    return "".join(character if character in _TEXT_CONTROLS else _escaped(character) for character in text)


def without_surrogates(text: str) -> str:
    r"""Return text with U+FFFD for each lone surrogate, which JSON can hold, and neither UTF-8 nor a tokenizer takes.

    Offsets stay.

    Example:
        >>> without_surrogates("one\ud800")
        'one\ufffd'
    """
    return _SURROGATE.sub("\ufffd", text)


def safe_json(document: Any) -> str:
    r"""Return a document as JSON, in which what a terminal or an editor would obey is written as JSON's own escapes.

    Example:
        >>> safe_json("one\u202e")
        '"one\\u202e"'
    """
    written = json.dumps(document, ensure_ascii=False, indent=2)
    return _OBEYED.sub(lambda match: f"\\u{ord(match[0]):04x}", written)


def _escaped(character: str) -> str:
    if character in _JOINERS or unicodedata.category(character) not in _UNSAFE:
        return character
    return character.encode("unicode_escape").decode("ascii")
