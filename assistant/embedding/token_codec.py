"""`TokenCodec`: token vectors in a sixth of their size, small enough to keep for every passage.

A passage's tokens share much: half of their squared length is its mean, and a word that comes again says nearly the
same, but for what its sentence adds. So the means of the passage and of its sentences are kept, what is left of tokens
that are nearly alike is kept once (Clavié et al., arXiv 2409.14683), and all but the passage's mean is
product-quantised.
"""

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.encoder import Encoder, Encoding, Matrix, Vector
from assistant.embedding.hubness import Hubness
from assistant.embedding.language_statistics import LanguageStatistics, load_statistics, statistics_digest
from assistant.embedding.product_quantiser import Codebook, ProductQuantiser, scalar_quantiser
from assistant.embedding.token_places import pack_places, unpack_places
from assistant.errors import StoreError

FORMAT = 5

CODEBOOK = "token_codebook.npz"

ALIKE = 0.88
"""Cosine from which two tokens of a passage are kept as one, were they in one sentence."""

_HEADER = struct.Struct("<4sHHIIIfffff")
_MAGIC = b"TOKV"
_LEVELS = 127
_BYTE = 255
_SMALLEST = 1e-6


@dataclass(frozen=True, slots=True)
class TokenVectors:
    """The token vectors of one passage.

    Attributes:
        vectors: Shape `(tokens, dimension)`, in the codec's dimensions, of unit length. Where the codec knows the mean
            of the passage's language, it has been subtracted.
        weights: How much each token says (inverse document frequency), shape `(tokens,)`.
        offsets: Where each token lies in the passage's text: first character and the one behind the last, shape
            `(tokens, 2)`. Those of its article's title come first, then those of the header of the table that it begins
            within; they lie before the text: their places are negative.
    """

    vectors: Matrix
    weights: Vector
    offsets: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """The token vectors of several passages, one behind the other and still compressed.

    A token's vector is the sum of its passage's mean and of two coded vectors, which it shares with other tokens: what
    its segment (its article's title or a sentence) adds to that, and what is left.

    Attributes:
        quantiser: What made the codes.
        means: Of each passage, shape `(passages, dimension)`.
        codes: The coded vectors, shape `(coded, bytes)`.
        gains: The lengths that belong to the codes, shape `(coded,)`.
        segment: Which of the coded vectors is that of each token's segment, shape `(tokens,)`.
        rest: Which of them is what is left of each token, shape `(tokens,)`.
        lengths: How long each token's vector is, shape `(tokens,)`.
        offsets: Places in each passage's own text, shape `(tokens, 2)`.
        starts: Where each passage begins, and the number of all tokens behind the last, shape `(passages + 1,)`.
        hubness: How readily each passage resembles questions that have nothing to do with it, shape `(passages,)`.
    """

    quantiser: ProductQuantiser
    means: Matrix
    codes: NDArray[np.uint8]
    gains: Vector
    segment: NDArray[np.int64]
    rest: NDArray[np.int64]
    lengths: Vector
    offsets: NDArray[np.int32]
    starts: NDArray[np.int64]
    hubness: NDArray[np.float32]

    def products(self, others: Matrix) -> Matrix:
        """Return the inner products of all tokens with other vectors, shape `(tokens, others)`."""
        coded = self.quantiser.products(self.codes, self.gains, others)
        found = coded[self.segment]
        found += coded[self.rest]
        found += np.repeat(self.means @ others.T, np.diff(self.starts), axis=0)
        return found


@dataclass(frozen=True, slots=True)
class _Passage:
    """A compressed passage taken apart; see `TokenBatch`."""

    mean: Vector
    codes: NDArray[np.uint8]
    gains: Vector
    segment: NDArray[np.int64]
    rest: NDArray[np.int64]
    lengths: Vector
    weights: Vector
    offsets: NDArray[np.int32]
    hubness: float


