import pytest

from assistant.answering.grounding.names import find_names, is_named


@pytest.mark.parametrize(
    ("sentence", "language", "names"),
    [
        ("Putin met Sadyr Japarov in Bishkek.", "en", ["Sadyr", "Japarov", "Bishkek"]),
        ("Vladimir Putin said so.", "en", ["Putin"]),
        ("The CSTO met.", "en", ["CSTO"]),
        ("NATO met.", "en", ["NATO"]),
        ("King Louis XIV ruled.", "en", ["Louis"]),
        ("Вчера Путин прибыл в Бишкек.", "ru", ["Путин", "Бишкек"]),
        ("Der Gipfel findet in Moskau statt.", "de", []),
        ("القمة في موسكو", "ar", []),
    ],
)
def test_capitals_mark_names(sentence, language, names):
    assert find_names(sentence, language) == names


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Moscow", "ستعقد القمة في موسكو"),
        ("Bishkek", "في ختام زيارته إلى بيشكيك"),
        ("Kyrgyzstan", "الرئيس القرغيزستاني"),
        ("Japarov", "صادر جباروف"),
        ("Putin", "قال بوتين"),
        ("Vladimir", "الرئيس فلاديمير"),
        ("Ukraine", "وفي أوكرانيا"),
        ("Armenia", "موقف أرمينيا"),
        ("Donbas", "من دونباس"),
        ("Russia", "روسيا"),
        ("Moscow", "峰会在莫斯科举行"),
        ("Moscow", "Саммит в Москве"),
        ("Moskau", "in Moscow"),
        ("Путин", "President Putin said"),
        ("Athens", "στην Αθήνα"),
        ("Tokyo", "東京(トウキョウ)"),
        ("موسكو", "in Moscow"),
    ],
)
def test_a_name_is_found_inflected_and_in_another_script(name, text):
    assert is_named(name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Paris", "ستعقد القمة في موسكو"),
        ("Minsk", "ستعقد القمة في موسكو"),
        ("Eurasia", "روسيا"),
        ("Trump", "قال بوتين"),
        ("Astana", "زيارته إلى بيشكيك"),
        ("Macron", "الرئيس القرغيزستاني صادر جباروف"),
        ("London", "in Paris and Rome"),
    ],
)
def test_another_name_is_not_found(name, text):
    assert not is_named(name, text)
