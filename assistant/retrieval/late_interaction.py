"""Late interaction: every token of one text looks for its best counterpart in another, whatever languages they are in.

Source: Khattab and Zaharia, "ColBERT", arXiv 2004.12832 (MaxSim). Here the model's own tokens are compared after each
language's mean token vector has been subtracted, and count by their inverse document frequency. Questions, whose tokens
a linear map adapts, are compared with candidate passages by it, and claims with the sentences that may support them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.encoder import Encoding, Matrix, Vector
from assistant.embedding.language_statistics import LanguageStatistics
from assistant.embedding.question_adapter import QuestionAdapter
from assistant.embedding.token_codec import TokenBatch, TokenCodec, TokenVectors
from assistant.passages.passage import Span

_SMALLEST = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """The tokens of one text, ready for comparison.

    Attributes:
        vectors: Centred, of unit length, in the codec's dimensions, shape `(tokens, dimension)`.
        weights: How much each says (inverse document frequency), shape `(tokens,)`.
        offsets: Where each lies in the text, shape `(tokens, 2)`.
    """

    vectors: Matrix
    weights: Vector
    offsets: NDArray[np.int32]

    @property
    def shares(self) -> Vector:
        """How much of the text's weight each token has; they sum to 1 unless no token says anything."""
        shares: Vector = self.weights / max(float(self.weights.sum()), _SMALLEST)
        return shares

    def chosen(self, which: NDArray[np.bool_]) -> "Tokens":
        """Return only the tokens that `which`, of shape `(tokens,)`, is true for."""
        return Tokens(self.vectors[which], self.weights[which], self.offsets[which])

    def within(self, start: int, end: int) -> "Tokens":
        """Return the tokens of the part of the text from `start` to `end`, with their places in that part."""
        part = self.chosen(self.lie_in(Span(start, end)))
        return replace(part, offsets=np.clip(part.offsets - start, 0, end - start))

    def lie_in(self, part: Span) -> NDArray[np.bool_]:
        """Return which tokens lie in a part of the text, or reach into it."""
        lying: NDArray[np.bool_] = (self.offsets[:, 0] < part.end) & (self.offsets[:, 1] > part.start)
        return lying

    def lessened(self, which: NDArray[np.bool_], share: float) -> "Tokens":
        """Return the same tokens, those that `which` is true for with only a `share` of their weight."""
        return replace(self, weights=np.where(which, share, 1.0).astype(np.float32) * self.weights)


@dataclass(frozen=True, slots=True)
class Centres:
    """What is subtracted from the tokens of each passage.

    Attributes:
        vectors: The different centres, shape `(centres, dimension)`.
        of_passage: Which of them is each passage's, shape `(passages,)`.
    """

    vectors: Matrix
    of_passage: NDArray[np.int64]


