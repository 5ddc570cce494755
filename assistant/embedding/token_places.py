"""Where tokens lie in a text, in about one byte a token."""

import numpy as np
from numpy.typing import NDArray

_LENGTH_BITS = 6
_LONGEST = 2**_LENGTH_BITS - 1
_WIDEST = 2 ** (8 - _LENGTH_BITS) - 1
_ESCAPE = 255
"""Stands for a token whose gap or length does not fit; both follow behind."""


def pack_places(offsets: NDArray[np.int32]) -> bytes:
    """Return places as bytes: for each token its gap to the one before it and its length, few of them not in one byte.

    Args:
        offsets: First character of each token and the one behind its last, shape `(tokens, 2)`.

    Example:
        >>> len(pack_places(np.array([[0, 3], [4, 9], [9, 10]], np.int32)))
        3
    """
    gaps = np.diff(offsets[:, 0], prepend=np.int32(0)) if len(offsets) else np.empty(0, np.int32)
    lengths = offsets[:, 1] - offsets[:, 0]
    gaps[1:] -= lengths[:-1]
    fits = (gaps >= 0) & (gaps < _WIDEST) & (lengths >= 0) & (lengths < _LONGEST)
    packed = np.where(fits, (gaps << _LENGTH_BITS) | lengths, _ESCAPE).astype(np.uint8)
    return packed.tobytes() + np.stack((gaps[~fits], lengths[~fits])).astype("<i4").tobytes()


def unpack_places(data: bytes, tokens: int) -> NDArray[np.int32]:
    """Undo `pack_places`; raises `ValueError` where `data` holds not so many tokens."""
    packed = np.frombuffer(data, np.uint8, tokens)
    escaped = packed == _ESCAPE
    gaps, lengths = (packed >> _LENGTH_BITS).astype(np.int32), (packed & _LONGEST).astype(np.int32)
    if len(data) > tokens or escaped.any():
        gaps[escaped], lengths[escaped] = np.frombuffer(data, "<i4", offset=tokens).reshape(2, int(escaped.sum()))
    ends = np.cumsum(gaps + lengths, dtype=np.int32)
    return np.stack((ends - lengths, ends), axis=1)
