"""Where a text comes from, shown without the folders of the machine and linked only where that is safe."""

import re
from pathlib import Path
from urllib.parse import urlsplit

# Folders may have spaces in their names; what ends a clause ends a path too.
_FOLDERS = re.compile(r"(?<![^\s(])/(?:[^/:;,()\s]+(?: [^/:;,()\s]+)*/)+")

_DATABASE = re.compile(r"\bpostgres(?:ql)?://\S*[^\s:;,().]")


def is_url(source: str | Path) -> bool:
    """Return whether `source` is a URL rather than a path; its scheme may yet be one that is refused."""
    return isinstance(source, str) and "://" in source


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
    """Return a message in which files are named without the folders of the server that they lie in, nor a database.

    Example:
        >>> without_paths("Cannot read /srv/models/a.gguf: see https://example.org/help/a.")
        'Cannot read a.gguf: see https://example.org/help/a.'
        >>> without_paths("Cannot write /srv/my store/store.sqlite (disk full): free the disk.")
        'Cannot write store.sqlite (disk full): free the disk.'
        >>> without_paths("The store postgresql://mona:***@db.example/news has been closed.")
        'The store PostgreSQL has been closed.'
    """
    return _FOLDERS.sub("", _DATABASE.sub("PostgreSQL", message))
