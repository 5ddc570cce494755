"""`InjectionFilter`: keeps sentences that give orders out of the answers."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from assistant.answering.answer import Citation
from assistant.answering.extractive import choose_hits
from assistant.answering.prompt_injection.detector import SURE, load_detector
from assistant.answering.relevance import answering_hits
from assistant.embedding.encoder import Vector
from assistant.embedding.hubness import agreement
from assistant.passages.passage import Span
from assistant.retrieval.hit import Hit, SearchResult
from assistant.retrieval.late_interaction import Tokens, best_cosines
from assistant.retrieval.retriever import Retriever

KEPT = 0.7
"""A replacement must cover at least this share of what the removed sentence covers of the question."""

_REMEMBERED = 1024


class InjectionFilter:
    """Leaves out sentences that give orders and would be quoted.

    Args:
        retriever: What found the passages. Where its embedding model is not the bundled one, nothing is left out.
    """

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever
        self._detector = load_detector(retriever.encoder.name)
        self.gives_order = lru_cache(maxsize=_REMEMBERED)(self._gives_order)

    def _gives_order(self, text: str, language: str) -> bool:
        """Return whether a sentence in `language` (BCP 47) gives an order to whoever answers from it."""
        if self._detector is None:
            return False
        return self._detector.probability(self._retriever.sentence_wording(text, language)) >= SURE

    def without_orders(self, result: SearchResult) -> SearchResult:
        """Return a search whose best hits answer with sentences that give no orders.

        Another sentence of the passage replaces it, if it covers nearly as much of the question; else the hit goes.
        """
        while True:
            chosen = choose_hits(answering_hits(result))
            orders = [hit for hit in chosen if self.gives_order(hit.sentence_text, hit.article.language)]
            if not orders:
                return result
            result = self._without(result, [(hit.article.id, hit.sentence) for hit in orders])

    def without_cited(self, result: SearchResult, citations: Sequence[Citation]) -> SearchResult | None:
        """Return a search without those sentences that were cited and give orders; None where there are none."""
        orders = [
            (citation.article.id, Span(citation.start, citation.end))
            for citation in citations
            if self.gives_order(citation.quote, citation.article.language)
        ]
        return self._without(result, orders) if orders else None

    def _without(self, result: SearchResult, orders: Sequence[tuple[str, Span]]) -> SearchResult:
        return replace(result, hits=tuple(filter(None, (self._cleared(hit, result, orders) for hit in result.hits))))

    def _cleared(self, hit: Hit, result: SearchResult, orders: Sequence[tuple[str, Span]]) -> Hit | None:
        """Return a hit without orders in its passage; the same where none of `orders` is in it."""
        here = [span for article, span in orders if article == hit.article.id]
        if not any(span.overlaps(sentence) for span in here for sentence in (*hit.passage.sentences, hit.sentence)):
            return hit
        left = tuple(
            span
            for span in hit.passage.sentences
            if not any(span.overlaps(order) for order in here)
            and not self.gives_order(span.of(hit.article.text), hit.article.language)
        )
        passage = replace(hit.passage, sentences=left)
        if not any(span.overlaps(hit.sentence) for span in here):
            return replace(hit, passage=passage)
        coverage = self._coverage(hit, result, [hit.sentence, *left])
        if len(coverage) == 1 or coverage[1:].max() < KEPT * coverage[0]:
            return None
        return replace(hit, passage=passage, sentence=left[int(coverage[1:].argmax())])

    def _coverage(self, hit: Hit, result: SearchResult, sentences: Sequence[Span]) -> Vector:
        """Return how much of the question each sentence says in the light of its article's title, from 0 to 1."""
        question = self._retriever.statement_tokens(result.question, result.language)
        tokens = self._retriever.passage_tokens(hit.passage)
        title = _agreed(question, self._retriever.statement_tokens(hit.article.title, hit.article.language))
        start = hit.passage.start
        return np.array(
            [
                np.maximum(_agreed(question, tokens.within(span.start - start, span.end - start)), title)
                @ question.shares
                for span in sentences
            ]
        )


def _agreed(question: Tokens, sentence: Tokens) -> Vector:
    return agreement(best_cosines(question, sentence))
