import pytest

from assistant.answering.rows import say_row
from assistant.answering.superlatives import Superlative, superlative_of, superlative_words

TABLE = ["Peak | Height | Hut", "Kolm | 2,310 m | open", "Arven | 1,980 m | closed"]


def test_a_row_is_said_with_all_columns_where_none_is_asked_about(hit):
    assert say_row(hit(TABLE, best=1, separator="\n")) == "Kolm — Height: 2,310 m; Hut: open"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Kolm | 2,310 m |", "Kolm — Height: 2,310 m"),
        ("Kolm | | open", "Kolm — Hut: open"),
        ("| 2,310 m | open", "Height: 2,310 m; Hut: open"),
        ("Kolm | |", "Kolm"),
    ],
)
def test_empty_cells_of_a_row_are_left_out(hit, row, said):
    assert say_row(hit([TABLE[0], row, TABLE[2]], best=1, separator="\n")) == said


def test_a_cell_below_no_name_is_said_without_one(hit):
    assert (
        say_row(hit(["Peak | | Hut", "Kolm | 2,310 m | open"], best=1, separator="\n")) == "Kolm — 2,310 m; Hut: open"
    )


def test_any_other_sentence_is_said_as_it_stands(hit):
    assert say_row(hit(["Kolm | a peak, is high."])) == "Kolm | a peak, is high."


@pytest.mark.parametrize(
    ("language", "cheapest", "dearest", "least", "most"),
    [
        ("ar", "ما أرخص فندق؟", "ما أغلى فندق؟", "ما أقل مسافة؟", "أي فندق لديه أكبر عدد غرف؟"),
        ("de", "Was ist am günstigsten?", "Wo ist es am teuersten?", "Wer hat die wenigsten?", "Wer hat die meisten?"),
        ("en", "What is the cheapest?", "What is most expensive?", "Who has the fewest?", "Who has the most rooms?"),
        (
            "es",
            "¿Cuál es el más barato?",
            "¿Cuál es la más cara?",
            "¿Cuál tiene menos?",
            "¿Cuál tiene el mayor número?",
        ),
        ("fr", "Quel est le moins cher ?", "Quel est le plus cher ?", "Lequel en a le moins ?", "Qui en a le plus ?"),
        ("ru", "Где самый дешёвый номер?", "Где дороже всего?", "Где меньше всего мест?", "Где больше всего мест?"),
        ("tr", "En ucuz otel hangisi?", "En pahalı otel hangisi?", "En az oda nerede?", "En çok oda nerede?"),
        ("zh", "哪家最便宜？", "哪家最贵？", "哪家房间最少？", "哪家房间最多？"),
    ],
)
def test_superlatives_are_told_apart(language, cheapest, dearest, least, most):
    found = [superlative_of(question, language) for question in (cheapest, dearest, least, most)]
    assert found == [Superlative.CHEAPEST, Superlative.DEAREST, Superlative.LEAST, Superlative.MOST]


@pytest.mark.parametrize(("language", "text"), [("en", "Is it cheap?"), ("ar", "كم الرخصة؟"), ("xx", "the cheapest")])
def test_other_questions_have_none(language, text):
    assert superlative_of(text, language) is None


@pytest.mark.parametrize(
    ("language", "question", "said"),
    [
        ("ar", "ما أرخص فندق؟", "أرخص"),
        ("de", "Was sind die günstigsten Karten?", "günstigsten"),
        ("en", "Which is the most expensive?", "most expensive"),
        ("es", "¿Cuál es la más cara?", "más cara"),
        ("zh", "哪家最便宜？", "最便宜"),
    ],
)
def test_the_words_of_a_superlative_are_found_whole(language, question, said):
    span = superlative_words(question, language)
    assert span is not None
    assert span.of(question) == said


def test_a_question_without_superlative_has_no_words_of_one():
    assert superlative_words("Is it cheap?", "en") is None
