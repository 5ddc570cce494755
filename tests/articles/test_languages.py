import pytest

from assistant.articles.languages import choose_language, language_code


@pytest.mark.parametrize(
    ("tag", "code"),
    [("ar", "ar"), ("ar_SA", "ar"), ("AR-eg", "ar"), ("ara", "ar"), ("zh-Hans-CN", "zh"), ("no", "no"), ("iw", "he")],
)
def test_tags_give_their_language(tag, code):
    assert language_code(tag) == code


@pytest.mark.parametrize("tag", [None, "", "und", "Arabic!", "x-default", "zz", "a", "english please", "\u202e"])
def test_what_is_no_tag_gives_none(tag):
    assert language_code(tag) is None


def test_long_text_speaks_for_itself(arabic_paragraphs):
    assert choose_language("\n".join(arabic_paragraphs), "en") == "ar"


def test_short_text_takes_the_declared_language():
    assert choose_language("Radio", "cs-CZ") == "cs"


def test_text_that_says_nothing_takes_the_declared_language_or_none():
    assert choose_language("12345 678", "ar") == "ar"
    assert choose_language("12345 678", None) == "und"