class TokenCodec:
    """Projects token vectors, takes out what their language and their passage have in common, and quantises the rest.

    Args:
        name: What the store's fingerprint calls this codec.
        centre: What is subtracted first, shape `(encoder dimension,)`.
        components: Orthonormal columns to project on, shape `(encoder dimension, dimension)`; `None` keeps all.
        quantiser: Of vectors in the codec's dimensions; by default one that knows nothing of them.
        statistics: Say what a language's token vectors have in common and what a token says, if they are known.
        hubness: Tells a passage's hubness, which is kept with its tokens; `None` where nothing is known about it.

    Example:
        >>> codec = TokenCodec("plain", np.zeros(3, np.float32))
        >>> one = Encoding(np.eye(3, dtype=np.float32)[0], np.eye(3, dtype=np.float32)[:2],
        ...                np.array([7, 8], np.int32), np.array([[0, 3], [4, 7]], np.int32))
        >>> codec.expand(codec.compress(one)).offsets.tolist()
        [[0, 3], [4, 7]]
    """

    def __init__(
        self,
        name: str,
        centre: Vector,
        components: Matrix | None = None,
        *,
        quantiser: ProductQuantiser | None = None,
        statistics: LanguageStatistics | None = None,
        hubness: Hubness | None = None,
    ) -> None:
        self.version = f"{name}/{FORMAT}"
        self.dimension = len(centre) if components is None else components.shape[1]
        self._centre = centre
        self._components = components
        self._quantiser = quantiser or scalar_quantiser(self.dimension)
        self._statistics = statistics
        self._means = None if statistics is None else self.project(statistics.passage_tokens)
        self._hubness = hubness

    def project(self, vectors: Matrix) -> Matrix:
        """Bring vectors of the encoder, shape `(…, encoder dimension)`, into the codec's dimensions."""
        centred: Matrix = vectors - self._centre
        return centred if self._components is None else centred @ self._components

    def exact(self, encoding: Encoding, language: str) -> TokenVectors:
        """Return the token vectors of a text in `language` that states something, before they are compressed."""
        vectors = self.project(encoding.tokens)
        if self._statistics is None or self._means is None:
            return TokenVectors(_unit(vectors), np.ones(len(vectors), np.float32), encoding.offsets)
        centred = vectors - self._statistics.mean(self._means, language)
        return TokenVectors(_unit(centred), self._statistics.weights(encoding.token_ids), encoding.offsets)

    def compress(
        self,
        encoding: Encoding,
        language: str = "und",
        title: Encoding | None = None,
        sentences: Sequence[int] = (),
    ) -> bytes:
        """Return token vectors, weights and places as bytes.

        Args:
            encoding: A passage. What stands before its text, at negative places, is compared as its title is.
            language: BCP 47 code of the passage.
            title: The title of its article, if it has one.
            sentences: The characters of its text at which its sentences begin, ascending.
        """
        own = self.exact(encoding, language)
        hubness = self._hubness.of(self.project(encoding.tokens)) if self._hubness else 0.0
        vectors, weights, offsets = own.vectors, own.weights, own.offsets
        mean = vectors.mean(axis=0) if len(vectors) else np.zeros(self.dimension, np.float32)
        if title is not None and len(title.token_ids):
            named = self.exact(title, language)
            vectors = np.concatenate((named.vectors, vectors))
            weights = np.concatenate((named.weights, weights))
            before = named.offsets - named.offsets.max() - 1
            offsets = np.concatenate((before + offsets.min(initial=0), offsets))
        mean_step = np.maximum(np.abs(mean).max(initial=0.0) / _LEVELS, _SMALLEST)
        levels = np.rint(mean / mean_step).astype(np.int8)
        vectors = vectors - levels * np.float32(mean_step)
        # As scoring has it, a token belongs to the sentence that it ends in.
        segment = np.searchsorted(
            np.array([1, *(start + 1 for start in sentences if start > 0)]), offsets[:, 1], "right"
        )
        segment = np.unique(np.maximum.accumulate(segment), return_inverse=True)[1]
        base_codes, base_gains = self._quantiser.encode(_means(vectors, segment))
        bases = self._quantiser.decode(base_codes, base_gains)
        vectors -= bases[segment]
        rest = _alike(vectors)
        rest_codes, rest_gains = self._quantiser.encode(_means(vectors, rest))
        rests = self._quantiser.decode(rest_codes, rest_gains)
        lengths = np.linalg.norm(levels * np.float32(mean_step) + bases[segment] + rests[rest], axis=1)
        codes, gains = np.concatenate((base_codes, rest_codes)), np.concatenate((base_gains, rest_gains))
        steps = [mean_step, *(max(float(one.max(initial=0.0)) / _BYTE, _SMALLEST) for one in (gains, lengths, weights))]
        return b"".join(
            (
                _HEADER.pack(
                    _MAGIC, FORMAT, self.dimension, len(vectors), len(base_codes), len(rest_codes), hubness, *steps
                ),
                levels.tobytes(),
                codes.tobytes(),
                np.rint(np.maximum(gains, 0) / steps[1]).astype(np.uint8).tobytes(),
                np.bincount(segment, minlength=len(base_codes)).astype("<u2").tobytes(),
                rest.astype(_index_type(len(rest_codes))).tobytes(),
                np.rint(lengths / steps[2]).astype(np.uint8).tobytes(),
                np.rint(weights / steps[3]).astype(np.uint8).tobytes(),
                pack_places(offsets.astype(np.int32)),
            )
        )

    def expand(self, data: bytes) -> TokenVectors:
        """Undo `compress`, up to what is lost; raises `StoreError` where `data` is damaged or of another codec."""
        one = self._parts(data)
        coded = self._quantiser.decode(one.codes, one.gains)
        return TokenVectors(_unit(one.mean + coded[one.segment] + coded[one.rest]), one.weights, one.offsets)

    def batch(self, blobs: Sequence[bytes]) -> TokenBatch:
        """Read several compressed passages at once; raises `StoreError` as `expand` does."""
        parts = [self._parts(data) for data in blobs]
        firsts = np.cumsum([0, *(len(one.codes) for one in parts)])
        counts = [len(one.offsets) for one in parts]
        before = np.repeat(firsts[:-1], counts)
        empty = np.empty(0, np.int64)
        return TokenBatch(
            quantiser=self._quantiser,
            means=np.array([one.mean for one in parts], np.float32).reshape(-1, self.dimension),
            codes=np.concatenate([np.empty((0, self._quantiser.size), np.uint8), *(one.codes for one in parts)]),
            gains=np.concatenate([np.empty(0, np.float32), *(one.gains for one in parts)]),
            segment=np.concatenate([empty, *(one.segment for one in parts)]) + before,
            rest=np.concatenate([empty, *(one.rest for one in parts)]) + before,
            lengths=np.concatenate([np.empty(0, np.float32), *(one.lengths for one in parts)]),
            offsets=np.concatenate([np.empty((0, 2), np.int32), *(one.offsets for one in parts)]),
            starts=np.concatenate(([0], np.cumsum(counts, dtype=np.int64))),
            hubness=np.array([one.hubness for one in parts], np.float32),
        )

    def _parts(self, data: bytes) -> _Passage:
        try:
            magic, form, dimension, tokens, segments, rests, hubness, *steps = _HEADER.unpack_from(data)
            if (magic, form, dimension) != (_MAGIC, FORMAT, self.dimension):
                raise StoreError(f"Token vectors are damaged or not of the codec {self.version}: rebuild the store.")
            at = _HEADER.size

            def take(kind: str, count: int) -> NDArray[Any]:
                nonlocal at
                found = np.frombuffer(data, kind, count, at)
                at += found.nbytes
                return found

            mean_step, gain_step, length_step, weight_step = map(np.float32, steps)
            coded = segments + rests
            mean = take("i1", dimension) * mean_step
            codes = take("u1", coded * self._quantiser.size).reshape(coded, self._quantiser.size)
            gains = take("u1", coded) * gain_step
            segment = np.repeat(np.arange(segments), take("<u2", segments))
            rest = take(_index_type(rests), tokens).astype(np.int64) + segments
            lengths = take("u1", tokens) * length_step
            weights = take("u1", tokens) * weight_step
            offsets = unpack_places(data[at:], tokens)
        except (struct.error, ValueError) as error:
            raise StoreError(f"Token vectors of {len(data)} bytes are cut off: rebuild the store.") from error
        if len(segment) != tokens or (tokens and int(rest.max()) >= coded):
            raise StoreError("Token vectors are damaged: rebuild the store.")
        return _Passage(mean, codes, gains, segment, rest, lengths, weights, offsets, hubness)


