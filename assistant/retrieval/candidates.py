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
        language: BCP 47 code of the question's language.
        terms: The question's words and stems, as full-text search compares them.
        passages: The candidates.
        tokens: The question's tokens.
        evidence: What speaks for each candidate.
        lexical: BM25 of each candidate, 0 where it shares no word with the question.
        closeness: How near each candidate's article is to the question: the highest closeness of its passages by
            pooled vectors, shape `(candidates,)`.
        scores: What the candidates are ranked by, shape `(candidates,)`.
        order: The candidates' indices, best first, shape `(candidates,)`.
        beyond_prefix: Which of the question's tokens stand behind its topic prefix, shape `(tokens,)`.
        qa: What the QA model says of each candidate's best sentence, in log-odds, shape `(candidates,)`. NaN where it
            has not read the candidate.
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
    beyond_prefix: NDArray[np.bool_]
    qa: Vector

    def rescored_by_qa(self, places: NDArray[np.int64], odds: Sequence[Vector | None]) -> "Candidates":
        """Return the candidates with best sentences and order chosen with the QA model; other evidence stays.

        Args:
            places: Indices of the candidates that the QA model has read, the first ones of `order`. Every other
                candidate gets the lowest of their log-odds.
            odds: For each of these, the log-odds that each sentence answers; None where the QA model did not read it.
        """
        evidence = self.evidence
        best_sentence, best_odds = evidence.best_sentence.copy(), np.full(len(places), np.nan, np.float32)
        same_language = self._same_language()
        for number, (place, sentence_odds) in enumerate(zip(places, odds, strict=True)):
            if sentence_odds is not None:
                start, end = evidence.sentence_offsets[place : place + 2]
                share = SENTENCE_QA if same_language[place] else FOREIGN_SENTENCE_QA
                scores_of_sentences = evidence.beyond_subject[start:end] + qa_share(sentence_odds, share)
                best_sentence[place] = int(scores_of_sentences.argmax())
                best_odds[number] = sentence_odds[best_sentence[place]]
        qa = np.full(len(self.passages), np.fmin.reduce(best_odds), np.float32)
        qa[places] = best_odds
        scores = self.scores + qa_share(qa, PASSAGE_QA)
        order = np.argsort(-scores, kind="stable")
        return replace(self, evidence=replace(evidence, best_sentence=best_sentence), scores=scores, order=order, qa=qa)

    def covered(self) -> Vector:
        """Return the share by weight of the question behind its prefix that each article says, shape `(articles,)`."""
        evidence = self.evidence
        of_passage = agreement(best_matches(evidence.similarity, evidence.batch.starts))[:, self.beyond_prefix]
        of_article = np.zeros((evidence.articles.max() + 1, of_passage.shape[1]), np.float32)
        np.maximum.at(of_article, evidence.articles, of_passage)
        return weighted(of_article, self.tokens.chosen(self.beyond_prefix).shares)

    def features(self, places: NDArray[np.int64], articles: Mapping[str, Article], covered: Vector) -> Matrix:
        """Return the features from which the relevance of some candidates is predicted, shape `(places, features)`.

        Args:
            places: Indices of the candidates. The whole text of each one's article is searched for the question's
                words, so take no more than needed.
            articles: The candidates' articles, by id.
            covered: What `covered` returns.
        """
        same = self._same_language()
        shared = [self._shared(articles[self.passages[place].article_id]) if same[place] else 0.0 for place in places]
        lexical = [self.lexical[place] for place in places]
        weight = float(self.tokens.weights.sum())
        return relevance_features(
            self.evidence, weight, self.closeness, same, places, shared, lexical, covered, self.qa
        )

    def _same_language(self) -> NDArray[np.bool_]:
        """Return which candidates are in the question's language, shape `(candidates,)`."""
        return np.array([passage.language == self.language for passage in self.passages])

    def _shared(self, article: Article) -> float:
        return shared_terms(self.terms, f"{article.title}\n{article.text}")
