"""The local chat model itself, where its file is there."""

import pytest

from assistant.answering.events import Finished, Token
from assistant.answering.responder import Responder
from assistant.chat_models.registry import load_chat_model
from assistant.conversation.conversation import Conversation
from assistant.errors import ModelError
from assistant.settings import load_settings

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def responder(retriever):
    settings = load_settings(chat_model="local")
    try:
        model = load_chat_model("local", settings)
    except ModelError as error:
        pytest.skip(str(error))
    responder = Responder(retriever, settings, model)
    yield responder
    responder.close()


def test_the_next_summit_is_answered_in_english_from_the_arabic_article(responder):
    events = list(responder.stream("When is the next CSTO summit?"))
    answer = events[-1].answer
    assert any(isinstance(event, Token) for event in events)
    assert isinstance(events[-1], Finished)
    assert "11 نوفمبر 2026" in answer.citations[0].quote
    assert answer.model.startswith("local:")
    assert "11" in answer.text
    assert "November" in answer.text
    assert "2026" in answer.text


def test_the_invented_arrival_date_never_reaches_the_user(responder):
    answer = responder.ask("When will the American delegation arrive in Moscow?")
    assert "November" not in answer.text
    assert "الأسبوع المقبل" in answer.citations[0].quote


def test_a_follow_up_is_answered(responder):
    conversation = Conversation(responder)
    conversation.ask("When is the next CSTO summit?")
    answer = conversation.ask("And where?")
    assert "موسكو" in answer.citations[0].quote
