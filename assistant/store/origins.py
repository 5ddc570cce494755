"""`Origin`: a file that articles were read from, and how to tell cheaply that it is still the same."""

import errno
import hashlib
import stat
import time
from dataclasses import dataclass
from pathlib import Path

_CLOCK_TICK_NS = 2_000_000_000
_UNSETTLED = -1


@dataclass(frozen=True, slots=True)
class Origin:
    """A file as it was when it was read. A table holds many articles, so an origin may have many sources.

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
    def of(cls, path: Path) -> "Origin":
        """Read the file's size, time and digest; raises `OSError`, also for pipes and devices, which may never end."""
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        # A file written just now may be written again within one tick of the file system's clock.
        settled = status.st_mtime_ns < time.time_ns() - _CLOCK_TICK_NS
        return cls(str(path), status.st_size, status.st_mtime_ns if settled else _UNSETTLED, digest)


@dataclass(frozen=True, slots=True)
class OriginState:
    """What the store knows of a file.

    Attributes:
        origin: The file as it was read; None where it has not been read to its end.
        articles: The ids of the articles read from it, by source.
    """

    origin: Origin | None
    articles: dict[str, str]