def _alike(rests: Matrix) -> NDArray[np.int64]:
    """Number what is left of tokens, shape `(tokens,)`; the first of those that are nearly alike gathers the others."""
    squares = (rests**2).sum(axis=1)
    # Between vectors of unit length this is the cosine.
    alike = 1 - (squares[:, None] + squares - 2 * (rests @ rests.T)) / 2 >= ALIKE
    np.fill_diagonal(alike, val=True)
    numbers = np.full(len(rests), -1)
    different = 0
    for token in range(len(rests)):
        if numbers[token] < 0:
            numbers[alike[token] & (numbers < 0)] = different
            different += 1
    return numbers


def _means(vectors: Matrix, group: NDArray[np.int64]) -> Matrix:
    """Return the mean vector of each group, shape `(groups, dimension)`."""
    counts = np.bincount(group)
    sums = np.zeros((len(counts), vectors.shape[1]), np.float32)
    np.add.at(sums, group, vectors)
    means: Matrix = (sums / counts[:, None]).astype(np.float32)
    return means


def _index_type(different: int) -> str:
    return "u1" if different <= _BYTE + 1 else "<u2"


def _unit(vectors: Matrix) -> Matrix:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Matrix = (vectors / np.maximum(lengths, _SMALLEST)).astype(np.float32, copy=False)
    return scaled


@cache
def _shipped_codebook() -> tuple[Codebook, str]:
    data = resources.files(__package__).joinpath(CODEBOOK).read_bytes()
    return Codebook.from_bytes(data), hashlib.sha256(data).hexdigest()[:12]


def load_codec(encoder: Encoder) -> TokenCodec:
    """Return the codec for `encoder`'s token vectors.

    The bundled model has shipped statistics: 256 principal dimensions of 384 are kept, because with 128 questions find
    less in other languages (`docs/retrieval.md`), and a codebook of what they look like. Of any other model all
    dimensions are kept, with four bits each: what was not measured may lose what matters.
    """
    statistics = load_statistics(encoder.name, encoder.dimension)
    if statistics is None:
        return TokenCodec(f"full-{encoder.dimension}", np.zeros(encoder.dimension, np.float32))
    codebook, digest = _shipped_codebook()
    # In the codebook's order of dimensions nothing has to be put in order when it is read.
    ordered = replace(statistics, usual_tokens=statistics.usual_tokens[:, codebook.order])
    return TokenCodec(
        f"principal-{statistics_digest()}-{digest}",
        statistics.centre,
        statistics.components[:, codebook.order],
        quantiser=ProductQuantiser(codebook.parts, codebook.coarse),
        statistics=statistics,
        hubness=Hubness(ordered),
    )
