"""How hostile names, sources and article text are shown safely."""

import json
import re
import unicodedata
from typing import Any
from urllib.parse import urlsplit

_LONGEST = 200
_OBEYED = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\ud800-\udfff]")
# Folders may have spaces in their names; what ends a clause ends a path too.
_FOLDERS = re.compile(r"(?<![^\s(])/(?:[^/:;,()\s]+(?: [^/:;,()\s]+)*/)+")
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


def safe_json(document: Any) -> str:
    r"""Return a document as JSON, in which what a terminal or an editor would obey is written as JSON's own escapes.

    Example:
        >>> safe_json("one\u202e")
        '"one\\u202e"'
    """
    written = json.dumps(document, ensure_ascii=False, indent=2)
    return _OBEYED.sub(lambda match: f"\\u{ord(match[0]):04x}", written)


def link_of(source: str) -> str | None:
    """Return the source where it is a web address that is safe to link to, else None.

    Example:
        >>> link_of("https://example.org/a"), link_of("javascript:alert(1)"), link_of("/articles/a.txt")
        ('https://example.org/a', None, None)
    """
    try:
        parts = urlsplit(source)
    except ValueError:
        return None
    is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    return source if is_web and source.isprintable() and '"' not in source else None


def without_folders(source: str) -> str:
    """Return a web address as it is, and of a file its name alone: its folders are nobody's business elsewhere.

    Example:
        >>> without_folders("/srv/articles/report.pdf"), without_folders("https://example.org/a/b")
        ('report.pdf', 'https://example.org/a/b')
    """
    return source if link_of(source) else source.replace("\\", "/").rpartition("/")[2]


def without_paths(message: str) -> str:
    """Return a message in which files are named without the folders of the server that they lie in.

    Example:
        >>> without_paths("Cannot read /srv/models/a.gguf: see https://example.org/help/a.")
        'Cannot read a.gguf: see https://example.org/help/a.'
        >>> without_paths("Cannot write /srv/my store/store.sqlite (disk full): free the disk.")
        'Cannot write store.sqlite (disk full): free the disk.'
    """
    return _FOLDERS.sub("", message)


def _escaped(character: str) -> str:
    if character in _JOINERS or unicodedata.category(character) not in _UNSAFE:
        return character
    return character.encode("unicode_escape").decode("ascii")
