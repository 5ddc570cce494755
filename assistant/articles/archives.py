"""`open_archive`: a ZIP archive, as office documents and books are, that cannot unpack to more than is safe."""

import io
import shutil
import zipfile
import zlib

from assistant.articles.reading import problem

MOST_UNPACKED = 200 * 1024**2
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,  # NotImplementedError, for compression that Python does not know, is one
    ValueError,
)
"""What `zipfile` lets through when an archive is damaged."""

_PIECE = 64 * 1024
_ENCRYPTED = 0x1


def open_archive(content: bytes, source: str) -> dict[str, bytes]:
    """Return the parts of an archive by name, none longer than the archive says.

    Args:
        content: The whole file.
        source: For messages.

    Raises:
        ReadError: it is encrypted, or unpacks to more than `MOST_UNPACKED`.
        zipfile.BadZipFile: it is damaged; see `DAMAGE` for what else is raised then.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        if any(entry.flag_bits & _ENCRYPTED for entry in entries):
            raise problem(source, "it is encrypted; save it without a password.")
        if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
            raise problem(source, "it unpacks to more than {limit} MiB; split it.", limit=MOST_UNPACKED // 1024**2)
        return {name: _part(archive, name) for name in dict.fromkeys(archive.namelist()) if not name.endswith("/")}


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile(name)
    part = io.BytesIO()
    with archive.open(name) as packed:
        shutil.copyfileobj(packed, part, _PIECE)
    return part.getvalue()
