"""Measures: what the cells of a table's column state, so that they compare: dates, times of day, amounts."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import takewhile

from babel import Locale

from assistant.answering.grounding.dates import DateMention, find_dates
from assistant.answering.grounding.facts import unit_beside
from assistant.answering.grounding.lexicon import lexicon
from assistant.answering.grounding.numerals import Number, find_numbers
from assistant.answering.quantities import NUMBER, Quantity, date_of, locale_of, with_unit
from assistant.language.normalise import fold
from assistant.language.tags import primary_subtag
from assistant.language.words import Word, words

CLOCK, DAY_OF_ANY_YEAR, UNCLEAR = "clock", "day of any year", "unclear"
"""Kinds of measures beside those of quantities: a time of day in minutes, a day without its year, and what can be read
in several ways."""

_DURATION = "duration"
_HALVES = {"am": 0, "pm": 720}
_HOURS = 24
_LEAP_YEAR = 4
_SYMBOLS = {"h": "duration-hour", "m": "length-meter"}
_NO_LETTER = re.compile("[.\u202f]")
_MINUS = re.compile(r"(?<![^\s(])[-−–][^\w\s]?\Z")


def measures_of(cells: Sequence[str], language: str) -> list[float | None]:
    """Return for each cell of a column the number that it states, or None where it states none.

    Where the cells that state one are not all of one kind, none is said to: they do not compare.

    Args:
        cells: The cells of a column, without its name.
        language: BCP 47 code of the table.

    Example:
        >>> measures_of(["500 MB", "2 GB", "none"], "en"), measures_of(["500 MB", "3 May 2026"], "en")
        ([500000000.0, 2000000000.0, None], [None, None])
    """
    found = [measure_of(cell, language) for cell in cells]
    stated = [measure for measure in found if measure]
    is_one_kind = all(measure.kind != UNCLEAR and measure.compares_with(stated[0]) for measure in stated)
    return [measure.value if measure and is_one_kind else None for measure in found]


def measure_of(cell: str, language: str) -> Quantity | None:
    """Return the first date, time of day or amount that a cell states, or None where it states none.

    Example:
        >>> [measure_of(cell, "en").value for cell in ("£1.50", "1 hour 35 minutes", "9:15 pm", "-5 °C")]
        [1.5, 5700.0, 1275.0, -5.0]
    """
    dates = [mention for mention in find_dates(cell, lexicon(language), language) if mention.days or mention.years]
    if dates:
        return (_date(dates[0]) if len(dates) == 1 else None) or Quantity(UNCLEAR, 0, 0)
    return _time_of_day(cell, language) or _amount(cell, language)


def _date(mention: DateMention) -> Quantity | None:
    """Return a date; of dates without their year, what compares among them."""
    dated = mention if mention.years else replace(mention, years=frozenset({_LEAP_YEAR}))
    found = date_of(dated)
    return found if found is None or mention.years else replace(found, kind=DAY_OF_ANY_YEAR)


def _time_of_day(cell: str, language: str) -> Quantity | None:
    halves = _halves_of_the_day(primary_subtag(language))
    half = "|".join(map(re.escape, sorted(halves, key=len, reverse=True)))
    clock = rf"(?:({half})\s*)?(?<![\d:.,])(\d{{1,2}})(?::([0-5]\d)(?::\d\d)?)?(?![\d:])(?:\s*({half})(?!\w))?"
    for before, hour, minute, behind in re.findall(clock, _NO_LETTER.sub("", fold(cell))):
        named = before or behind
        # An hour alone has to be told from other numbers: "12 م" is a length too.
        if (minute or len(named) > 1) and int(hour) <= _HOURS:
            of_day = int(hour) % 12 * 60 + halves[named] if named else int(hour) * 60
            return Quantity(CLOCK, float(of_day + int(minute or 0)), int(hour))
    return None


@cache
def _halves_of_the_day(language: str) -> dict[str, int]:
    """Return what a language calls the halves of the day, and English, to the minute at which each begins."""
    found: dict[str, int] = {}
    for locale in (Locale("en"), locale_of(language)):
        for context in locale.day_periods.values():
            for width in ("abbreviated", "wide"):
                named = context.get(width, {})
                found |= {_NO_LETTER.sub("", fold(named[half])): at for half, at in _HALVES.items() if half in named}
    return found


def _amount(cell: str, language: str) -> Quantity | None:
    known = lexicon(language)
    numbers = find_numbers(cell, known, language=language)
    if not numbers:
        return None
    folded = fold(cell)
    listed = words(folded)
    sign = -1 if _MINUS.search(folded[: listed[numbers[0].first].start]) else 1
    units: list[str | None] = []
    for number in numbers:
        unit = unit_beside(number, listed, known)[0]
        units.append(unit or _unit_of_symbol(number, listed, behind=units[-1] if units else None))
    stated = [_with_unit(number, unit, language) for number, unit in zip(numbers, units, strict=True)]
    durations = list(takewhile(lambda measure: measure.kind == _DURATION, stated))
    first = stated[0]
    return replace(first, value=sum(measure.value for measure in durations) if durations else sign * first.value)


def _unit_of_symbol(number: Number, listed: list[Word], behind: str | None) -> str | None:
    """Return the unit that a letter after a number stands for, which running text has too many other uses for."""
    symbol = listed[number.last + 1].text if number.last + 1 < len(listed) else ""
    is_minutes = symbol == "m" and behind == "duration-hour"
    return "duration-minute" if is_minutes else _SYMBOLS.get(symbol)


def _with_unit(number: Number, unit: str | None, language: str) -> Quantity:
    value = float(max(number.values))
    if unit is None:
        return Quantity(NUMBER, value, value)
    return next(with_unit(value, unit, language), Quantity(unit, value, value, unit))
