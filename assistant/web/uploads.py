"""Files that visitors upload: kept beside the store, under names that can do no harm."""

import hashlib
import logging
import os
import re
import tempfile
import unicodedata
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from fastapi import HTTPException, Request

from assistant.articles.registry import MAX_FILE_BYTES, SUPPORTED_SUFFIXES
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


async def receive_upload(request: Request, store: Path, name: str) -> Path:
    """Keep the body of a request as a file, and return its path.

    The same content under the same name is the same file, and another's is never overwritten.

    Raises:
        HTTPException: it is too large, of a format that no reader knows, or cannot be written.
    """
    safe = safe_name(name)
    if Path(safe).suffix.lower() not in SUPPORTED_SUFFIXES:
        raise HTTPException(415, f"its format is not known; known are {', '.join(SUPPORTED_SUFFIXES)}.")
    body = _body(request)
    try:
        return await _keep(body, _folder(store), safe)
    except OSError as error:
        log.warning("The upload %s could not be kept in %s (%s).", printable(safe), store, error.strerror)
        # Browsers hear of a refusal only when they have sent everything.
        async for _ in body:
            pass
        raise HTTPException(507, f"the server could not keep it ({error.strerror}): tell whoever runs it.") from error


async def _body(request: Request) -> AsyncIterator[bytes]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_FILE_BYTES:
            raise HTTPException(413, f"it is larger than {MAX_FILE_BYTES // 1024**2} MiB; split it.")
        yield chunk


async def _keep(body: AsyncIterator[bytes], folder: Path, name: str) -> Path:
    digest = hashlib.sha256()
    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as arriving:
        part = Path(arriving) / "part"
        with part.open("wb") as file:
            async for chunk in body:
                digest.update(chunk)
                file.write(chunk)
        path = folder / digest.hexdigest()[:16] / name
        path.parent.mkdir(exist_ok=True)
        part.replace(path)
    return path


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
