import pytest

from assistant.answering.asking.timing import asks_for_time, asks_for_year, states_time, states_year


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("When is the next CSTO summit?", True),
        ("And when does it begin?", True),
        ("What is it called when a ship sinks?", False),
        ("Que se passe-t-il quand un navire coule ?", False),
        ("متى تعقد القمة المقبلة؟", True),
        ("集体安全条约组织下一次峰会什么时候举行?", True),
    ],
)
def test_when_asks_for_a_time_but_not_within_a_clause(question, asks):
    assert asks_for_time(question) is asks


@pytest.mark.parametrize(
    ("text", "language", "states"),
    [
        ("A fire destroyed 312 beehives.", "en", False),
        ("Its owner spoke of a neighbour.", "en", False),
        ("It broke out at 4:30.", "en", True),
        ("It broke out after the storm.", "en", True),
        ("It was built in 1874.", "en", True),
        ("The town was founded in 79 AD.", "en", True),
        ("They meet every Tuesday.", "en", True),
        ("The work takes three weeks.", "en", True),
        ("المعارك ستتوقف بمجرد انسحاب القوات", "ar", True),
        ("القمة المقبلة ستعقد في 11 نوفمبر 2026 في موسكو", "ar", True),
        ("تدفع الحكومة نصف المبلغ", "ar", False),
        ("Moto uliwaka.", "sw", True),
    ],
)
def test_times_are_told_from_other_numbers(text, language, states):
    assert states_time(text, language) is states


@pytest.mark.parametrize(
    ("text", "language", "states"),
    [
        ("A fire destroyed 312 beehives on Monday.", "en", False),
        ("It was in 1874.", "en", True),
        ("It was last year.", "en", True),
        ("ولد الشافعي بغزة عام 150 هـ، وانتقلت به أمه إلى مكة", "ar", True),
    ],
)
def test_years_are_told_from_other_times(text, language, states):
    assert states_year(text, language) is states


def test_which_year_is_recognised():
    assert asks_for_year("In which year was it built?", "en")
    assert asks_for_year("في أي عام ولد؟", "ar")
    assert not asks_for_year("When was it built?", "en")
