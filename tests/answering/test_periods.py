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
        ("Artikel seit letzter Woche", "de", "2026-04-06", None),
        ("articles du mois dernier", "fr", "2026-03-01", "2026-03-31"),
        ("новости за прошлую неделю", "ru", "2026-04-06", "2026-04-12"),
        ("पिछले सप्ताह की खबरें", "hi", "2026-04-06", "2026-04-12"),
        ("новости 2013 года", "ru", "2013-01-01", "2013-12-31"),
        ("2013年的新闻", "zh", "2013-01-01", "2013-12-31"),
        ("articles from Aug 2025", "en", "2025-08-01", "2025-08-31"),
        ("artículos del 12 de agosto de 2025", "es", "2025-08-12", "2025-08-12"),
        ("was geschah in den letzten 3 Tagen?", "de", "2026-04-12", "2026-04-15"),
        ("articles des 3 derniers jours", "fr", "2026-04-12", "2026-04-15"),
        ("noticias de los últimos 3 días", "es", "2026-04-12", "2026-04-15"),
        ("статьи за последние 3 дня", "ru", "2026-04-12", "2026-04-15"),
        ("مقالات آخر 3 أيام", "ar", "2026-04-12", "2026-04-15"),
        ("notícias de segunda-feira", "pt", "2026-04-13", "2026-04-13"),
        ("les articles de mars", "fr", "2026-03-01", "2026-03-31"),
        ("articole din mai 2025", "ro", "2025-05-01", "2025-05-31"),
        ("articole din martie", "ro", "2026-03-01", "2026-03-31"),
        ("مقاله‌های یکشنبه", "fa", "2026-04-12", "2026-04-12"),
        ("news until March 2025", "en", "1000-01-01", "2025-03-31"),
        ("что случилось в среду?", "ru", "2026-04-08", "2026-04-08"),
        ("¿qué pasó el domingo?", "es", "2026-04-12", "2026-04-12"),
        ("geçen pazar ne oldu?", "tr", "2026-04-12", "2026-04-12"),
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


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("Fasse den Artikel über die Fähre zusammen", "de"),
        ("Und die?", "de"),
        ("In einer Stadt mit zwei Häfen", "de"),
        ("news about sun protection", "en"),
        ("articles about the March of Dimes", "en"),
        ("articles that may help", "en"),
        ("about 4 parking spaces", "en"),
        ("the 8 million loan", "en"),
        ("the 1500 metres", "en"),
        ("version 6.1", "en"),
        ("Quoi de neuf sur le jeu ?", "fr"),
        ("les sept nains", "fr"),
        ("la planète Mars", "fr"),
        ("il va durer un mois", "fr"),
        ("notícias sobre a segunda fábrica", "pt"),
        ("статьи про окружающую среду", "ru"),
        ("articles about Black Friday", "en"),
        ("what is new at Sheffield Wednesday?", "en"),
        ("pazar yeri hakkında haberler", "tr"),
        ("noticias de Santo Domingo", "es"),
        ("el amigo de mi padre", "es"),
        ("вторая линия метро", "ru"),
        ("Jak nazywa się nowa ministra?", "pl"),
        ("के कुल कितने लेख", "hi"),
        ("می‌خواهم بدانم", "fa"),
        ("De când nu mai este voie?", "ro"),
        ("ใครเป็นคนแรก", "th"),
        ("日本の記事", "ja"),
    ],
)
def test_words_that_are_also_times_in_short_are_none(said, language):
    assert find_period(said, language, TODAY) is None


@pytest.mark.parametrize("said", ["news about next year's budget", "the 2030 world cup", "what comes tomorrow"])
def test_no_article_is_from_a_time_to_come(said):
    assert find_period(said, "en", TODAY) is None


@pytest.mark.parametrize(
    ("said", "language", "time"),
    [
        ("news of the last week about ferries", "en", "last week"),
        ("articles from 12 August 2025 about ferries", "en", "12 August 2025"),
        ("статьи 2013 года о метро", "ru", "2013 года"),
        ("artículos de agosto de 2025 de Ana", "es", "agosto de 2025"),
    ],
)
def test_the_place_holds_the_time_and_no_more(said, language, time):
    assert find_period(said, language, TODAY).place.of(said) == time


@pytest.mark.parametrize("said", ["latest news", "how many articles do you have?", "articles by Ann Lee", "3 articles"])
def test_no_time_is_found_where_none_is_named(said):
    assert find_period(said, "en", TODAY) is None
