"""How answers and prompts look in a pipe."""

import io
import re
import sys
from dataclasses import replace

from assistant.answering.answer import Answer, Citation, Status
from assistant.answering.json_format import answer_json
from assistant.articles.article import Article
from assistant.cli.chat import _read_question
from assistant.cli.questions import show_answer
from assistant.passages.passage import Passage, Span

TEXT = "Drain the pump. Close the valve. Wait an hour. Open the lid."
ARTICLE = Article("/manual.txt", "The pump", TEXT, "en")
SPANS = tuple(Span(found.start(), found.end()) for found in re.finditer(r"\S[^.]*\.", TEXT))


def answer_of(*spans, article=ARTICLE):
    passage = Passage(article.id, 0, len(TEXT), TEXT, SPANS)
    citations = tuple(Citation.of(article, passage, span, number) for number, span in enumerate(spans, 1))
    text = " ".join(f"{one.quote} [{one.number}]" for one in citations)
    return Answer("How?", text, Status.ANSWERED, "en", "extractive", citations)


def test_a_passage_is_printed_once_with_all_that_is_cited_of_it(capsys):
    show_answer(answer_json(answer_of(SPANS[2], SPANS[0], SPANS[3])))
    printed = capsys.readouterr().out
    assert "[1][2][3] The pump\n    /manual.txt\n" in printed
    assert printed.endswith("    ⟦Drain the pump.⟧ Close the valve. ⟦Wait an hour.⟧ ⟦Open the lid.⟧\n")
    assert printed.count("Close the valve.") == 1


def test_what_two_citations_share_is_marked_once(capsys):
    show_answer(answer_json(answer_of(Span(SPANS[1].start, SPANS[2].end), SPANS[2])))
    assert "    Drain the pump. ⟦Close the valve. Wait an hour.⟧ Open the lid.\n" in capsys.readouterr().out


def test_passages_of_two_articles_are_printed_by_themselves(capsys):
    both = answer_of(SPANS[0]), answer_of(SPANS[0], article=replace(ARTICLE, title="Another", text=TEXT + " "))
    citations = (both[0].citations[0], replace(both[1].citations[0], number=2))
    show_answer(answer_json(replace(both[0], citations=citations)))
    assert capsys.readouterr().out.count("⟦Drain the pump.⟧ Close the valve.") == 2


def test_questions_from_a_pipe_are_not_asked_for(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("When?\n"))
    assert (_read_question(), _read_question()) == ("When?", None)
    assert capsys.readouterr() == ("", "")
