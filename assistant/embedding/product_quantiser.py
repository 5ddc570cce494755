"""`ProductQuantiser`: vectors as one byte for every few of their dimensions.

Source: Jégou et al., "Product Quantization for Nearest Neighbor Search", TPAMI 2011. A coarse codebook comes first
where there is one, and what it leaves is quantised, as in ColBERTv2 (arXiv 2112.01488).
"""

import io
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.encoder import Matrix, Vector

CODES = 256
"""What one byte can tell apart."""

_GAUSSIAN = np.array([0.1284, 0.3881, 0.6568, 0.9424, 1.2562, 1.6181, 2.0690, 2.7326], np.float32)
"""The positive half of the sixteen levels that lose least of a standard normal variable (Max, 1960)."""

_BLOCK = 128
"""So many vectors are multiplied at once."""

_SMALLEST = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Codebook:
    """What the token vectors of one embedding model look like once their passage's mean is subtracted.

    Attributes:
        model: Name of the embedding model it was learnt with.
        order: The codec's dimensions in the order in which they are cut into parts, shape `(dimension,)`.
        coarse: What is subtracted first, the nearest of them, in that order, shape `(256, dimension)`.
        parts: For each part what its bytes stand for, in vectors of unit length, shape `(parts, 256, width)`.
    """

    model: str
    order: NDArray[np.int16]
    coarse: Matrix
    parts: NDArray[np.float32]

    def to_bytes(self) -> bytes:
        """Return the codebook as a compressed NumPy archive, in half precision."""
        arrays = {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}
        halves = {name: array.astype(np.float16) for name, array in arrays.items() if array.dtype == np.float32}
        buffer = io.BytesIO()
        np.savez_compressed(buffer, allow_pickle=False, **(arrays | halves))
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Codebook":
        """Read what `to_bytes` wrote."""
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            coarse, parts = archive["coarse"].astype(np.float32), archive["parts"].astype(np.float32)
            return cls(str(archive["model"]), archive["order"], coarse, parts)


class ProductQuantiser:
    """Turns vectors into bytes and back.

    Args:
        parts: As in `Codebook`.
        coarse: As in `Codebook`; None where nothing is subtracted first.
        dimension: Length of a vector, where the parts have room for one dimension more.

    Attributes:
        dimension: Length of a vector.
        size: Bytes of a code.

    Example:
        >>> quantiser = scalar_quantiser(4)
        >>> codes, gains = quantiser.encode(np.array([[1, -1, 2, 0.5]], np.float32))
        >>> codes.shape, np.round(quantiser.decode(codes, gains), 1).tolist()
        ((1, 2), [[1.0, -1.0, 2.0, 0.5]])
    """

    def __init__(self, parts: NDArray[np.float32], coarse: Matrix | None = None, dimension: int | None = None) -> None:
        count, _, self._width = parts.shape
        self._room = count * self._width
        self.dimension = self._room if dimension is None else dimension
        self.size = count + (coarse is not None)
        self._coarse = coarse
        self._parts = parts
        self._half_squares = (parts**2).sum(axis=2) / 2
        self._flat = np.ascontiguousarray(parts.reshape(-1, self._width))
        self._firsts = np.arange(count) * CODES

    def encode(self, vectors: Matrix) -> tuple[NDArray[np.uint8], Vector]:
        """Return codes, shape `(vectors, size)`, and how long what they stand for is, shape `(vectors,)`."""
        codes = np.empty((len(vectors), self.size), np.uint8)
        rest = vectors
        if self._coarse is not None:
            nearest = (vectors @ self._coarse.T - (self._coarse**2).sum(axis=1) / 2).argmax(axis=1)
            codes[:, 0] = nearest
            rest = vectors - self._coarse[nearest]
        lengths = np.linalg.norm(rest, axis=1, keepdims=True)
        units = np.zeros((len(vectors), self._room), np.float32)
        units[:, : self.dimension] = rest / np.maximum(lengths, _SMALLEST)
        own = self._own(codes)
        for number, (part, half_squares) in enumerate(zip(self._parts, self._half_squares, strict=True)):
            at = units[:, number * self._width : (number + 1) * self._width]
            own[:, number] = (at @ part.T - half_squares).argmax(axis=1)
        # The length that leaves the smallest error.
        shapes = self._shapes(own)
        gains: Vector = lengths[:, 0] * (shapes * units).sum(axis=1) / np.maximum((shapes**2).sum(axis=1), _SMALLEST)
        return codes, gains

    def decode(self, codes: NDArray[np.uint8], gains: Vector) -> Matrix:
        """Undo `encode`, up to what the codes do not tell; shape `(vectors, dimension)`."""
        vectors = self._shapes(self._own(codes))[:, : self.dimension]
        vectors *= gains[:, None]
        if self._coarse is not None:
            vectors += self._coarse[codes[:, 0]]
        return vectors

    def products(self, codes: NDArray[np.uint8], gains: Vector, others: Matrix) -> Matrix:
        """Return the inner products of what codes stand for with other vectors, shape `(vectors, others)`."""
        found = np.empty((len(codes), len(others)), np.float32)
        padded = np.zeros((self._room, len(others)), np.float32)
        padded[: self.dimension] = others.T
        # A block's numbers stay in the processor's cache.
        for start in range(0, len(codes), _BLOCK):
            block = slice(start, start + _BLOCK)
            np.matmul(self._shapes(self._own(codes[block])), padded, out=found[block])
        found *= gains[:, None]
        if self._coarse is not None:
            found += (self._coarse @ others.T)[codes[:, 0]]
        return found

    def _own(self, codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return codes[:, self.size - len(self._parts) :]

    def _shapes(self, codes: NDArray[np.uint8]) -> Matrix:
        shapes: Matrix = np.take(self._flat, codes + self._firsts, axis=0).reshape(len(codes), self._room)
        return shapes


def scalar_quantiser(dimension: int) -> ProductQuantiser:
    """Return the quantiser of vectors of `dimension` numbers of which nothing is known: four bits a number."""
    levels = np.concatenate((-_GAUSSIAN[::-1], _GAUSSIAN)) / np.float32(np.sqrt(dimension))
    pairs = np.stack(np.meshgrid(levels, levels, indexing="ij"), axis=-1).reshape(CODES, 2)
    return ProductQuantiser(np.repeat(pairs[None], -(-dimension // 2), axis=0), dimension=dimension)
