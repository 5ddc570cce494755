"""Translations of quotations on the page, in shared answers and in exports."""

from dataclasses import replace

import pytest

from assistant.answering.answer import Answer, Status, Translation
from assistant.answering.extractive import cite_best_sentence
from assistant.conversation.export import to_json, to_markdown
from assistant.conversation.history_database import StoredTurn
from assistant.conversation.turn import Turn
from assistant.conversation.turn_json import dump_turn, load_turn
from assistant.web.page import render


@pytest.fixture
def turn(retriever):
    [hit] = retriever.search("When is the next CSTO summit?", 1).hits
    citation = cite_best_sentence(hit, 1)
    translation = Translation(1, "en", "<b>The next</b> summit is in Moscow.", "openai:gpt")
    answer = Answer("When?", f"{citation.quote} [1]", Status.ANSWERED, "en", "extractive", (citation,))
    return Turn("When?", "When?", replace(answer, translations=(translation,)))


def test_the_page_shows_a_translation_under_the_answer_and_says_whose_it_is(turn):
    shown = render.answer(StoredTurn(7, turn, 0.1), "en")
    assert '<blockquote class="translation" dir="auto" lang="en">&lt;b&gt;The next&lt;/b&gt; summit' in shown
    assert "Translation of the quotation, by openai:gpt." in shown
    assert 'href="#source-7-1"' in shown


def test_a_shared_answer_has_it_too(turn):
    shown = render.template("shared", "en", turn=render.turn_json(StoredTurn(7, turn, 0.1), "en"), nonce="n")
    assert "summit is in Moscow" in shown
    assert "<b>The next" not in shown


def test_it_is_kept_and_exported(turn):
    assert load_turn(*dump_turn(turn)) == turn
    assert '"translations": [' in to_json([turn])
    assert "\\<b\\>The next\\</b\\> summit" in to_markdown([turn])


def test_turns_that_were_kept_before_there_were_any_are_read(turn):
    document, articles = dump_turn(replace(turn, answer=replace(turn.answer, translations=())))
    assert '"translations": [], ' in document
    assert load_turn(document.replace('"translations": [], ', ""), articles).answer.translations == ()
