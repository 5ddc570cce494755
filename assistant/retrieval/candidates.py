"""`Candidates`: the passages that a question was compared with, before and after the QA model has read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assistant.articles.article import Article
from assistant.embedding.encoder import Matrix, Vector
from assistant.embedding.hubness import agreement
from assistant.passages.passage import Passage
from assistant.retrieval.evidence import Evidence, shared_terms, weighted
from assistant.retrieval.late_interaction import Tokens, best_matches
from assistant.retrieval.scoring import (
    FOREIGN_SENTENCE_QA,
    PASSAGE_QA,
    SENTENCE_QA,
    qa_share,
    relevance_features,
)


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """The passages that a question was compared with, and what speaks for each.

    Attributes:
        language: The question's language.
        terms: Its words, as full-text search compares them.
        passages: The candidates.
        tokens: The question's tokens.
        evidence: What speaks for each candidate.
        lexical: BM25 of each candidate, 0 where it shares no word with the question.
        closeness: How near the nearest passage of each one's article is by pooled vectors, shape `(candidates,)`.
        scores: What they are ranked by, shape `(candidates,)`.
        order: The candidates' places, best first.
        own: Which of the question's tokens stand behind its lead, shape `(tokens,)`.
        qa: What the QA model says of each one's sentence, in log-odds, shape `(candidates,)`; NaN where unread.
    """

    language: str
    terms: Sequence[str]
    passages: Sequence[Passage]
    tokens: Tokens
    evidence: Evidence
    lexical: Sequence[float]
    closeness: Vector
    scores: Vector
    order: NDArray[np.int64]
    own: NDArray[np.bool_]
    qa: Vector

    def as_read(self, places: NDArray[np.int64], odds: Sequence[Vector | None]) -> "Candidates":
        """Return the same with the sentences and the order that the QA model's word chooses; other evidence stays.

        Args:
            places: The first candidates. Those behind them count as the least of what was read.
            odds: What it says of each sentence of these, in log-odds; None for what it has not read.
        """
        best, found = self.evidence.best.copy(), np.full(len(places), np.nan, np.float32)
        own = self._own_language()
        for number, (place, said) in enumerate(zip(places, odds, strict=True)):
            if said is not None:
                beyond = self.evidence.each[self.evidence.firsts[place] : self.evidence.firsts[place + 1]]
                share = SENTENCE_QA if own[place] else FOREIGN_SENTENCE_QA
                best[place] = int((beyond + qa_share(said, share)).argmax())
                found[number] = said[best[place]]
        qa = np.full(len(self.passages), np.fmin.reduce(found), np.float32)
        qa[places] = found
        scores = self.scores + qa_share(qa, PASSAGE_QA)
        order = np.argsort(-scores, kind="stable")
        return replace(self, evidence=replace(self.evidence, best=best), scores=scores, order=order, qa=qa)

    def covered(self) -> Vector:
        """Return how much of the question's own words each article says, by weight, shape `(articles,)`."""
        evidence = self.evidence
        said = agreement(best_matches(evidence.similarity, evidence.batch.starts))[:, self.own]
        of_article = np.zeros((evidence.articles.max() + 1, said.shape[1]), np.float32)
        np.maximum.at(of_article, evidence.articles, said)
        return weighted(of_article, self.tokens.chosen(self.own).shares)

    def features(self, places: NDArray[np.int64], articles: Mapping[str, Article]) -> Matrix:
        """Return what the relevance of some candidates is told by, shape `(places, features)`.

        Args:
            places: Which candidates. Their texts are read for the question's words, so take no more than needed.
            articles: Their articles, by id.
        """
        own = self._own_language()
        shared = [self._shared(articles[self.passages[place].article_id]) if own[place] else 0.0 for place in places]
        lexical = [self.lexical[place] for place in places]
        weight = float(self.tokens.weights.sum())
        return relevance_features(self.evidence, weight, self.closeness, own, places, shared, lexical, self.qa)

    def _own_language(self) -> NDArray[np.bool_]:
        return np.array([passage.language == self.language for passage in self.passages])

    def _shared(self, article: Article) -> float:
        return shared_terms(self.terms, f"{article.title}\n{article.text}")