class LanguageCentring:
    """Takes out of vectors what they only say about their text's language.

    Args:
        statistics: The mean vectors of languages under the embedding model. Without them the mean of the texts at hand
            stands for every language, and all tokens of a text count alike.
        codec: Gives the dimensions that token vectors are compared in.
        adapter: Brings questions nearer to what answers them, where it was learnt for these statistics.
    """

    def __init__(
        self, statistics: LanguageStatistics | None, codec: TokenCodec, adapter: QuestionAdapter | None = None
    ) -> None:
        self._statistics = statistics
        self._codec = codec
        self._adapter = adapter
        if statistics is not None:
            differences = statistics.passages - statistics.passages.mean(axis=0)
            _, strengths, directions = np.linalg.svd(differences, full_matrices=False)
            self._directions = directions[strengths > _SMALLEST]
            self._question_means = codec.project(statistics.question_tokens)
            self._passage_means = codec.project(statistics.passage_tokens)

    def neutral(self, pooled: Vector, language: str) -> Vector:
        """Return a question's vector without the directions in which languages differ, adapted, shape `(dimension,)`.

        The inner product with it is blind to a passage's language, so the index may hold passages as they are. Source:
        Yang et al., "A Simple and Effective Method To Eliminate the Self Language Bias", arXiv 2109.04727.
        """
        if self._statistics is None:
            return pooled
        centred = pooled - self._statistics.mean(self._statistics.questions, language)
        neutral = unit(centred - (centred @ self._directions.T) @ self._directions)
        return neutral if self._adapter is None else unit(self._adapter.adapt_pooled(neutral))

    def closeness(self, pooled: Vector, language: str, passages: Matrix, languages: Sequence[str]) -> Vector:
        """Return how near passages are to a question by their pooled vectors, shape `(passages,)`.

        The inner product, less that of a mean question and a mean passage in their languages; 0 where nothing is known
        about these.

        Args:
            pooled: The question's vector.
            language: BCP 47 code of the question.
            passages: The passages' vectors, shape `(passages, dimension)`.
            languages: The passages' languages.
        """
        if self._statistics is None:
            return np.zeros(len(passages), np.float32)
        question = self._statistics.mean(self._statistics.questions, language)
        means = {one: self._statistics.mean(self._statistics.passages, one) for one in set(languages)}
        usual = np.array([means[one] @ question for one in languages], np.float32)
        return (passages @ pooled - usual).astype(np.float32)

    def manner(self, encoding: Encoding, language: str, subject: Vector | None = None) -> Vector:
        """Return how a question is worded rather than what it is about, of unit length, shape `(dimension,)`.

        The mean of its tokens without what says their language, in which common ones count most.

        Args:
            encoding: The question, encoded.
            language: BCP 47 code of the question.
            subject: How likely each token belongs to what it is about, shape `(tokens,)`; as much less it counts.
        """
        if self._statistics is None or not len(encoding.token_ids):
            return encoding.pooled
        shares = 1 / (1 + self._weights(encoding.token_ids))
        if subject is not None:
            shares = shares * (1 - subject)
        return unit((shares @ self._without_language(encoding, language)).astype(np.float32))

    def sentence_wording(self, encoding: Encoding, language: str) -> Vector:
        """Return how a sentence of an article is worded, shape `(2 · dimension,)`.

        Its pooled vector, and the mean of its tokens in which common ones count most, each without what says the
        language.

        Args:
            encoding: The sentence, encoded as a passage of its own.
            language: BCP 47 code of the sentence.
        """
        if self._statistics is None or not len(encoding.token_ids):
            return np.concatenate((encoding.pooled, encoding.pooled))
        statistics = self._statistics
        pooled = unit(encoding.pooled - statistics.mean(statistics.passages, language))
        tokens = encoding.tokens - statistics.mean(statistics.passage_tokens, language)
        manner = unit(((1 / (1 + self._weights(encoding.token_ids))) @ tokens).astype(np.float32))
        return np.concatenate((pooled, manner))

    def words(self, encoding: Encoding, language: str) -> Matrix:
        """Return a question's tokens in all dimensions, without what says their language, of unit length."""
        return unit(self._without_language(encoding, language))

    def _without_language(self, encoding: Encoding, language: str) -> Matrix:
        if self._statistics is None:
            return encoding.tokens
        centred: Matrix = encoding.tokens - self._statistics.mean(self._statistics.question_tokens, language)
        return centred

    def question(self, encoding: Encoding, language: str, batch: TokenBatch) -> Tokens:
        """Return the tokens of a question in `language`, to be compared with those of `batch`."""
        vectors = self._codec.project(encoding.tokens)
        mean = _mean(batch) if self._statistics is None else self._statistics.mean(self._question_means, language)
        centred = unit(vectors - mean)
        adapted = centred if self._adapter is None else unit(self._adapter.adapt_tokens(centred))
        return Tokens(adapted, self._weights(encoding.token_ids), encoding.offsets)

    def statement(self, encoding: Encoding, language: str) -> Tokens:
        """Return the tokens of a text in `language` that states something, as articles do."""
        return self.passage(
            TokenVectors(self._codec.project(encoding.tokens), encoding.token_ids, encoding.offsets), language
        )

    def passage(self, stored: TokenVectors, language: str) -> Tokens:
        """Return the tokens of a passage in `language`."""
        if self._statistics is None:
            mean = stored.vectors.mean(axis=0) if len(stored.vectors) else np.float32(0)
        else:
            mean = self._statistics.mean(self._passage_means, language)
        return Tokens(unit(stored.vectors - mean), self._weights(stored.token_ids), stored.offsets)

    def centres(self, languages: Sequence[str], batch: TokenBatch) -> Centres:
        """Return what to subtract from the tokens of each passage of `batch`, given the passages' languages."""
        if self._statistics is None:
            return Centres(_mean(batch)[None], np.zeros(len(languages), np.int64))
        different = list(dict.fromkeys(languages))
        means = np.stack([self._statistics.mean(self._passage_means, language) for language in different])
        return Centres(means, np.array([different.index(language) for language in languages], np.int64))

    def _weights(self, token_ids: NDArray[np.int32]) -> Vector:
        return np.ones(len(token_ids), np.float32) if self._statistics is None else self._statistics.weights(token_ids)


