from datetime import date

import pytest

from assistant.answering.periods import find_period

TODAY = date(2026, 4, 15)  # a Wednesday


@pytest.mark.parametrize(
    ("said", "language", "first", "last"),
    [
        ("what happened yesterday?", "en", "2026-04-14", "2026-04-14"),
        ("ماذا حدث أمس؟", "ar", "2026-04-14", "2026-04-14"),
        ("昨天发生了什么？", "zh", "2026-04-14", "2026-04-14"),
        ("कल क्या हुआ?", "hi", "2026-04-14", "2026-04-14"),
        ("news of last week", "en", "2026-04-06", "2026-04-12"),
        ("les nouvelles de la semaine dernière", "fr", "2026-04-06", "2026-04-12"),
        ("geçen hafta ne oldu?", "tr", "2026-04-06", "2026-04-12"),
        ("what happened this month?", "en", "2026-04-01", "2026-04-30"),
        ("новости за ноябрь 2025 года", "ru", "2025-11-01", "2025-11-30"),
        ("2025年11月的新闻", "zh", "2025-11-01", "2025-11-30"),
        ("what was reported in July?", "en", "2025-07-01", "2025-07-31"),
        ("was geschah im Mai 2025?", "de", "2025-05-01", "2025-05-31"),
        ("articles from 2024", "en", "2024-01-01", "2024-12-31"),
        ("what happened on Monday?", "en", "2026-04-13", "2026-04-13"),
        ("what happened in the last 3 days?", "en", "2026-04-12", "2026-04-15"),
        ("articles about ferries since May 2025", "en", "2025-05-01", None),
        ("مقالات منذ مايو 2025", "ar", "2025-05-01", None),
        ("Artikel seit Mai 2025", "de", "2025-05-01", None),
        ("artículos desde mayo de 2025", "es", "2025-05-01", None),
        ("les articles depuis mai 2025", "fr", "2025-05-01", None),
        ("статьи с мая 2025 года", "ru", "2025-05-01", None),
        ("news until March 2025", "en", "1000-01-01", "2025-03-31"),
    ],
)
def test_times_are_resolved_against_the_day_it_is(said, language, first, last):
    period = find_period(said, language, TODAY)
    assert period is not None
    assert (period.first.isoformat(), period.last and period.last.isoformat()) == (first, last)


def test_since_belongs_to_the_time():
    said = "articles about ferries since May 2025"
    assert find_period(said, "en", TODAY).place.of(said) == "since May 2025"


@pytest.mark.parametrize("language", ["und", "tlh"])
def test_in_a_language_without_dates_no_time_is_found(language):
    assert find_period("11/11/2026", language, TODAY) is None


def test_an_article_is_no_weekday():
    assert find_period("Fasse den Artikel über die Fähre zusammen", "de", TODAY) is None


@pytest.mark.parametrize("said", ["latest news", "how many articles do you have?", "articles by Ann Lee", "3 articles"])
def test_no_time_is_found_where_none_is_named(said):
    assert find_period(said, "en", TODAY) is None
