"""Exports name files without the folders of the machine they come from."""

import json
from dataclasses import replace
from datetime import date

import pytest

from assistant.answering.answer import Answer, Citation, Status
from assistant.articles.article import Article, Section
from assistant.conversation.export import escape, to_json, to_markdown
from assistant.conversation.turn import Turn
from assistant.passages.passage import Passage, Span
from assistant.retrieval.hit import Hit

TEXT = "The lighthouse was built in 1851."
QUESTION = "When was the lighthouse built?"


def turn(source, status=Status.ANSWERED, notes=()):
    article = Article(source, "The lighthouse", TEXT, "en", date(2024, 5, 6))
    passage = Passage(article.id, 0, len(TEXT), TEXT, (Span(0, len(TEXT)),), "en")
    quoted = (Citation(1, article, passage, TEXT, 0, len(TEXT), 0.9),)
    near = (Hit(1, 0.1, 0.1, 0.0, article, passage, Span(0, len(TEXT))),)
    is_answered = status is Status.ANSWERED
    answer = Answer(
        QUESTION,
        f"{TEXT} [1]",
        status,
        "en",
        "extractive",
        quoted * is_answered,
        near * (not is_answered),
        tuple(notes),
    )
    return Turn(QUESTION, QUESTION, answer)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("/home/me/secret/port.txt", "port.txt"),
        ("/home/me/secret/table.csv#7", "table.csv#7"),
        ("https://example.org/port/alder", "https://example.org/port/alder"),
    ],
)
def test_a_file_is_named_alone_and_a_web_address_whole(source, shown, status):
    turns = [turn(source, status, ["It failed. Cannot read /home/me/secret/model.gguf: no such file."])]

    [document] = json.loads(to_json(turns))
    markdown = to_markdown(turns)

    places = document["citations"] or document["closest"]
    assert [place["article"]["source"] for place in places] == [shown]
    assert document["notes"] == ["It failed. Cannot read model.gguf: no such file."]
    if status is Status.ANSWERED:
        assert escape(f"{shown}, 2024-05-06") in markdown
    assert "secret" not in markdown + to_json(turns)


def test_what_reorders_text_is_shown_and_not_followed():
    assert escape("invoice\u202etxt.exe") == "invoice\\\\u202etxt\\.exe"


def test_json_keeps_what_was_asked_and_writes_out_what_reorders_it():
    asked = replace(turn("/port.txt", Status.ANSWERED, []), question="Who? \u202e", standalone="Who? \u202e")
    written = to_json([asked])
    assert "\u202e" not in written
    assert json.loads(written)[0]["standalone"] == "Who? \u202e"


def in_print(heading, language):
    said = turn("/port.pdf")
    (quoted,) = said.answer.citations
    article = replace(quoted.article, pages=(0, 0), sections=(Section(0, heading),))
    return replace(said, answer=replace(said.answer, language=language, citations=(replace(quoted, article=article),)))


@pytest.mark.parametrize(
    ("language", "heading", "shown"),
    [
        ("en", "Costs", "p\\. 2, § Costs"),
        ("en", "التكاليف", "p\\. 2, § \u2068التكاليف\u2069"),
        ("ar", "Costs", "ص 2، § \u2068Costs\u2069"),
        ("ar-EG", "التكاليف", "ص 2، § \u2068التكاليف\u2069"),
        ("sv", "Kostnader", "p\\. 2, § Kostnader"),
        ("en", "<img src=x> [a](b) \u202e", "p\\. 2, § \\<img src\\=x\\> \\[a\\]\\(b\\) \\\\u202e"),
    ],
)
def test_page_and_section_stand_behind_the_source(language, heading, shown):
    assert to_markdown([in_print(heading, language)]).rstrip().endswith(f"2024\\-05\\-06, {shown}")


def test_json_has_page_and_section_of_each_quote():
    (quoted,) = json.loads(to_json([in_print("Costs", "en")]))[0]["citations"]
    assert (quoted["page"], quoted["section"]) == (2, "Costs")
    (quoted,) = json.loads(to_json([turn("/port.txt")]))[0]["citations"]
    assert (quoted["page"], quoted["section"]) == (None, None)