def unit(vectors: Matrix) -> Matrix:
    """Scale the last axis to length 1; zero vectors stay."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Matrix = (vectors / np.maximum(lengths, _SMALLEST)).astype(np.float32, copy=False)
    return scaled


def similarities(question: Tokens, batch: TokenBatch, centres: Centres) -> Matrix:
    """Return the cosine of every passage token with every question token, shape `(passage tokens, question tokens)`.

    Args:
        question: The question's tokens.
        batch: The passages' tokens.
        centres: What to subtract from each passage's tokens.
    """
    # cos(q, p - c) = (q·p - q·c) / |p - c|: subtracting after the product spares a pass over all vectors.
    counts = np.diff(batch.starts)
    others = np.concatenate((question.vectors, centres.vectors)).T
    products = np.empty((len(batch.steps), others.shape[1]), np.float32)
    squares = np.empty(len(products), np.float32)
    # One passage at a time: its floating-point copy stays in the processor's cache.
    for levels, start, end in zip(batch.levels, batch.starts[:-1], batch.starts[1:], strict=True):
        values = levels.astype(np.float32)
        np.matmul(values, others, out=products[start:end])
        np.einsum("td,td->t", values, values, out=squares[start:end])
    products *= batch.steps[:, None]
    squares *= batch.steps**2
    columns = len(question.vectors)
    centre_of_token = np.repeat(centres.of_passage, counts)
    crossings = products[np.arange(len(products)), columns + centre_of_token]
    lengths = squares - 2 * crossings + np.einsum("cd,cd->c", centres.vectors, centres.vectors)[centre_of_token]
    found = products[:, :columns]
    found -= (centres.vectors @ question.vectors.T)[centre_of_token]
    found /= np.sqrt(np.maximum(lengths, _SMALLEST))[:, None]
    return found


def best_matches(similarity: Matrix, starts: NDArray[np.int64]) -> Matrix:
    """Return for each segment the best similarity of each token that is looked for, shape `(segments, tokens)`.

    Args:
        similarity: Of each token of the segments with each that is looked for, as `similarities` gives it.
        starts: Where each segment begins, ascending, with the number of all tokens behind the last. A segment without
            tokens gets zeros.
    """
    filled = np.flatnonzero(np.diff(starts))
    best = np.zeros((len(starts) - 1, similarity.shape[1]), np.float32)
    if len(filled):
        best[filled] = np.maximum.reduceat(similarity, starts[filled], axis=0)
    return best


def best_cosines(claim: Tokens, sentence: Tokens) -> Vector:
    """Return for each token of a claim the cosine of the sentence's nearest token, shape `(claim tokens,)`."""
    cosines = sentence.vectors @ claim.vectors.T
    best: Vector = best_matches(cosines, np.array([0, len(cosines)]))[0]
    return best


def segment_starts(batch: TokenBatch, segments: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    """Return where each passage's segments begin among the batch's tokens, for `best_matches`.

    Args:
        batch: The passages' tokens.
        segments: For each passage, the characters of its text at which its segments (sentences) begin, ascending.
    """
    found: list[NDArray[np.int64]] = []
    for number, characters in enumerate(segments):
        start, end = batch.starts[number], batch.starts[number + 1]
        # A token belongs to the sentence that its last character lies in: some begin with the space before the word.
        places = np.searchsorted(batch.offsets[start:end, 1], np.asarray(characters), side="right")
        places[:1] = 0
        found.append(start + places)
    return np.concatenate([*found, batch.starts[-1:]]).astype(np.int64)


def _mean(batch: TokenBatch) -> Vector:
    return (batch.steps @ np.concatenate(batch.levels) / max(len(batch.steps), 1)).astype(np.float32)
