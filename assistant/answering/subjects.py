"""What articles are about, and what a question asks beyond it."""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from assistant.articles.article import Article
from assistant.passages.lead import lead_of
from assistant.passages.passage import Passage, Span
from assistant.retrieval.late_interaction import Tokens, best_cosines
from assistant.retrieval.retriever import Retriever

_KNOWN, _NEW = 0.7, 0.4
"""From the first cosine on, a word of the question is the subject's; below the second, it is the question's own."""

_SHARE = 0.05
"""What is left of the weight of a word that is the subject's."""


class Subjects:
    """Knows the tokens of texts, among them the subjects of articles: their titles and first sentences.

    Args:
        retriever: Gives the tokens of texts.
    """

    def __init__(self, retriever: Retriever) -> None:
        self.encoded = lru_cache(maxsize=256)(retriever.statement_tokens)
        self.passage_tokens = lru_cache(maxsize=32)(retriever.passage_tokens)

    def part(self, passage: Passage, span: Span) -> Tokens:
        """Return the tokens of a part of a passage.

        Args:
            passage: A passage that was found.
            span: Where the part lies in the article's text.
        """
        return self.passage_tokens(passage).within(span.start - passage.start, span.end - passage.start)

    def of(self, article: Article) -> Tokens:
        """Return the tokens of an article's title and first sentence."""
        return self.encoded(f"{article.title}\n{lead_of(article)}", article.language)

    def are_one(self, article: Article, other: Article, least: float) -> bool:
        """Return whether the subjects of two articles agree, in either direction by a mean cosine of `least`."""
        first, second = self.of(article), self.of(other)
        return min(shown_by(first, second), shown_by(second, first)) >= least

    def beyond(self, question: str, language: str, *articles: Article) -> Tokens:
        """Return the tokens of a question; those that only name the subject of an article have hardly any weight.

        Args:
            question: In any language.
            language: BCP 47 code of the question.
            *articles: One at least.
        """
        tokens = self.encoded(question, language)
        known = np.max([best_cosines(tokens, self.of(article)) for article in articles], axis=0)
        own = np.clip((_KNOWN - known) / (_KNOWN - _NEW), _SHARE, 1).astype(np.float32)
        return replace(tokens, weights=tokens.weights * own)


def shown_by(looking: Tokens, found: Tokens) -> float:
    """Return how much of one text another shows, as a mean cosine."""
    return float(best_cosines(looking, found) @ looking.shares)
