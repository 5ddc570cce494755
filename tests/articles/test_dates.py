from datetime import date

import pytest

from assistant.articles.dates import parse_date


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024-05-03", date(2024, 5, 3)),
        ("20240503", date(2024, 5, 3)),
        ("2024-05-03T23:30:00-05:00", date(2024, 5, 3)),
        ("2024-05-03 10:00:00Z", date(2024, 5, 3)),
        ("Fri, 03 May 2024 23:00:00 GMT", date(2024, 5, 3)),
        ("May 3, 2024", date(2024, 5, 3)),
        ("11 نوفمبر 2026", date(2026, 11, 11)),
        ("١١ نوفمبر ٢٠٢٦", date(2026, 11, 11)),
        ("3 мая 2024 г.", date(2024, 5, 3)),
        ("2024年5月3日", date(2024, 5, 3)),
        ("2 Kasım 2024", date(2024, 11, 2)),
        ("13/04/2024", date(2024, 4, 13)),
        ("03.04.2024", date(2024, 4, 3)),
        ("3 May 1921", date(1921, 5, 3)),
        ("٣ أيار ٢٠٢٤", date(2024, 5, 3)),
        ("3 مايو/أيار 2024", date(2024, 5, 3)),
        ("۱۴ اردیبهشت ۱۴۰۳", date(2024, 5, 3)),
        ("24 شوال 1445 هـ", date(2024, 5, 3)),
        ("الجمعة 24 شوال 1445هـ الموافق 3 مايو 2024", date(2024, 5, 3)),
    ],
)
def test_a_day_is_found_in_common_forms_and_languages(written, expected):
    assert parse_date(written) == expected


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        "yesterday",
        "in 2 days",
        "2024",
        "May 2024",
        "2024-02-30",
        "20241399",
        "03/04/2024",
        "5 May",
        "x" * 500,
        "0000-00-00",
        "1403-02-14",
        "3 พฤษภาคม 2567",
        "٠٣/٠٤/٢٠٢٤",
    ],
)
def test_what_names_no_single_day_is_none(written):
    assert parse_date(written) is None


@pytest.mark.parametrize(
    ("written", "language", "expected"),
    [
        ("1403-02-14", "fa", date(2024, 5, 3)),
        ("1403/02/14", "fa-IR", date(2024, 5, 3)),
        ("1445-10-24", "ar", date(2024, 5, 3)),
        ("1403-13-40", "fa", None),
        ("1403-02-14", "en", None),
    ],
)
def test_numbers_of_another_calendar_are_read_in_its_language_only(written, language, expected):
    assert parse_date(written, language) == expected
