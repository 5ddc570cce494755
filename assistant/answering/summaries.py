"""Summaries of articles without a chat model: the sentences that most of an article agrees with, verbatim and cited."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assistant.answering.answer import Answer, Citation, Status
from assistant.answering.marks import Mark, without_marks
from assistant.articles.article import Article
from assistant.chat_models.registry import EXTRACTIVE
from assistant.embedding.encoder import Vector
from assistant.passages.lead import byline_of
from assistant.passages.passage import Passage, Span
from assistant.passages.tables import table_of
from assistant.retrieval.late_interaction import Tokens, unit

if TYPE_CHECKING:
    from assistant.retrieval.retriever import Retriever

FEWEST, MOST = 3, 5
"""Sentences of the summary of one article."""

SHARE = 4
"""One in this many sentences is taken, within these bounds."""

ARTICLES = 5
"""How many articles are summarised together at most."""

READ = 64
"""How many passages of an article are read at most."""

REPEATS = 0.97
"""Cosine of the mean vectors from which two sentences say the same; those of one article are all near."""


@dataclass(frozen=True, slots=True, eq=False)
class _Sentence:
    article: Article
    passage: Passage
    span: Span
    vector: Vector


class Summaries:
    """Summarises articles of a store.

    Args:
        retriever: Gives the articles, and the token vectors that the store keeps of them.
    """

    def __init__(self, retriever: "Retriever") -> None:
        self._retriever = retriever

    def summarise(self, articles: Iterable[str], question: str, language: str) -> Answer:
        """Summarise articles by their central sentences.

        The first sentence comes first: it names what later ones refer to. Central are those whose vectors agree most
        with those of all the others (degree centrality, as in LexRank, Erkan and Radev 2004, here between the token
        vectors' weighted means); a sentence that repeats another is left out.

        Args:
            articles: Ids, each once; only the first few are summarised.
            question: What was asked.
            language: BCP 47 code of the language of the question.

        Returns:
            The sentences in reading order, a line for each article.

        Raises:
            NotInStoreError: an article is not there.
        """
        chosen = list(dict.fromkeys(articles))[:ARTICLES]
        store = self._retriever.store
        with store.snapshot():
            whole = store.articles(chosen)
            passages = [store.passages_of([article_id], READ) for article_id in chosen]
        citations: list[Citation] = []
        lines: list[str] = []
        for article, parts in zip(whole.values(), passages, strict=True):
            sentences = [sentence for passage in parts for sentence in self._sentences(article, passage)]
            alone = min(max(len(sentences) // SHARE, FEWEST), MOST)
            most = alone if len(chosen) == 1 else max(MOST // len(chosen), 2)
            quotations = []
            for sentence, score in _central(sentences, most):
                citation = Citation.of(article, sentence.passage, sentence.span, len(citations) + 1, score)
                citations.append(citation)
                quotations.append(f"{without_marks(citation.quote)} {Mark((citation.number,))}")
            if quotations:
                lines.append(" ".join(quotations))
        return Answer(
            question=question,
            text="\n".join(lines),
            status=Status.ANSWERED if citations else Status.NOT_FOUND,
            language=language,
            model=EXTRACTIVE,
            citations=tuple(citations),
        )

    def _sentences(self, article: Article, passage: Passage) -> Iterable[_Sentence]:
        tokens, byline = self._retriever.passage_tokens(passage), byline_of(article)
        for span in passage.sentences:
            part = tokens.within(span.start - passage.start, span.end - passage.start)
            is_stated = span != byline and span.of(article.text).strip() != article.title.strip()
            if is_stated and len(part.weights) and table_of(article.text, span) is None:
                yield _Sentence(article, passage, span, mean_vector(part))


def mean_vector(tokens: Tokens) -> Vector:
    """Return the weighted mean of a text's tokens, of unit length, shape `(dimension,)`."""
    return unit(tokens.weights @ tokens.vectors)


def _central(sentences: Sequence[_Sentence], most: int) -> list[tuple[_Sentence, float]]:
    """Return the most central sentences in reading order, each with how central it is, between 0 and 1."""
    if not sentences:
        return []
    cosines = np.stack([sentence.vector for sentence in sentences])
    cosines = cosines @ cosines.T
    central = cosines.mean(axis=1)
    chosen = [0]
    for at in np.argsort(-central, kind="stable").tolist():
        if len(chosen) < most and not (cosines[at, chosen] >= REPEATS).any():
            chosen.append(at)
    return [(sentences[at], float(np.clip(central[at], 0, 1))) for at in sorted(chosen)]
