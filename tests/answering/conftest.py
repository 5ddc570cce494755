"""Hits built by hand."""

from collections.abc import Callable, Sequence
from datetime import date

import pytest

from assistant.articles.article import Article
from assistant.passages.passage import Passage, Span
from assistant.retrieval.hit import Hit, SearchResult


def make_hit(
    sentences: Sequence[str],
    best: int = 0,
    *,
    rank: int = 1,
    score: float = 0.95,
    sentence_score: float = 0.9,
    title: str = "A title",
    language: str = "en",
    published: date | None = None,
    before: str = "",
    separator: str = " ",
) -> Hit:
    """Return a hit whose passage is `sentences`, in an article that begins with `before`."""
    text, spans = before, []
    for sentence in sentences:
        start = len(text)
        text += sentence + separator
        spans.append(Span(start, start + len(sentence)))
    article = Article(source=f"/{title}.txt", title=title, text=text, language=language, published=published)
    start, end = spans[0].start, spans[-1].end
    passage = Passage(article.id, start, end, text[start:end], tuple(spans), language, id=rank)
    return Hit(rank, score, score, 0.0, article, passage, spans[best], sentence_score)


@pytest.fixture
def hit() -> Callable[..., Hit]:
    return make_hit


@pytest.fixture
def result() -> Callable[..., SearchResult]:
    def make_result(*hits: Hit, question: str = "What happened?", language: str = "en") -> SearchResult:
        return SearchResult(question, language, hits, {"rank": 0.01})

    return make_result
