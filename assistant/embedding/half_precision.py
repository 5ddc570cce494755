"""Learnt tables as the package ships them: a compressed NumPy archive, in half precision."""

import io
from collections.abc import Mapping
from typing import Any

import numpy as np


def pack(tables: Mapping[str, Any]) -> bytes:
    """Return tables and what belongs to them as an archive; single precision becomes half."""
    arrays = {name: np.asarray(value) for name, value in tables.items()}
    halves = {name: array.astype(np.float16) for name, array in arrays.items() if array.dtype == np.float32}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **(arrays | halves))
    return buffer.getvalue()


def unpack(data: bytes) -> dict[str, Any]:
    """Read what `pack` wrote; half precision becomes single."""
    with np.load(io.BytesIO(data), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    return arrays | {name: array.astype(np.float32) for name, array in arrays.items() if array.dtype == np.float16}
