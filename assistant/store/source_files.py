"""Where articles came from: how the store writes sources down, and the files among them.

A path within the folder that the store's own folder lies in, commonly the project with its articles beside
`vectorstore/`, is kept relative to that folder and marked with `./`: move or rename the project and the next sync
still knows its files. Everything else is kept as it is: absolute paths, because a file outside the project does not
move along with it, and URLs.
"""

import errno
import hashlib
import os
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from assistant.articles.regular_files import MAX_FILE_BYTES, contents_of
from assistant.store.database import sound_rows

_RELATIVE = "./"
_CLOCK_TICK_NS = 2_000_000_000
_UNSETTLED = -1


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as it was when it was read. A table holds many articles, so a file may have many sources.

    Attributes:
        path: Absolute.
        size: In bytes.
        modified_ns: When it was last modified, in nanoseconds since 1970; -1 where that was too recent to rely on.
        digest: SHA-256 of its bytes, in hexadecimal digits.
    """

    path: str
    size: int
    modified_ns: int
    digest: str

    def looks_unchanged(self, path: Path) -> bool:
        """Return whether the file has the size and time it had, without reading it."""
        status = path.stat()
        return (status.st_size, status.st_mtime_ns) == (self.size, self.modified_ns)

    @classmethod
    def of(cls, path: Path) -> "SourceFile":
        """Read the file's size, time and digest.

        Raises:
            OSError: it cannot be read, may never end, or is larger than what is read as an article.
        """
        status = path.stat()
        if status.st_size > MAX_FILE_BYTES:
            raise OSError(errno.EFBIG, "it is larger than an article may be", str(path))
        digest = hashlib.sha256()
        for piece in contents_of(path):
            digest.update(piece)
        # A file written just now may be written again within one tick of the file system's clock.
        settled = status.st_mtime_ns < time.time_ns() - _CLOCK_TICK_NS
        return cls(str(path), status.st_size, status.st_mtime_ns if settled else _UNSETTLED, digest.hexdigest())


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What the store knows of a file.

    Attributes:
        file: The file as it was read; None where it has not been read to its end.
        articles: The ids of the articles read from it, by source.
    """

    file: SourceFile | None
    articles: dict[str, str]


class SourceNames:
    """How one store writes sources down: `kept` gives its form, and the SQL of `shown`, with `parameters`, the source.

    Args:
        folder: The store's folder, absolute and resolved.

    Attributes:
        parameters: What the SQL of `shown` refers to.

    Example:
        >>> names = SourceNames(Path("/home/mona/news/vectorstore"))
        >>> names.kept("/home/mona/news/seeds/a.txt")
        './seeds/a.txt'
        >>> names.kept("https://example.org/a")
        'https://example.org/a'
    """

    def __init__(self, folder: Path) -> None:
        parent = str(folder.parent)
        self._base = parent if parent.endswith(os.sep) else parent + os.sep
        self.parameters = {"base": self._base, "separator": os.sep}

    def kept(self, source: str) -> str:
        """Return the store's form of a source."""
        if not source.startswith(self._base):
            return source
        return _RELATIVE + source.removeprefix(self._base).replace(os.sep, "/")


def shown(column: str) -> str:
    """Return the SQL expression for the source that `column` keeps; it takes `SourceNames.parameters`."""
    return (
        f"CASE WHEN substr({column}, 1, 2) = '{_RELATIVE}' "
        f"THEN :base || replace(substr({column}, 3), '/', :separator) ELSE {column} END"
    )


_FILES = f"SELECT {shown('path')}, size, modified_ns, digest FROM origins"  # noqa: S608 - made of constants
_ARTICLES = (
    f"SELECT {shown('source')}, article_id, {shown('origin')} FROM sources "  # noqa: S608 - as above
    "WHERE origin IS NOT NULL ORDER BY number"
)


def known_files(connection: sqlite3.Connection, names: SourceNames) -> dict[str, KnownFile]:
    """Return every file that articles were read from, by path."""
    found: dict[str, KnownFile] = {}
    for path, size, modified_ns, digest in connection.execute(_FILES, names.parameters):
        found[path] = KnownFile(None if digest is None else SourceFile(path, size, modified_ns, digest), {})
    for source, article_id, path in connection.execute(_ARTICLES, names.parameters):
        with sound_rows(connection, "origins"):
            found[path].articles[source] = article_id
    return found


def article_of(connection: sqlite3.Connection, names: SourceNames, source: str) -> str | None:
    """Return the id of the article that `source` holds; None if it is unknown."""
    row = connection.execute("SELECT article_id FROM sources WHERE source = ?", (names.kept(source),)).fetchone()
    return None if row is None else str(row[0])
