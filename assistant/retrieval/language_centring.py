"""`LanguageCentring`: vectors of questions and passages without what only shows their language.

Retrieval compares such vectors. The classifier of turns, the finder of a request's subject and the detector of prompt
injection take them as features.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.encoder import Encoding, Matrix, Vector
from assistant.embedding.language_statistics import LanguageStatistics
from assistant.embedding.question_adapter import QuestionAdapter
from assistant.embedding.token_codec import TokenBatch, TokenCodec, TokenVectors
from assistant.retrieval.late_interaction import Centres, Tokens, unit

_SMALLEST = 1e-6


class LanguageCentring:
    """Removes from vectors what only shows their text's language.

    Args:
        statistics: The mean vectors of languages under the embedding model. Without them, the mean of the texts at hand
            stands for every language, and all tokens have the same weight.
        codec: Projects token vectors to the dimensions in which they are compared.
        adapter: Moves questions nearer to the passages that answer them; only where it was trained with these
            statistics.
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

        A passage's language does not change the inner product with it, so the index may hold passages as they are.
        Source: Yang et al., "A Simple and Effective Method To Eliminate the Self Language Bias", arXiv
        2109.04727.
        """
        if self._statistics is None:
            return pooled
        centred = pooled - self._statistics.mean(self._statistics.questions, language)
        neutral = unit(centred - (centred @ self._directions.T) @ self._directions)
        return neutral if self._adapter is None else unit(self._adapter.adapt_pooled(neutral))

    def closeness(self, pooled: Vector, language: str, passages: Matrix, languages: Sequence[str]) -> Vector:
        """Return how near passages are to a question by their pooled vectors, shape `(passages,)`.

        The inner product, minus that of a mean question and a mean passage in their languages; 0 without statistics.

        Args:
            pooled: The question's pooled vector, shape `(dimension,)`.
            language: BCP 47 code of the question.
            passages: The passages' pooled vectors, shape `(passages, dimension)`.
            languages: The language of each passage.
        """
        if self._statistics is None:
            return np.zeros(len(passages), np.float32)
        question = self._statistics.mean(self._statistics.questions, language)
        usual_of = {code: self._statistics.mean(self._statistics.passages, code) @ question for code in set(languages)}
        usual = np.array([usual_of[code] for code in languages], np.float32)
        return (passages @ pooled - usual).astype(np.float32)

    def manner(self, encoding: Encoding, language: str, subject: Vector | None = None) -> Vector:
        """Return how a question is worded rather than what it is about, of unit length, shape `(dimension,)`.

        The mean of its token vectors without the language's mean vector, in which common tokens have the most weight.

        Args:
            encoding: The question, encoded.
            language: BCP 47 code of the question.
            subject: Probability that each token is part of the topic, shape `(tokens,)`; its weight is multiplied
                by 1 minus this.
        """
        if self._statistics is None or not len(encoding.token_ids):
            return encoding.pooled
        shares = 1 / (1 + self._weights(encoding.token_ids))
        if subject is not None:
            shares = shares * (1 - subject)
        return unit((shares @ self._without_language(encoding, language)).astype(np.float32))

    def sentence_wording(self, encoding: Encoding, language: str) -> Vector:
        """Return how a sentence of an article is worded, shape `(2 · dimension,)`.

        Its pooled vector, then the mean of its token vectors in which common tokens have the most weight; each without
        the language's mean vector.

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

    def token_vectors(self, encoding: Encoding, language: str) -> Matrix:
        """Return a question's token vectors without the language's mean, of unit length, shape `(tokens, dimension)`.

        They have all the model's dimensions, unlike those of `question`.
        """
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


def _mean(batch: TokenBatch) -> Vector:
    return (batch.steps @ np.concatenate(batch.levels) / max(len(batch.steps), 1)).astype(np.float32)
