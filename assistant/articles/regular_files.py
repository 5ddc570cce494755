"""`contents_of`: the bytes of a file in a folder of articles, which may hold what is no file, or has no end."""

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

MAX_FILE_BYTES = 50 * 1024 * 1024

_PIECE = 1024 * 1024
# Where the system knows them: without these, opening a pipe waits for a writer, and reading from the kernel for news.
_FLAGS = sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_BINARY", "O_CLOEXEC"))


def contents_of(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, in pieces, and no more than one beyond `MAX_FILE_BYTES`.

    Raises:
        OSError: it cannot be read, is no regular file, or would have to be waited for.

    Example:
        >>> sum(map(len, contents_of(Path("/dev/zero"))))
        Traceback (most recent call last):
        OSError: [Errno 22] it is not a regular file: '/dev/zero'
    """
    _refuse_others(path, path.stat())
    with open(path, "rb", buffering=0, opener=_open) as file:
        _refuse_others(path, os.fstat(file.fileno()))
        left = MAX_FILE_BYTES + 1
        while left:
            piece = file.read(min(_PIECE, left))
            if piece is None:
                raise BlockingIOError(errno.EAGAIN, "it gives nothing now", str(path))
            if not piece:
                return
            left -= len(piece)
            yield piece


def _refuse_others(path: Path, status: os.stat_result) -> None:
    # A folder's own error comes from opening it.
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))


def _open(path: str, flags: int) -> int:
    return os.open(path, flags | _FLAGS)
