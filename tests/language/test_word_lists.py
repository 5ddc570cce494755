import re

import pytest

from assistant.language.word_lists import load_word_list, whole_words


def test_a_list_is_read_once():
    first = load_word_list("assistant.passages", "reference_words.json")
    assert load_word_list("assistant.passages", "reference_words.json") is first
    assert "المصدر" in first["sources"]


def test_a_missing_list_is_an_error():
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load_word_list("assistant.passages", "nowhere.json")


@pytest.mark.parametrize(
    ("choices", "language", "text", "found"),
    [
        ("year", "en", "the year, this-year and yearly", ["year", "year"]),
        ("明年", "zh", "会议在明年举行", ["明年"]),
        ("اليوم", "ar", "واليوم", []),
        ("내년", "ko", "내년에", []),
    ],
)
def test_whole_words(choices, language, text, found):
    assert re.findall(whole_words(choices, language), text) == found


@pytest.mark.parametrize(
    ("choices", "language", "text"),
    [("اليوم", "ar-EG", "واليوم"), ("يوم", "ar", "وباليوم"), ("מחר", "he", "ומחר"), ("내년", "ko", "내년에는")],
)
def test_words_with_what_is_written_onto_them(choices, language, text):
    assert re.fullmatch(whole_words(choices, language, particles=True), text)


def test_particles_do_not_make_another_word_match():
    assert not re.search(whole_words("يوم", "ar", particles=True), "نوم ويومان")
