import asyncio

import pytest
from langchain_core.prompt_values import StringPromptValue

from assistant.chat_models.likelihood import MAX_TEXT, alog_likelihoods, log_likelihoods, tells_likelihoods, writable
from assistant.chat_models.registry import load_chat_model
from assistant.errors import ModelError
from assistant.settings import load_settings

QUESTION = 'When was the "Old Bridge" of Port Alder built?'


def prompt(text):
    return StringPromptValue(text=f"Text: {text}\n\nWrite a question in English that this text answers.")


@pytest.fixture(scope="module")
def model():
    try:
        model = load_chat_model("local", load_settings())
    except ModelError as error:
        pytest.skip(str(error))
    yield model
    model.close()


def test_a_question_is_likelier_after_the_sentence_that_answers_it(model):
    assert tells_likelihoods(model)
    answers, other, foreign = log_likelihoods(
        model,
        [
            prompt("The Old Bridge of Port Alder was built in 1874."),
            prompt("The Old Bridge of Port Alder is 40 metres long."),
            prompt("بني الجسر القديم في بورت ألدر عام 1874."),
        ],
        QUESTION,
    )
    assert answers > other
    assert answers > foreign > -200
    assert answers < 0


def test_without_blocking_it_says_the_same(model):
    prompts = [prompt("The Old Bridge of Port Alder was built in 1874."), prompt("Bread is baked from flour.")]
    one, two = asyncio.run(alog_likelihoods(model, prompts, QUESTION))
    assert one > two + 10


@pytest.mark.parametrize("text", ['say "no"\\', "a\x00b\nc \ud800d", "می‌خواهم؟", "]) root ::= ", "x" * 5000])
def test_any_text_can_be_asked_about(model, text):
    (likelihood,) = log_likelihoods(model, [prompt("Bread is baked from flour.")], text)
    assert likelihood < 0


def test_what_cannot_be_written_is_left_out():
    assert writable("می‌خواهم\x00؟") == "می‌خواهم ؟"
    assert len(writable("x" * 5000)) == MAX_TEXT


def test_a_hosted_model_tells_none(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    assert not tells_likelihoods(load_chat_model("openai:gpt-5-mini", load_settings()))
