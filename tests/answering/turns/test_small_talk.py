import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from assistant.answering.answer import Status
from assistant.answering.events import Finished
from assistant.answering.json_format import answer_json
from assistant.answering.phrases import Phrase, phrase
from assistant.answering.turns.handling import TurnHandler
from assistant.answering.turns.kinds import (
    LONGEST,
    SEARCHED,
    SMALL_TALK,
    TurnClassifier,
    TurnKind,
    load_classifier,
    read_examples,
)

OTHER_LANGUAGES = json.loads((Path(__file__).parent / "other_languages.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def classifier(encoder):
    return load_classifier(encoder.name, encoder.dimension)


@pytest.fixture(scope="module")
def told(retriever):
    """What each text of the languages that the classifier was not fitted on is taken for, by its kind."""
    turns = TurnHandler(retriever, date.today)
    return {
        kind: [turns.classify(text).kind for texts in by_language.values() for text in texts]
        for kind, by_language in OTHER_LANGUAGES.items()
    }


def test_it_was_not_fitted_on_the_languages_of_the_test():
    fitted = {language for _, language, _ in read_examples()}
    others = {language for by_language in OTHER_LANGUAGES.values() for language in by_language}
    assert len(fitted) >= 10
    assert len(others) >= 6
    assert not fitted & others


def test_every_kind_has_examples():
    assert {kind for kind, _, _ in read_examples()} == set(TurnKind)
    assert set(TurnKind) > SMALL_TALK


def test_kinds_are_told_in_other_languages(told):
    right = [kind == name for name, kinds in told.items() for kind in kinds]
    assert np.mean(right) > 0.87


@pytest.mark.parametrize(
    "text",
    [
        "tavarra lighthouse",
        "moira tregena",
        "brellan aprentices",
        "كاس الواحات",
        "حديقة الصنوبر",
        "夜市",
        "Мостовой банк",
    ],
)
def test_keyword_queries_are_searched_for(retriever, text):
    assert TurnHandler(retriever, date.today).classify(text).kind in SEARCHED


def test_no_question_of_another_language_is_taken_for_anything_else(told):
    assert np.mean([kind in SEARCHED for kind in told[TurnKind.FACT]]) > 0.97


@pytest.mark.parametrize(
    ("said", "reply", "language"),
    [
        ("Hello!", Phrase.REPLY_GREETING, "en"),
        ("hi", Phrase.REPLY_GREETING, "en"),
        ("Guten Abend zusammen", Phrase.REPLY_GREETING, "de"),
        ("おはようございます！", Phrase.REPLY_GREETING, "ja"),
        ("شكرا جزيلا لكم", Phrase.REPLY_THANKS, "ar"),
        ("tack så mycket", Phrase.REPLY_THANKS, "sv"),
        ("до свидания", Phrase.REPLY_FAREWELL, "ru"),
        ("Can you please help me?", Phrase.REPLY_HELP, "en"),
        ("你是机器人吗", Phrase.REPLY_HELP, "zh"),
        ("d'accord", Phrase.REPLY_ACKNOWLEDGEMENT, "fr"),
        ("are you really sure?", Phrase.REPLY_DOUBT, "en"),
    ],
)
def test_small_talk_is_returned_in_its_language(respond, said, reply, language):
    answer = respond().ask(said)
    assert (answer.status, answer.language, answer.text) == (Status.REPLY, language, phrase(reply, language))
    assert (answer.citations, answer.closest, answer.hits) == ((), (), ())
    assert answer_json(answer)["status"] == "reply"


def test_no_article_is_searched_for_small_talk(respond):
    assert [type(event) for event in respond().stream("thank you")] == [Finished]


@pytest.mark.parametrize(
    "asked",
    [
        "why?",
        "and when?",
        "lighthouse keeper",
        "Who said hello to the captain?",
        "thanks, and who built the lighthouse?",
        "Good evening, how high is the lamp of the lighthouse?",
        "Is the captain sure that the ferry sails?",
        "من شكر القبطان؟",
        "Wie heißt der Roboter im Hafen?",
    ],
)
def test_questions_are_searched_for(respond, asked):
    assert respond().ask(asked).status is not Status.REPLY


@pytest.mark.parametrize("asked", ["where do I apply?", "а третью?", "怎么预约?", "और आलू?", "and in 2025?"])
def test_within_a_conversation_short_questions_are_searched_for(respond, asked):
    turns = respond().turns
    assert turns.classify(asked).kind not in SEARCHED
    assert turns.classify(asked, follows=True).kind in SEARCHED | {TurnKind.UNCLEAR}


@pytest.mark.parametrize(
    "said",
    ["thanks!", "شكرا", "ok danke", "hello", "nein", "schade", "bist du sicher?", "who are you?", "list all articles"],
)
def test_within_a_conversation_small_talk_and_the_library_stay_what_they_are(respond, said):
    turns = respond().turns
    assert turns.classify(said, follows=True).kind is turns.classify(said).kind not in SEARCHED


def test_words_of_several_languages_are_in_the_one_spoken_before(respond):
    turns = respond().turns
    assert turns.classify("ciao").language == "it"
    assert turns.classify("no", "es").language == "es"
    assert turns.classify("super", "fr").language == "fr"
    assert turns.classify("super", "de").language == "de"


def test_long_and_blank_texts_are_no_small_talk(respond):
    turns = respond().turns
    assert turns.classify("thanks " * LONGEST).kind in SEARCHED
    assert turns.classify("  \n").kind is TurnKind.FACT


def test_without_a_classifier_for_the_model_everything_is_asked(retriever, monkeypatch):
    assert load_classifier("another-model", 384) is None
    monkeypatch.setattr("assistant.answering.turns.handling.load_classifier", lambda *_: None)
    utterance = TurnHandler(retriever, date.today).classify("hello")
    assert utterance.kind is TurnKind.FACT


def test_a_classifier_survives_being_written(classifier):
    read = TurnClassifier.from_bytes(classifier.to_bytes())
    assert (read.model, read.kinds) == (classifier.model, classifier.kinds)
    assert np.array_equal(read.weights, classifier.weights)
    assert np.array_equal(read.biases, classifier.biases)
    assert len(classifier.to_bytes()) < 16_000
