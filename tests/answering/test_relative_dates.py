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
        ("ar", "انطلق صباح الجمعة القطار البخاري"),
        ("de", "Der Dorfladen hat am Samstag eröffnet."),
        ("en", "The mine closed on Tuesday at 9.30."),
        ("es", "Los apicultores lo denunciaron el viernes."),
        ("fa", "نشست یکشنبه برگزار شد"),
        ("fr", "Le navire a accosté mercredi."),
        ("hi", "विधेयक सोमवार को पारित हुआ।"),
        ("ko", "광장이 토요일에 개방됐다."),
        ("ru", "В пятницу начала работать вторая линия."),
        ("zh", "县法院周五判决。"),
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
        ("en", "It is open from Monday to Friday."),
        ("en", "It closed on Sunday, 24 August."),
        ("en", "The sun sat on the may tree."),
        ("de", "Der Markt ist am Sonntag, den 24. August."),
        ("fr", "Il ouvre le dimanche 24 août."),
        ("id", "Panen mundur lima minggu."),
        ("vi", "Tem thư năm 2021."),
        ("zh", "窗口办理时间为周一至周五。"),
        ("zh", "5月3日（星期三）举行"),
    ],
)
def test_another_date_is_not(language, text):
    assert not is_relative(text, language)
