"""The page tells where a quote stands in its article: in the panel of sources and over the article."""

import pytest

from assistant.answering.answer import Answer, Citation, Status
from assistant.articles.article import Article, Section
from assistant.conversation.history_database import StoredTurn
from assistant.conversation.turn import Turn
from assistant.passages.passage import Passage, Span
from assistant.retrieval.hit import Hit
from assistant.web.page import render

TEXT = "The gates cost nine thousand crowns."
SPAN = Span(0, len(TEXT))


def shown(locale, heading, *, is_found=True, **structure):
    article = Article("/weir.pdf", "The weir", TEXT, "en", sections=(Section(0, heading),), **structure)
    passage = Passage(article.id, 0, len(TEXT), TEXT, (SPAN,), "en")
    citations = (Citation(1, article, passage, TEXT, 0, len(TEXT), 0.9),) if is_found else ()
    closest = () if is_found else (Hit(1, 0.1, 0.1, 0.0, article, passage, SPAN),)
    status = Status.ANSWERED if is_found else Status.NOT_FOUND
    answer = Answer("Cost?", "Nine thousand [1].", status, "en", "extractive", citations, closest)
    stored = StoredTurn(1, Turn("Cost?", "Cost?", answer), 0.1)
    return render.sources(stored, locale)["html"], render.article(article, SPAN, locale)["html"]


@pytest.mark.parametrize("is_found", [True, False])
@pytest.mark.parametrize(
    ("locale", "heading", "expected"),
    [
        ("en", "Costs", "<bdi>p. 3</bdi> · § <bdi>Costs</bdi></p>"),
        ("ar", "Costs", "<bdi>ص 3</bdi> · § <bdi>Costs</bdi></p>"),
        ("ar", "التكاليف", "<bdi>ص 3</bdi> · § <bdi>التكاليف</bdi></p>"),
        ("en", "<img src=x> {{ 7 * 7 }} \u202e", "§ <bdi>&lt;img src=x&gt; {{ 7 * 7 }} \\u202e</bdi></p>"),
    ],
)
def test_page_and_section_stand_in_the_panel_and_over_the_article(locale, heading, expected, is_found):
    panel, reader = shown(locale, heading, is_found=is_found, pages=(0, 0, 0, 400))
    assert expected in panel
    assert expected in reader


def test_nothing_is_told_where_neither_is_known():
    panel, reader = shown("en", "")
    assert "§" not in panel + reader
    assert "p. " not in panel + reader
