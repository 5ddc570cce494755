import pytest

from assistant.answering.parts import Compared, split_question, things_compared


@pytest.mark.parametrize(
    ("language", "question", "parts"),
    [
        (
            "en",
            "When was it built, and in which year did it close?",
            ("When was it built", "in which year did it close?"),
        ),
        ("ar", "متى افتتح الجسر وكم طوله؟", ("متى افتتح الجسر", "كم طوله؟")),
        ("de", "Wer baute den Turm und wie hoch ist er?", ("Wer baute den Turm", "wie hoch ist er?")),
        ("es", "¿Cuándo abrió la torre y cuánto mide?", ("¿Cuándo abrió la torre", "cuánto mide?")),
        ("fr", "Qui dirige l’école et combien coûte-t-elle ?", ("Qui dirige l’école", "combien coûte-t-elle ?")),
        ("ru", "Кто построил мост и сколько он стоил?", ("Кто построил мост", "сколько он стоил?")),
        ("tr", "Köprü ne zaman açıldı ve kaç metre?", ("Köprü ne zaman açıldı", "kaç metre?")),
        ("zh", "桥是什么时候建的，花了多少钱？", ("桥是什么时候建的", "花了多少钱？")),
    ],
)
def test_a_question_for_two_things_is_split_before_the_second(language, question, parts):
    assert split_question(question, language) == parts


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "Who designed and built the tower?"),
        ("en", "What do children and students pay?"),
        ("en", "When and why was it shut?"),
        ("ar", "ما سعر الخبز والحليب؟"),
        ("zh", "面包和牛奶多少钱？"),
        ("und", "When did it open and how long is it?"),
    ],
)
def test_other_questions_are_not(language, question):
    assert split_question(question, language) is None


def test_a_comparison_is_a_question_about_each():
    assert things_compared("Was ist älter, das Rathaus oder die Brücke?", "de") == Compared(
        "Was ist älter,", ("das Rathaus", "die Brücke")
    )


@pytest.mark.parametrize("question", ["Is tea or coffee sold there?", "What is older, the tower?", "Tea, or coffee?"])
def test_what_compares_nothing_is_no_comparison(question):
    assert things_compared(question, "en") is None
