"""`TokenCodec`: token vectors in few dimensions and one byte each, small enough to keep for every passage."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.encoder import Encoder, Encoding, Matrix, Vector
from assistant.embedding.hubness import Hubness
from assistant.embedding.language_statistics import load_statistics, statistics_digest
from assistant.errors import StoreError

FORMAT = 3
_HEADER = struct.Struct("<4sHHIf")
_MAGIC = b"TOKV"
_LEVELS = 127


@dataclass(frozen=True, slots=True)
class TokenVectors:
    """The token vectors of one passage.

    Attributes:
        vectors: Shape `(tokens, dimension)`, in the codec's dimensions, not normalised.
        token_ids: The vocabulary numbers, shape `(tokens,)`.
        offsets: Where each token lies in the passage's text: first character and the one behind the last, shape
            `(tokens, 2)`. Those of its article's title come first, then those of the header of the table that it begins
            within. Their places are negative, because they lie before the text.
    """

    vectors: Matrix
    token_ids: NDArray[np.int32]
    offsets: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """The token vectors of several passages, one passage after another, still compressed.

    A token's vector is its row of `levels` times its `steps`. Late interaction takes the small integers
    passage by passage and so never makes the whole floating-point copy, four times as large.

    Attributes:
        levels: For each passage, shape `(its tokens, dimension)`.
        steps: The size of one level for each token, shape `(tokens,)`.
        token_ids: The vocabulary numbers, shape `(tokens,)`.
        offsets: Where each token begins and ends in its passage's own text, shape `(tokens, 2)`.
        starts: Index of each passage's first token, and at the end the number of all tokens, shape `(passages + 1,)`.
        hubness: How readily each passage resembles questions that have nothing to do with it, shape `(passages,)`.
    """

    levels: tuple[NDArray[np.int8], ...]
    steps: NDArray[np.float32]
    token_ids: NDArray[np.int32]
    offsets: NDArray[np.int32]
    starts: NDArray[np.int64]
    hubness: NDArray[np.float32]


class TokenCodec:
    """Projects token vectors to their principal dimensions and rounds each to 255 levels of its own largest value.

    Args:
        name: What the store's fingerprint calls this codec.
        centre: What is subtracted first, shape `(encoder dimension,)`.
        components: Orthonormal columns to project on, shape `(encoder dimension, dimension)`; `None` keeps all.
        hubness: Computes a passage's hubness, which is stored with its tokens; `None` where nothing is known about it.

    Example:
        >>> codec = TokenCodec("plain", np.zeros(3, np.float32))
        >>> encoding = Encoding(np.eye(3, dtype=np.float32)[0], np.eye(3, dtype=np.float32)[:2],
        ...                     np.array([7, 8], np.int32), np.array([[0, 3], [4, 7]], np.int32))
        >>> codec.expand(codec.compress(encoding)).token_ids.tolist()
        [7, 8]
    """

    def __init__(
        self, name: str, centre: Vector, components: Matrix | None = None, hubness: Hubness | None = None
    ) -> None:
        self.version = f"{name}/{FORMAT}"
        self.dimension = len(centre) if components is None else components.shape[1]
        self._centre = centre
        self._components = components
        self._hubness = hubness

    def project(self, vectors: Matrix) -> Matrix:
        """Bring vectors of the encoder, shape `(…, encoder dimension)`, into the codec's dimensions."""
        centred: Matrix = vectors - self._centre
        return centred if self._components is None else centred @ self._components

    def compress(self, encoding: Encoding, title: Encoding | None = None) -> bytes:
        """Return token vectors, token ids and offsets as bytes: for each token one byte a dimension, and 16 more.

        Args:
            encoding: A passage. Tokens at negative places, before its text, are compared as those of the title are.
            title: The title of its article, if it has one.
        """
        vectors = self.project(encoding.tokens)
        hubness = self._hubness.of(vectors) if self._hubness else 0.0
        token_ids, offsets = encoding.token_ids, encoding.offsets
        if title is not None and len(title.token_ids):
            vectors = np.concatenate((self.project(title.tokens), vectors))
            token_ids = np.concatenate((title.token_ids, token_ids))
            before = title.offsets - title.offsets.max() - 1
            offsets = np.concatenate((before + offsets.min(initial=0), offsets))
        largest = np.abs(vectors).max(axis=1, initial=0.0)
        steps = np.maximum(largest / _LEVELS, np.finfo(np.float32).tiny).astype("<f4")
        levels = np.rint(vectors / steps[:, None]).astype(np.int8)
        return b"".join(
            (
                _HEADER.pack(_MAGIC, FORMAT, self.dimension, len(vectors), hubness),
                levels.tobytes(),
                steps.tobytes(),
                token_ids.astype("<i4").tobytes(),
                offsets.astype("<i4").tobytes(),
            )
        )

    def expand(self, data: bytes) -> TokenVectors:
        """Undo `compress`, up to rounding; raises `StoreError` where `data` is damaged or of another codec."""
        levels, steps, token_ids, offsets, _ = self._parts(data)
        return TokenVectors(levels.astype(np.float32) * steps[:, None], token_ids, offsets)

    def batch(self, blobs: Sequence[bytes]) -> TokenBatch:
        """Read several compressed passages at once; raises `StoreError` as `expand` does."""
        parts = [self._parts(data) for data in blobs]
        counts = [len(part[1]) for part in parts]
        return TokenBatch(
            levels=tuple(part[0] for part in parts),
            steps=np.concatenate([part[1] for part in parts]) if parts else np.empty(0, np.float32),
            token_ids=np.concatenate([part[2] for part in parts]) if parts else np.empty(0, np.int32),
            offsets=np.concatenate([part[3] for part in parts]) if parts else np.empty((0, 2), np.int32),
            starts=np.concatenate(([0], np.cumsum(counts, dtype=np.int64))),
            hubness=np.array([part[4] for part in parts], np.float32),
        )

    def _parts(
        self, data: bytes
    ) -> tuple[NDArray[np.int8], NDArray[np.float32], NDArray[np.int32], NDArray[np.int32], float]:
        if len(data) < _HEADER.size:
            raise StoreError(f"Token vectors of {len(data)} bytes are cut off: rebuild the store.")
        magic, form, dimension, count, hubness = _HEADER.unpack_from(data)
        if (magic, form, dimension) != (_MAGIC, FORMAT, self.dimension):
            raise StoreError(f"Token vectors are damaged or not of the codec {self.version}: rebuild the store.")
        if len(data) != _HEADER.size + count * (dimension + 16):
            raise StoreError(f"Token vectors of {len(data)} bytes are cut off: rebuild the store.")
        at = _HEADER.size
        levels = np.frombuffer(data, np.int8, count * dimension, at).reshape(count, dimension)
        at += count * dimension
        steps = np.frombuffer(data, "<f4", count, at)
        token_ids = np.frombuffer(data, "<i4", count, at + 4 * count)
        offsets = np.frombuffer(data, "<i4", 2 * count, at + 8 * count).reshape(count, 2)
        return levels, steps, token_ids, offsets, hubness


def load_codec(encoder: Encoder) -> TokenCodec:
    """Return the codec for `encoder`'s token vectors.

    The bundled model has shipped statistics: 256 principal dimensions of 384 are kept, because with 128 questions find
    less in other languages (`docs/retrieval.md`). Of any other model all dimensions are kept: a projection that was not
    measured may lose what matters.
    """
    statistics = load_statistics(encoder.name, encoder.dimension)
    if statistics is None:
        return TokenCodec(f"full-{encoder.dimension}", np.zeros(encoder.dimension, np.float32))
    name = f"principal-{statistics_digest()}"
    return TokenCodec(name, statistics.centre, statistics.components, Hubness(statistics))
