import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.language.normalise import fold
from assistant.language.words import WORD, bare_forms, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It's well-known: 3,5 or 1.190 (2026).", ["It's", "well-known", "3,5", "or", "1.190", "2026"]),
        ("paid.Then, paid,then", ["paid", "Then", "paid", "then"]),
        ("L’ONU, O’Brien", ["L’ONU", "O’Brien"]),
        ("कितने लोग", ["कितने", "लोग"]),
        ("أُنجز العمل", ["أُنجز", "العمل"]),
        ("- 'quoted' -", ["quoted"]),
        ("a_b", ["a", "b"]),
    ],
)
def test_words_of_running_text(text, found):
    assert WORD.findall(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("£30m, 5 % and 1,190", ["£", "30", "m", "5", "%", "and", "1,190"]),
        ("a 30-million-pound plan", ["a", "30", "million", "pound", "plan"]),
        ("ten-minute talk", ["ten-minute", "talk"]),
        ("12 000 men", ["12\u202f000", "men"]),
        ("in 2026 000 people", ["in", "2026", "000", "people"]),
    ],
)
def test_words_of_folded_text(text, found):
    assert [word.text for word in words(fold(text))] == found


@given(st.text())
def test_words_say_where_they_stand(text):
    folded = fold(text)
    assert all(folded[word.start : word.end].replace(" ", "\u202f") == word.text for word in words(folded))


@pytest.mark.parametrize(
    ("word", "bare"),
    [
        ("والامن", "امن"),
        ("بالامن", "امن"),
        ("للامن", "امن"),
        ("وموسكو", "موسكو"),
        ("كتابا", "كتاب"),
        # "ال" belongs to the word here, and only the preposition is written onto it.
        ("لالتزام", "التزام"),
    ],
)
def test_a_word_without_arabic_particles(word, bare):
    assert bare in bare_forms(word)


def test_a_word_of_another_script_is_its_only_form():
    assert bare_forms("summit") == ("summit",)
