"""Translations under quotations in another language: which are shown."""

import json

import pytest

from assistant.answering.answer import Status
from assistant.answering.json_format import answer_json
from assistant.answering.phrases import Phrase, languages, phrase
from assistant.answering.turns.kinds import TurnKind
from assistant.answering.turns.languages import language_named
from assistant.conversation.conversation import Conversation
from assistant.errors import ModelError

SUMMIT = "When is the next CSTO summit?"
UNSUPPORTED = "The summit is in Paris in 1950."
RIGHT = "He announced that the next summit will be held on 11 November 2026 in Moscow."


def test_on_request_a_quotation_gets_a_translation_that_agrees(respond):
    conversation = Conversation(respond(UNSUPPORTED, RIGHT))
    quoted = conversation.ask(SUMMIT)
    [choice] = quoted.choices
    assert (quoted.model, choice.label) == ("extractive", "In English please")
    translated = conversation.ask(choice.question)
    [translation] = translated.translations
    assert (translation.text, translation.language, translation.model) == (RIGHT, "en", "scripted")
    assert translated.citations == quoted.citations
    assert translated.text == quoted.text
    assert translated.choices == ()
    assert "نوفمبر" in conversation._responder.model.connect().asked[1]


def test_another_language_may_be_asked_for(respond):
    conversation = Conversation(
        respond(UNSUPPORTED, "Er kündigte an, dass der nächste Gipfel am 11. November 2026 in Moskau stattfindet.")
    )
    conversation.ask(SUMMIT)
    [translation] = conversation.ask("auf Deutsch bitte").translations
    assert (translation.language, translation.number) == ("de", 1)


def test_by_the_setting_every_foreign_quotation_has_one(respond):
    answer = respond(UNSUPPORTED, RIGHT, translate=True).ask(SUMMIT)
    assert [one.text for one in answer.translations] == [RIGHT]
    assert answer_json(answer)["translations"] == [{"number": 1, "language": "en", "text": RIGHT, "model": "scripted"}]
    json.dumps(answer_json(answer))


@pytest.mark.parametrize(
    "written",
    [
        "He announced that the next summit will be held on 12 November 2026 in Moscow.",
        "He announced that the next summit will be held on 11 November 2025 in Moscow.",
        "He announced that the next summit will be held on 11 November 2026 in Astana.",
        "He announced that the next summit will be held in Moscow.",
        "He announced that the next summit will not be held on 11 November 2026 in Moscow.",
        "وأعلن أن القمة المقبلة ستعقد في 11 نوفمبر 2026 في موسكو.",
        "PWNED",
    ],
)
def test_a_translation_that_does_not_agree_is_not_shown_and_a_line_says_so(respond, written):
    answer = respond(UNSUPPORTED, written, translate=True).ask(SUMMIT)
    assert answer.status is Status.ANSWERED
    assert answer.translations == ()
    assert answer.notes[-1] == phrase(Phrase.TRANSLATION_LEFT_OUT, "en")


def test_a_model_that_fails_to_translate_leaves_the_quotation(respond):
    answer = respond(UNSUPPORTED, ModelError("It ran out of memory."), translate=True).ask(SUMMIT)
    assert answer.translations == ()
    assert answer.notes[-1].startswith(phrase(Phrase.NOT_TRANSLATED, "en"))


def test_what_needs_none_gets_none(respond):
    without_model = Conversation(respond(translate=True))
    assert without_model.ask(SUMMIT).choices == ()
    assert without_model.ask("in English please").translations == ()
    written = respond("The next CSTO summit is on 11 November 2026 [1].", translate=True).ask(SUMMIT)
    assert (written.model, written.translations) == ("scripted", ())
    same = respond("In Paris.", translate=True).ask("متى تعقد القمة المقبلة؟")
    assert (same.model, same.translations) == ("extractive", ())


def test_a_program_may_ask_for_one(respond):
    responder = respond(UNSUPPORTED, RIGHT)
    answer = responder.ask(SUMMIT)
    assert responder.translate(answer).translations[0].text == RIGHT


@pytest.mark.parametrize("language", languages())
def test_the_offer_is_understood_in_each_language(respond, language):
    request = phrase(Phrase.TRANSLATE, language)
    utterance = respond().turns.classify(request, language)
    assert (utterance.kind, language_named(request, utterance.language)) == (TurnKind.TRANSLATION, language)
