import pytest

from assistant.answering.asking.countries import asks_for_country, states_country


@pytest.mark.parametrize(
    ("question", "language", "asks"),
    [
        ("Which countries took part?", "en", True),
        ("Which country singer came?", "en", False),
        ("In welche Länder exportiert Russland seine Waffen?", "de", True),
        ("В каких странах говорят по-русски?", "ru", True),
        ("ما هي الدولة التي تبني المحطة؟", "ar", True),
        ("ما هي الدولة الفاطمية؟", "ar", False),
        ("哪个国家获胜?", "zh", True),
        ("Which country?", "xx", False),
    ],
)
def test_which_country_is_recognised(question, language, asks):
    assert asks_for_country(question, language) is asks


@pytest.mark.parametrize(
    ("text", "language", "states"),
    [
        ("American troops left.", "en", True),
        ("Dutch ships came.", "en", True),
        ("Nine ships came.", "en", False),
        ("القوات الأمريكية", "ar", True),
        ("هندسة المباني", "ar", True),  # begins as India does: rather answered than refused
        ("أسلحة ومعدات للتصدير", "ar", False),
        ("Die Franzosen kamen.", "de", True),
        ("Die Schiffe kamen.", "de", False),
        ("中国获胜", "zh", True),  # words are not set apart
    ],
)
def test_countries_and_their_people_are_found(text, language, states):
    assert states_country(text, language, "Which country?", "en") is states


def test_the_country_that_a_question_names_does_not_answer_it():
    question = "In welche Länder exportiert Russland seine Waffen?"

    assert not states_country("صناعة الدفاع الروسية", "ar", question, "de")
    assert states_country("صناعة الدفاع الروسية", "ar", "Welches Land baut sie?", "de")
    assert not states_country("Russia's troops left Moscow.", "en", "Which country did Russia leave?", "en")
