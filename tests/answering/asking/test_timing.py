import pytest

from assistant.answering.asking.timing import (
    asks_for_date,
    asks_for_time,
    asks_for_year,
    states_date,
    states_time,
    states_year,
)


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


@pytest.mark.parametrize(
    ("question", "language", "asks"),
    [
        ("On what date does the delegation arrive?", "en", True),
        ("When does the delegation arrive?", "en", False),
        ("Putin'in Bişkek'e resmî ziyareti hangi tarihler arasında sürdü?", "tr", True),
        ("什么日期举行?", "zh", True),
        ("On what date?", "xx", False),
    ],
)
def test_a_date_is_asked_for_by_name(question, language, asks):
    assert asks_for_date(question, language) is asks


@pytest.mark.parametrize(
    ("text", "language", "states"),
    [
        ("It opened on 3 May.", "en", True),
        ("They spoke on Thursday.", "en", True),
        ("They spoke today.", "en", True),
        ("It opens next week.", "en", False),
        ("It opened in 1974.", "en", False),
        ("متوقعا وصول الوفد الأمريكي إلى موسكو الأسبوع المقبل", "ar", False),
        ("قال بوتين اليوم إن المعارك ستتوقف", "ar", True),
        ("التي استمرت بين 25 و27 نوفمبر", "ar", True),
        ("下周举行", "zh", False),
        ("今天举行", "zh", True),
    ],
)
def test_dates_are_told_from_weeks_and_years(text, language, states):
    assert states_date(text, language) is states
