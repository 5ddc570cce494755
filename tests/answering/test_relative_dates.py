import pytest

from assistant.answering.relative_dates import is_relative


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ar", "متوقعا وصول الوفد الأمريكي إلى موسكو الأسبوع المقبل"),
        ("ar", "قال بوتين اليوم إن المعارك ستتوقف"),
        ("de", "Die Delegation trifft kommende Woche ein."),
        ("en", "They spoke last night."),
        ("en", "The delegation arrives next week."),
        ("fa", "هیئت هفته آینده می‌رسد"),
        ("fr", "L’an dernier, il était à Moscou."),
        ("ja", "昨日、彼は来た。"),
        ("ru", "Он приедет на следующей неделе."),
        ("tr", "Heyet dün geldi."),
        ("zh", "下周举行"),
    ],
)
def test_a_date_by_the_day_of_writing_is_found(language, text):
    assert is_relative(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ar", "استغرق يومين"),
        ("de", "Sie trifft am 3. Mai ein."),
        ("en", "It took two weeks in 2026."),
        ("fr", "Il est venu le 3 mai."),
        ("zh", "2026年5月3日举行"),
        ("xx", "next week"),
    ],
)
def test_another_date_is_not(language, text):
    assert not is_relative(text, language)
