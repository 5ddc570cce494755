"""`Retriever`: from a question to ranked hits."""

import time
from collections.abc import Sequence

import numpy as np

from assistant.embedding.encoder import Encoder, Encoding, Matrix
from assistant.embedding.token_codec import TokenBatch, TokenCodec
from assistant.language.identify import identify_language
from assistant.language.statistics import load_statistics
from assistant.language.terms import index_terms
from assistant.passages.passage import Passage, Span
from assistant.retrieval.calibration import relevance
from assistant.retrieval.hit import Hit, SearchResult
from assistant.retrieval.late_interaction import (
    QuestionTokens,
    best_matches,
    segment_starts,
    similarities,
    unit,
)
from assistant.settings import Settings
from assistant.store.passage_store import Filters, PassageStore

MATCHED = 0.6
SENTENCE_SHARE = 0.5


class Retriever:
    """Finds the passages of a store that answer a question, whatever languages the two are in.

    Args:
        store: Where the passages are.
        encoder: The model they were encoded with.
        codec: What compressed their token vectors.
        settings: Says how many hits and candidates to take.
    """

    def __init__(self, store: PassageStore, encoder: Encoder, codec: TokenCodec, settings: Settings) -> None:
        self._store = store
        self._encoder = encoder
        self._codec = codec
        self._settings = settings
        self._statistics = load_statistics(encoder.name, encoder.dimension)

    @property
    def encoder(self) -> Encoder:
        """The model that encodes questions and passages."""
        return self._encoder

    def search(self, question: str, k: int | None = None, filters: Filters | None = None) -> SearchResult:
        """Return the `k` best passages that pass the filters, best first."""
        k = self._settings.k if k is None else k
        language = identify_language(question)
        if not question.strip():
            return SearchResult(question, language, ())
        started = time.perf_counter()
        encoding = self._encoder.encode_questions([question])[0]
        encoded = time.perf_counter()
        lexical = self._lexical(question, language, filters)
        ids = self._candidates(encoding, lexical, max(self._settings.candidates, k), filters)
        found = time.perf_counter()
        hits = self._rank(encoding, language, ids, lexical, k) if ids else ()
        ranked = time.perf_counter()
        return SearchResult(
            question,
            language,
            hits,
            {"encode": encoded - started, "candidates": found - encoded, "rank": ranked - found},
        )

    def _lexical(self, question: str, language: str, filters: Filters | None) -> dict[int, float]:
        terms = index_terms(question, language)
        found = self._store.lexical_candidates(terms, self._settings.candidates // 2, filters)
        return {candidate.passage_id: candidate.score for candidate in found}

    def _candidates(
        self, encoding: Encoding, lexical: dict[int, float], count: int, filters: Filters | None
    ) -> list[int]:
        dense = self._store.dense_candidates(encoding.pooled, count, filters)
        return list(dict.fromkeys([candidate.passage_id for candidate in dense] + list(lexical)))

    def _rank(
        self, encoding: Encoding, language: str, ids: Sequence[int], lexical: dict[int, float], k: int
    ) -> tuple[Hit, ...]:
        passages = self._store.passages(ids)
        batch = self._codec.batch(self._store.token_vectors(ids))
        question = self._question_tokens(encoding, language)
        similarity = similarities(question, batch, self._centres(passages))
        starts = segment_starts(
            batch, [[sentence.start - passage.start for sentence in passage.sentences] for passage in passages]
        )
        by_sentence = best_matches(similarity, starts) @ question.weights
        by_passage = best_matches(similarity, batch.starts) @ question.weights
        firsts = np.cumsum([0] + [len(passage.sentences) for passage in passages])
        best = [int(by_sentence[a:b].argmax()) for a, b in zip(firsts[:-1], firsts[1:], strict=True)]
        sentence_scores = np.array([by_sentence[a + at] for a, at in zip(firsts[:-1], best, strict=True)])
        scores = (1 - SENTENCE_SHARE) * by_passage + SENTENCE_SHARE * sentence_scores
        order = np.argsort(-scores, kind="stable")[:k]
        articles = self._store.articles([passages[at].article_id for at in order])
        return tuple(
            Hit(
                rank=rank,
                score=relevance(float(scores[at])),
                dense=float(scores[at]),
                lexical=lexical.get(ids[at], 0.0),
                article=articles[passages[at].article_id],
                passage=passages[at],
                sentence=passages[at].sentences[best[at]],
                sentence_score=relevance(float(sentence_scores[at])),
                matched=_matched(similarity, question, batch, int(at), passages[at]),
            )
            for rank, at in enumerate(order, start=1)
        )

    def _question_tokens(self, encoding: Encoding, language: str) -> QuestionTokens:
        vectors = self._codec.project(encoding.tokens)
        weights = np.ones(len(vectors), np.float32)
        if self._statistics is not None:
            mean = self._statistics.mean(self._statistics.question_tokens, language)
            vectors = vectors - self._codec.project(mean)
            weights = self._statistics.weights(encoding.token_ids)
        return QuestionTokens(unit(vectors), weights / max(float(weights.sum()), 1e-6))

    def _centres(self, passages: Sequence[Passage]) -> Matrix:
        if self._statistics is None:
            return np.zeros((len(passages), self._codec.dimension), np.float32)
        table = self._statistics.passage_tokens
        return np.stack([self._codec.project(self._statistics.mean(table, passage.language)) for passage in passages])


def _matched(
    similarity: Matrix, question: QuestionTokens, batch: TokenBatch, number: int, passage: Passage
) -> tuple[Span, ...]:
    start, end = batch.starts[number], batch.starts[number + 1]
    own = similarity[start:end]
    if not len(own):
        return ()
    heavy = question.weights >= question.weights.mean()
    places = {int(own[:, column].argmax()) for column in np.flatnonzero(heavy) if own[:, column].max() >= MATCHED}
    spans = sorted((int(a), int(b)) for a, b in batch.offsets[start:end][sorted(places)])
    return tuple(Span(passage.start + a, passage.start + b) for a, b in spans)
