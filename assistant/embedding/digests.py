"""SHA-256 digests of files."""

import hashlib
from pathlib import Path


def sha256_of(path: Path) -> str:
    """Return the digest of one file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def short_digest(paths: list[Path]) -> str:
    """Return 16 hexadecimal digits that change when the content of any of the files does."""
    return hashlib.sha256("".join(map(sha256_of, paths)).encode("ascii")).hexdigest()[:16]
