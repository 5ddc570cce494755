from datetime import date

import pytest

from assistant.evaluation.stated_numbers import Source, unstated_numbers

SUMMIT = Source("القمة المقبلة ستعقد في 11 ديسمبر 2026 في موسكو", "ar")


@pytest.mark.parametrize(
    ("answer", "language", "text", "text_language"),
    [
        ("711,988 people", "en", "عددهم 711988", "ar"),
        ("711.988 Menschen", "de", "عددهم ٧١١٬٩٨٨", "ar"),
        ("عددهم ٧١١٬٩٨٨", "ar", "711,988 people", "en"),
        ("711 988 personnes", "fr", "711,988 people", "en"),
        ("14 million people", "en", "نحو 14 مليون شخص", "ar"),
        ("14 million people", "en", "14,000,000 people", "en"),
        ("1.5 billion", "en", "1,500 million", "en"),
        ("1400万人", "zh", "14 million people", "en"),
        ("25 men", "en", "twenty-five men", "en"),
        ("12 men", "en", "حضر 12 رجلا", "ar"),
        ("the 11th", "en", "on 11 November", "en"),
        ("2.5 km² of it", "en", "2,5 Quadratkilometer davon", "de"),
        ("In 2026", "en", "ในปี 2569", "th"),
    ],
)
def test_numbers_agree_by_value(answer, language, text, text_language):
    assert unstated_numbers(answer, language, [Source(text, text_language)]) == []


@pytest.mark.parametrize(
    ("answer", "language", "text", "text_language", "missing"),
    [
        ("711,989 people", "en", "عددهم ٧١١٬٩٨٨", "ar", ["711,989"]),
        ("14 million people", "en", "نحو 14 شخصا", "ar", ["14 million"]),
        ("14 people", "en", "نحو 14 مليون شخص", "ar", ["14"]),
        ("20 men, 30 women, 20 dogs", "en", "30 women", "en", ["20"]),
        ("في ٢٠٢٧", "ar", "in 2026", "en", ["2027"]),
        ("২৫ জন", "bn", "24 people", "en", ["25"]),
    ],
)
def test_other_values_are_told(answer, language, text, text_language, missing):
    assert unstated_numbers(answer, language, [Source(text, text_language)]) == missing


@pytest.mark.parametrize(
    ("answer", "language", "missing"),
    [
        ("On 11 December 2026.", "en", []),
        ("2026-12-11", "en", []),
        ("12/11/2026", "en", []),
        ("Am 11.12.2026.", "de", []),
        ("2026年12月11日", "zh", []),
        ("On 12 December 2026.", "en", ["12"]),
        ("2026-11-12", "en", ["12"]),
        ("Am 12.10.2026.", "de", ["12.10.2026"]),
        ("Am 11.12.2027.", "de", ["11.12.2027"]),
        ("2026年10月11日", "zh", ["10"]),
        ("12 men", "en", ["12"]),
    ],
)
def test_the_parts_of_dates_count_and_months_may_be_named(answer, language, missing):
    assert unstated_numbers(answer, language, [SUMMIT]) == missing


def test_a_copied_sentence_is_read_in_its_own_language():
    source = Source("نحو 14 مليون شخص", "ar")
    assert unstated_numbers("نحو 14 مليون شخص", "en", [source]) == []
    assert unstated_numbers("نحو 14 مليون شخص", "en", [Source("نحو 14 شخص", "ar")]) == ["14 مليون"]


def test_the_date_of_publication_is_stated_too():
    text = "The delegation arrives today."
    answer = "It arrives today (the article is of 12 November 2026)."
    assert unstated_numbers(answer, "en", [Source(text, "en", date(2026, 11, 12))]) == []
    assert unstated_numbers(answer, "en", [Source(text, "en")]) == ["12", "2026"]
    assert unstated_numbers(answer, "en", [Source(text, "en", date(2025, 11, 12))]) == ["2026"]


def test_any_of_several_sources_will_do():
    sources = [Source("It has 12 rooms.", "en"), Source("بني في 1968", "ar")]
    assert unstated_numbers("Built in 1968, with 12 rooms.", "en", sources) == []
    assert unstated_numbers("Built in 1968, with 12 rooms.", "en", sources[:1]) == ["1968"]
    assert unstated_numbers("Built in 1968.", "en", []) == ["1968"]


def test_words_and_superscripts_are_no_numbers_in_digits():
    assert unstated_numbers("Five of them, ten km² each, ½ of it", "en", [Source("It is large.", "en")]) == []
