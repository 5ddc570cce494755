"""`LanguageBias`: takes out of vectors what they only say about their text's language."""

from collections.abc import Sequence

import numpy as np

from assistant.embedding.encoder import Encoding, Vector
from assistant.embedding.language_statistics import LanguageStatistics
from assistant.embedding.token_codec import TokenBatch, TokenCodec
from assistant.passages.passage import Passage
from assistant.retrieval.late_interaction import Centres, QuestionTokens, unit

_SMALLEST = 1e-6


class LanguageBias:
    """Knows the mean vectors of languages.

    Args:
        statistics: Those of the embedding model. Without them the candidates' own mean stands for every language, and
            all tokens of a question count alike.
        codec: Gives the dimensions that token vectors are compared in.
    """

    def __init__(self, statistics: LanguageStatistics | None, codec: TokenCodec) -> None:
        self._statistics = statistics
        self._codec = codec
        if statistics is not None:
            differences = statistics.passages - statistics.passages.mean(axis=0)
            _, strengths, directions = np.linalg.svd(differences, full_matrices=False)
            self._directions = directions[strengths > _SMALLEST]
            self._question_means = codec.project(statistics.question_tokens)
            self._passage_means = codec.project(statistics.passage_tokens)

    def neutral(self, pooled: Vector, language: str) -> Vector:
        """Return a question's vector without the directions in which languages differ, shape `(dimension,)`.

        The inner product with it is blind to a passage's language, so the index may hold passages as they are. Source:
        Yang et al., "A Simple and Effective Method To Eliminate the Self Language Bias", arXiv 2109.04727.
        """
        if self._statistics is None:
            return pooled
        centred = pooled - self._statistics.mean(self._statistics.questions, language)
        neutral = centred - (centred @ self._directions.T) @ self._directions
        return unit(neutral)

    def question_tokens(self, encoding: Encoding, language: str, batch: TokenBatch) -> QuestionTokens:
        """Return a question's tokens without their language's mean, and what each of them counts.

        Args:
            encoding: The question.
            language: Its language.
            batch: The candidates' tokens.
        """
        vectors = self._codec.project(encoding.tokens)
        if self._statistics is None:
            weights = np.ones(len(vectors), np.float32)
            mean = _mean(batch)
        else:
            weights = self._statistics.weights(encoding.token_ids)
            mean = self._statistics.mean(self._question_means, language)
        return QuestionTokens(unit(vectors - mean), weights / max(float(weights.sum()), _SMALLEST))

    def centres(self, passages: Sequence[Passage], batch: TokenBatch) -> Centres:
        """Return what to subtract from each passage's tokens."""
        if self._statistics is None:
            return Centres(_mean(batch)[None], np.zeros(len(passages), np.int64))
        languages = list(dict.fromkeys(passage.language for passage in passages))
        means = np.stack([self._statistics.mean(self._passage_means, language) for language in languages])
        return Centres(means, np.array([languages.index(passage.language) for passage in passages], np.int64))


def _mean(batch: TokenBatch) -> Vector:
    return (batch.steps @ np.concatenate(batch.levels) / max(len(batch.steps), 1)).astype(np.float32)
