import pytest

from assistant.language.tags import primary_subtag


@pytest.mark.parametrize(
    ("tag", "language"),
    [("ar", "ar"), ("ar-EG", "ar"), ("ar_EG", "ar"), ("ZH-hant-TW", "zh"), ("und", "und"), ("", "")],
)
def test_the_language_of_a_tag(tag, language):
    assert primary_subtag(tag) == language
