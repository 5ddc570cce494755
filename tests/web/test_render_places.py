"""The page tells where a quote stands in its article: its page, its section, and in a table the names of the columns."""

import pytest

from assistant.answering.answer import Answer, Citation, Status
from assistant.answering.json_format import answer_json
from assistant.answering.prompting import choose_windows
from assistant.articles.article import Article, Section
from assistant.conversation.history_database import StoredTurn
from assistant.conversation.turn import Turn
from assistant.integrations.langchain import to_document
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


TABLE = "Town | Pass <b>\nUlmsee | £41\nBrack | £49\nHolm | £52"


def row_cited():
    """An answer that cites a passage which begins with the third line of a table."""
    article = Article("/passes.csv", "Passes", TABLE, "en")
    start = TABLE.index("Brack")
    span = Span(start, TABLE.index("\nHolm"))
    passage = Passage(article.id, start, len(TABLE), TABLE[start:], (span, Span(span.end + 1, len(TABLE))), "en")
    citation = Citation(1, article, passage, span.of(TABLE), span.start, span.end, 0.9)
    hit = Hit(1, 0.9, 0.9, 0.0, article, passage, span)
    return Answer("Pass?", "£49 [1].", Status.ANSWERED, "en", "extractive", (citation,), (), hits=(hit,))


def test_a_passage_within_a_table_stands_below_the_tables_header():
    answer = row_cited()
    html = render.sources(StoredTurn(1, Turn("Pass?", "Pass?", answer), 0.1), "en")["html"]
    assert (
        '<p dir="auto">Town | Pass &lt;b&gt;</p><p dir="auto">…</p><p dir="auto"><mark>Brack | £49</mark></p>' in html
    )


def test_programs_and_chat_models_get_the_header_too():
    answer = row_cited()
    (citation,) = answer_json(answer)["citations"]
    assert citation["passage"]["header"] == "Town | Pass <b>"
    assert citation["passage"]["text"] == "Brack | £49\nHolm | £52"
    (window,) = choose_windows(answer.hits)
    assert window.text == "Town | Pass <b>\nBrack | £49\nHolm | £52"
    assert to_document(answer.hits[0]).metadata["header"] == "Town | Pass <b>"
