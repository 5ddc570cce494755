"""Only a number that stands beside a month is its day or its year."""

import pytest

from assistant.answering.grounding.dates import find_dates
from assistant.answering.grounding.facts import Fact, FactKind, Premise, unsupported_facts
from assistant.answering.grounding.lexicon import lexicon


def dates(text, language):
    found = find_dates(text, lexicon(language), language)
    return [(sorted(one.months), sorted(one.days), sorted(one.years)) for one in found]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("the 11th of May 2026", "en"),
        ("May the 11th, 2026", "en"),
        ("11/May/2026", "en"),
        ("el 11 de mayo de 2026", "es"),
        ("le 11 mai 2026", "fr"),
        ("am 11. Mai 2026", "de"),
        ("11-го мая 2026 года", "ru"),
        ("в 2026 году, 11 мая 2026", "ru"),
        ("يوم 11 من شهر مايو عام 2026", "ar"),
        ("11 مايو سنة 2026", "ar"),
        ("۱۱ مه سال ۲۰۲۶", "fa"),
        ("2026. május 11-én", "hu"),
        ("2026. gada 11. maijs", "lv"),
        ("11 พฤษภาคม พ.ศ. 2569", "th-TH"),
        ("ngày 11 tháng 5 năm 2026", "vi"),
        ("tarehe 11 Mei mwaka 2026", "sw"),
    ],
)
def test_day_and_year_are_bound_over_what_the_language_puts_between(text, language):
    assert dates(text, language) == [([5], [11], [2026])]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("from 11 to 13 May 2026", "en"),
        ("May 11 through 13, 2026", "en"),
        ("from 11 until 13 May 2026", "en"),
        ("May 11–13, 2026", "en"),
        ("11-13 May 2026", "en"),
        ("between 11 and 13 May, 2026", "en"),
        ("vom 11. bis 13. Mai 2026", "de"),
        ("am 11. und 13. Mai 2026", "de"),
        ("del 11 al 13 de mayo de 2026", "es"),
        ("du 11 au 13 mai 2026", "fr"),
        ("с 11 по 13 мая 2026", "ru"),
        ("من 11 إلى 13 مايو 2026", "ar"),
        ("بين 11 و13 مايو 2026", "ar"),
    ],
)
def test_of_several_days_all_are_bound(text, language):
    assert dates(text, language) == [([5], [11, 13], [2026])]


@pytest.mark.parametrize("text", ["6 تشرين الأول/ أكتوبر 1973", "6 تشرين الأول (أكتوبر) 1973"])
def test_two_names_of_a_month_have_one_day_and_year(text):
    assert dates(text, "ar") == [([10], [6], [1973])] * 2


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It opens on 12 May 2026 at 9.", [([5], [12], [2026])]),
        ("at 9pm May 12, for 3 days", [([5], [12], [])]),
        ("at 21:15 on 12 May", [([5], [12], [])]),
        ("in 1990, then on 11 May and 12 June 2020", [([5], [11], []), ([6], [12], [2020])]),
        ("from May 30 to 3 June 2026", [([5], [30], []), ([6], [3], [2026])]),
        ("on May 11, 12 and 13, 2026", [([5], [11, 12, 13], [2026])]),
        ("May 11, 12 people", [([5], [11], [])]),
        ("5 fairs are held in May", [([5], [], [])]),
    ],
)
def test_other_numbers_near_a_month_are_not_bound(text, found):
    assert dates(text, "en") == found


def test_the_hour_of_an_event_supports_no_other_day():
    premise = Premise("It opens on 12 May 2026 at 9.", "en")
    assert unsupported_facts("It opens on 9 May 2026.", "en", premise) == [Fact(FactKind.DATE, "may")]
    assert unsupported_facts("It opens on May 12, 2026 at 9.", "en", premise) == []
