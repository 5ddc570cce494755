import pytest

from assistant.answering.measures import measure_of, measures_of


@pytest.mark.parametrize(
    ("cell", "language", "kind", "value"),
    [
        ("€14", "en", "EUR", 14.0),
        ("1,980 m", "en", "length", 1980.0),
        ("٤١٠٠ نسمة", "ar", "number", 4100.0),
        ("2 Stunden 10 Minuten", "de", "duration", 7800.0),
        ("1 hr 20 min", "en", "duration", 4800.0),
        ("07:05", "en", "clock", 425.0),
        ("9:10 am", "en", "clock", 550.0),
        ("1:30 p.m.", "en", "clock", 810.0),
        ("12 am", "en", "clock", 0.0),
        ("下午1:30", "zh", "clock", 810.0),
        ("1:30 م", "ar", "clock", 810.0),
        ("12 م", "ar", "number", 12.0),
        ("-5 °C", "en", "number", -5.0),
        ("−£5", "en", "GBP", -5.0),
        ("5–7", "en", "number", 5.0),
    ],
)
def test_a_cell_is_measured(cell, language, kind, value):
    measure = measure_of(cell, language)
    assert (measure.kind, measure.value) == (kind, value)


@pytest.mark.parametrize(("cell", "language"), [("keine", "de"), ("", "en"), ("in May", "en")])
def test_a_cell_without_number_states_none(cell, language):
    assert measure_of(cell, language) is None


@pytest.mark.parametrize(
    "rising",
    [
        ["30 April 2026", "3 May 2026", "1 January 2027"],
        ["30 April", "3 May"],
        ["9:10 am", "noon", "1:30 pm", "11 pm"],
        ["-5 °C", "-1 °C", "4 °C"],
        ["45 min", "1 hr 20 min", "2 hours"],
        ["1h 5m", "1 h 20 min", "1h 40m"],
        ["900 m", "1.2 km"],
        ["500 MB", "2 GB"],
        ["US$9", "10 dollars"],
    ],
)
def test_cells_of_one_kind_compare(rising):
    values = [value for value in measures_of(rising, "en") if value is not None]
    assert len(values) >= 2
    assert values == sorted(set(values))


@pytest.mark.parametrize(
    "cells",
    [
        ["30 April 2026", "12"],
        ["9:10 am", "40 min"],
        ["£5", "€4"],
        ["3 May 2026", "30 April"],
        ["11-13 May 2026", "3 May 2026"],
        ["05/03/2026", "25/03/2026"],
    ],
)
def test_cells_of_several_kinds_or_readings_do_not(cells):
    assert measures_of(cells, "en") == [None, None]
