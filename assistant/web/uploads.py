"""Files that visitors upload: kept beside the store, under names that can do no harm."""

import hashlib
import logging
import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from assistant.articles.registry import SUPPORTED_SUFFIXES
from assistant.articles.regular_files import MAX_FILE_BYTES
from assistant.errors import AssistantError
from assistant.text.controls import printable

FOLDER = "uploads"
_NAME_BYTES = 120
_HARMFUL = re.compile(r'[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff/\\:*?"<>|#]+')

log = logging.getLogger(__name__)


def safe_name(name: str) -> str:
    r"""Return a file name without folders, control characters, or anything a file system gives a meaning to.

    Example:
        >>> safe_name("../../etc/re\u202eport.pdf")
        'report.pdf'
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    cleaned = _HARMFUL.sub("", last).strip(". ")
    path = Path(cleaned or "upload")
    stem = path.stem.encode()[:_NAME_BYTES].decode(errors="ignore")
    return f"{stem}{path.suffix[:20]}"


class UploadError(AssistantError):
    """A file that a visitor brings cannot be kept."""


def keep_upload(received: Path, store: Path) -> Path:
    """Move a file that Gradio has received beside the store, and return where it is.

    The same content under the same name is the same file, and another's is never overwritten.

    Raises:
        UploadError: it is too large, of a format that no reader knows, or cannot be written. It is deleted.
    """
    try:
        safe = safe_name(received.name)
        if Path(safe).suffix.lower() not in SUPPORTED_SUFFIXES:
            raise UploadError("its format is not known; known are {known}.", known=", ".join(SUPPORTED_SUFFIXES))
        if received.stat().st_size > MAX_FILE_BYTES:
            raise UploadError("it is larger than {limit} MiB; split it.", limit=MAX_FILE_BYTES // 1024**2)
        with received.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
        path = _folder(store) / digest / safe
        path.parent.mkdir(exist_ok=True)
        _move(received, path)
    except OSError as error:
        log.warning("The upload %s could not be kept in %s (%s).", printable(received.name), store, error.strerror)
        raise UploadError(
            "the server could not keep it ({reason}): tell whoever runs it.", reason=error.strerror
        ) from error
    finally:
        received.unlink(missing_ok=True)
    return path


def _move(received: Path, path: Path) -> None:
    """Move a file, perhaps to another disk, so that nobody ever finds half of it."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".") as arriving:
        part = Path(arriving) / "part"
        shutil.copyfile(received, part)
        part.replace(path)


def forget_uploads(store: Path, sources: Iterable[str], kept: Iterable[str]) -> None:
    """Delete the uploaded files among some sources; others are left alone.

    Args:
        store: The store's folder.
        sources: Sources of articles that are gone or could not be read.
        kept: Sources of articles that stay: a table is one file of many articles.
    """
    folder = _folder(store)
    for path in _uploads(folder, sources) - _uploads(folder, kept):
        path.unlink(missing_ok=True)
        # The same content under another name lies there too.
        if path.parent.is_dir() and not any(path.parent.iterdir()):
            path.parent.rmdir()


def _uploads(folder: Path, sources: Iterable[str]) -> set[Path]:
    """Return the uploaded files among some sources; an article of a table is known as `FILE#NUMBER`."""
    beginning = f"{folder}{os.sep}"
    inside = (source.removeprefix(beginning).partition("#")[0] for source in sources if source.startswith(beginning))
    return {folder / digest / name for digest, _, name in (path.partition(os.sep) for path in inside) if name}


def _folder(store: Path) -> Path:
    folder = store.absolute() / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return folder
