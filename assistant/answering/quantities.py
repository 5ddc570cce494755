"""Quantities in a text: amounts of money, lengths, durations, dates and numbers of things, so that they compare."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date, format_skeleton
from babel.numbers import format_currency, format_decimal, get_territory_currencies
from babel.units import format_unit

from assistant.answering.grounding.dates import DateMention, find_dates
from assistant.answering.grounding.facts import unit_beside
from assistant.answering.grounding.lexicon import PERCENT, POUND, is_currency, lexicon
from assistant.answering.grounding.numerals import find_numbers
from assistant.language.normalise import fold
from assistant.language.tags import primary_subtag
from assistant.language.words import YEAR, words

DATE, NUMBER = "date", "number"
"""Kinds of quantities beside money and the kinds of units of the CLDR ("length", "duration", ...)."""

_SIZES: dict[str, dict[str, float]] = {
    "area": {"square-meter": 1, "square-kilometer": 1e6, "hectare": 1e4, "acre": 4046.86, "square-mile": 2589988.1},
    "length": {
        "meter": 1,
        "kilometer": 1e3,
        "centimeter": 1e-2,
        "millimeter": 1e-3,
        "mile": 1609.344,
        "foot": 0.3048,
        "inch": 0.0254,
        "nautical-mile": 1852,
        "light-year": 9.4607e15,
    },
    "mass": {"gram": 1, "kilogram": 1e3, "tonne": 1e6, "milligram": 1e-3, "pound": 453.592, "ounce": 28.3495},
    "volume": {"liter": 1, "milliliter": 1e-3, "cubic-meter": 1e3, "gallon": 3.78541, "barrel": 158.987},
    "power": {"watt": 1, "kilowatt": 1e3, "megawatt": 1e6, "gigawatt": 1e9, "horsepower": 745.7},
    "speed": {"kilometer-per-hour": 1, "mile-per-hour": 1.609344, "knot": 1.852},
    "duration": {
        "second": 1,
        "minute": 60,
        "hour": 3600,
        "day": 86400,
        "week": 604800,
        "month": 2629800,
        "year": 31557600,
        "decade": 315576000,
        "century": 3155760000,
    },
    "digital": {"byte": 1, "kilobyte": 1e3, "megabyte": 1e6, "gigabyte": 1e9, "terabyte": 1e12},
}
_FRACTION = re.compile(r"\.[0#]+")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity that a text states.

    Attributes:
        kind: What compares with it: "length", "duration" and so on, `DATE`, `NUMBER`, or for money the currency's code
            (several with spaces between, where "dollar" may be any of them).
        value: The amount, for units of one kind in the same unit; for a date the days since the year 1.
        number: The amount as it is stated.
        unit: The unit's name in the CLDR ("length-kilometer"); for money the currency's code, where it is sure.
        precision: Of a date: how many of year, month and day are known.
    """

    kind: str
    value: float
    number: float
    unit: str = ""
    precision: int = 0

    @property
    def is_money(self) -> bool:
        """Whether it is an amount of money."""
        return self.kind.isupper()

    def compares_with(self, other: "Quantity") -> bool:
        """Return whether both are of one kind; of a currency's name alone it is enough that it may be the same."""
        if self.is_money and other.is_money:
            return not set(self.kind.split()).isdisjoint(other.kind.split())
        return self.kind == other.kind

    def in_words(self, language: str) -> str:
        """Return it in the words and digits of a language (BCP 47).

        Example:
            >>> Quantity("length", 12000, 12, "length-kilometer").in_words("en")
            '12 kilometers'
            >>> Quantity("GBP", 49, 49, "GBP").in_words("en")
            '£49'
        """
        locale = locale_of(language)
        if self.kind == DATE:
            day = date.fromordinal(int(self.value))
            skeleton = {1: "y", 2: "yMMMM"}.get(self.precision)
            return format_skeleton(skeleton, day, locale=locale) if skeleton else format_date(day, "long", locale)
        if self.is_money and self.unit:
            places = "" if float(self.number).is_integer() else ".00"
            pattern = _FRACTION.sub(places, locale.currency_formats["standard"].pattern)
            return format_currency(self.number, self.unit, pattern, locale, currency_digits=False)
        if self.unit and not self.is_money:
            return format_unit(self.number, self.unit, locale=locale)
        return format_decimal(self.number, locale=locale)


def quantities_of(text: str, language: str) -> Iterator[Quantity]:
    """Yield the quantities that a text states; a date only with its year.

    Args:
        text: A sentence, or a cell of a table.
        language: BCP 47 code of the text.

    Example:
        >>> [(one.kind, one.value) for one in quantities_of("It cost £1.50 and is 12 km long.", "en")]
        [('GBP', 1.5), ('length', 12000.0)]
    """
    known = lexicon(language)
    listed = words(fold(text))
    mentions = find_dates(text, known, language, strict=True)
    yield from filter(None, map(date_of, mentions))
    in_dates = {number for mention in mentions for number in (*mention.days, *mention.years)}
    for number in find_numbers(text, known, language=language):
        value = float(max(number.values))
        unit, _ = unit_beside(number, listed, known)
        if unit is not None:
            yield from with_unit(value, unit, language)
        elif YEAR.fullmatch(number.text) and value not in in_dates:
            yield Quantity(DATE, date(int(value), 1, 1).toordinal(), value, precision=1)
        elif value not in in_dates:
            yield Quantity(NUMBER, value, value)


def date_of(mention: DateMention) -> Quantity | None:
    """Return the date that a mention is, or None where it has no year, or may be one of several dates."""
    if len(mention.months) > 1 or len(mention.years) != 1 or len(mention.days) > 1:
        return None
    (month,), (year,), day = mention.months, mention.years, next(iter(mention.days), None)
    try:
        return Quantity(DATE, date(year, month, day or 1).toordinal(), year, precision=3 if day else 2)
    except ValueError:  # the thirtieth of February
        return None


def with_unit(value: float, unit: str, language: str) -> Iterator[Quantity]:
    """Yield the quantity that an amount of a unit of the CLDR is; none where nothing compares with it."""
    kind, _, size = unit.partition("-")
    if is_currency(unit) and unit != POUND:
        codes = unit.split()
        own = [code for code in codes if len(codes) == 1 or code in _own_currencies(language)]
        yield Quantity(unit, value, value, own[0] if own else "")
    elif unit == PERCENT:
        yield Quantity(kind, value, value, unit)
    elif size in _SIZES.get(kind, {}):
        yield Quantity(kind, value * _SIZES[kind][size], value, unit)


@cache
def _own_currencies(language: str) -> frozenset[str]:
    """Return the currencies of the country in which most speak a language: which "roubles" are meant there."""
    try:
        likely = Locale.parse(get_global("likely_subtags").get(primary_subtag(language), "en_US"))
    except (UnknownLocaleError, ValueError):
        return frozenset()
    return frozenset(get_territory_currencies(likely.territory or ""))


def locale_of(language: str) -> Locale:
    """Return what the CLDR says of a language, or of English where it does not know it."""
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")
