"""`SourceNames`: how a store writes down where its articles came from."""

import os
from pathlib import Path

_RELATIVE = "./"


class SourceNames:
    """Translates sources between what callers see (absolute paths, URLs) and what the store keeps.

    A path within the folder that the store's own folder lies in, commonly the project with its articles beside
    `vectorstore/`, is kept relative to that folder and marked with `./`: move or rename the project and the next sync
    still knows its files. Everything else is kept as it is: absolute paths, because a file outside the project does
    not move along with it, and URLs.

    Args:
        folder: The store's folder, absolute and resolved.

    Example:
        >>> names = SourceNames(Path("/home/mona/news/vectorstore"))
        >>> names.kept("/home/mona/news/seeds/a.txt")
        './seeds/a.txt'
        >>> names.shown("./seeds/a.txt")
        '/home/mona/news/seeds/a.txt'
        >>> names.kept("https://example.org/a")
        'https://example.org/a'
    """

    def __init__(self, folder: Path) -> None:
        parent = str(folder.parent)
        self.base = parent if parent.endswith(os.sep) else parent + os.sep

    def kept(self, source: str) -> str:
        """Return the store's form of a source."""
        if not source.startswith(self.base):
            return source
        return _RELATIVE + source.removeprefix(self.base).replace(os.sep, "/")

    def shown(self, kept: str) -> str:
        """Return the source that the store keeps as `kept`."""
        if not kept.startswith(_RELATIVE):
            return kept
        return self.base + kept.removeprefix(_RELATIVE).replace("/", os.sep)
