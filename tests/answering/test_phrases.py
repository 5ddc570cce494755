import json
from importlib.resources import files

import pytest

from assistant.answering.phrases import Phrase, phrase

PHRASES = json.loads(files("assistant.answering").joinpath("phrases.json").read_text("utf-8"))
# The languages of the Tatoeba sentences the project's language statistics come from.
LANGUAGES = [
    "ar",
    "bn",
    "bg",
    "cs",
    "zh",
    "de",
    "el",
    "en",
    "fi",
    "fr",
    "he",
    "hi",
    "hu",
    "id",
    "it",
    "ja",
    "ko",
    "nl",
    "fa",
    "pl",
    "pt",
    "ro",
    "ru",
    "es",
    "sv",
    "sw",
    "th",
    "tr",
    "uk",
    "ur",
    "vi",
]


@pytest.mark.parametrize("name", Phrase)
def test_every_phrase_is_said_in_every_language_in_its_own_words(name):
    said = PHRASES[name]
    assert sorted(said) == sorted(LANGUAGES)
    assert len(set(said.values())) == len(LANGUAGES)


def test_the_phrases_are_those_that_are_named():
    assert set(PHRASES) == set(Phrase)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_date_can_be_filled_in(language):
    assert "2026" in phrase(Phrase.PUBLISHED, language).format(date="2026")


@pytest.mark.parametrize(
    ("language", "same_as"), [("zh-Hant-TW", "zh"), ("PT_br", "pt"), ("und", "en"), ("", "en"), ("xx", "en")]
)
def test_regions_and_unknown_languages_have_a_phrase(language, same_as):
    assert phrase(Phrase.REFUSAL, language) == phrase(Phrase.REFUSAL, same_as)
