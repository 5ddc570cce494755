"""`time_parser`: what a phrase that is nothing but a time ("last week", "in July 2025") means, by dateparser."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from assistant.language.normalise import fold
from assistant.language.scripts import is_unspaced
from assistant.language.terms import index_terms
from assistant.language.word_lists import load_word_list, whole_words


@dataclass(frozen=True, slots=True)
class Moment:
    """What a phrase means.

    Attributes:
        day: A day.
        unit: What around it is meant: "day", "week", "month" or "year".
        english: The phrase in plain English, without words that say nothing.
    """

    day: date
    unit: str
    english: str


Parse = Callable[[str, date], Moment | None]

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
NAMES = (*_WEEKDAYS, *_MONTHS)
"""What `Moment.english` is where a phrase is nothing but a name."""

_WEEKDAY, _MONTH, _DAY = f"(?:{'|'.join(_WEEKDAYS)})", f"(?:{'|'.join(_MONTHS)})", r"\d{1,2}"
_YEAR = r"(?:year )?(?P<year>(?:19|20)\d\d)(?: year)?"
_MARKED = r"\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2\d{4}"
# Times in the plain English that dateparser makes of what people write; what else there is, it leaves as it stands.
_AGO = re.compile(r"(?P<count>\d+) (?P<unit>day|week|month|year) ago")
_COUNTED = re.compile(r"(?P<count>\d+) (?:\D+ )?(?P<unit>day|week|month|year)\b")
_YEAR_ALONE = re.compile(_YEAR)
_NAME_ALONE = re.compile(f"{_WEEKDAY}|{_MONTH}")
_DATE = re.compile(
    rf"{_MARKED}|(?:{_WEEKDAY} )?(?:(?:{_DAY}\.? )?(?P<month>{_MONTH})(?: {_DAY})?(?: {_YEAR})?"
    rf"|{_YEAR.replace('<year>', '<year_before>')} (?:{_DAY} )?(?P<month_behind>{_MONTH})(?: {_DAY})?)(?: {_WEEKDAY})?"
)
# Letters of a word that is more than an article or a preposition.
_SHORTEST = 3
# How dateparser's lists of Arabic and Persian spell two letters.
_SPELLING = str.maketrans("یک", "يك")


@cache
def time_parser(language: str) -> Parse | None:
    """Return a function that says what a phrase means on a day; None for a language without known times.

    It takes a phrase for a time only if nothing but a time is in it, and not for what dateparser guesses besides: a
    month or weekday in short ("sun", "mar", "die") or a number by itself, in digits or words.

    Args:
        language: BCP 47 code of the phrases, without subtags.

    Example:
        >>> parse = time_parser("en")
        >>> parse("last week", date(2026, 11, 28))
        Moment(day=datetime.date(2026, 11, 21), unit='week', english='1 week ago')
        >>> parse("sun", date(2026, 11, 28))
    """
    from dateparser.conf import settings  # noqa: PLC0415 - a tenth of a second, and few questions name a time
    from dateparser.languages.loader import LocaleDataLoader  # noqa: PLC0415 - see above

    try:
        locale: Any = LocaleDataLoader().get_locale(language)
    except ValueError:
        # It does not know the language.
        return None
    relative = {_stems(phrase, language): distance for phrase, distance in _relative_phrases(locale.info)}
    names = {name: tuple(map(_plain, locale.info.get(name, ()))) for name in NAMES}

    def parse(phrase: str, today: date) -> Moment | None:
        written = _plain(phrase)
        known = relative.get(_stems(written, language))
        english = known or " ".join(locale.translate(phrase, settings=settings).split())
        if found := _YEAR_ALONE.fullmatch(english):
            return Moment(date(int(found["year"]), 1, 1), "year", english)
        # Without their marks, as dateparser compares them, pieces of words without spaces are like a time.
        is_sure = known is not None or not is_unspaced(language) or any(map(str.isnumeric, phrase))
        if is_sure and (found := _AGO.fullmatch(english) or _last(english, language)):
            return _read(f"{found['count']} {found['unit']} ago", "en", today, english)
        if _NAME_ALONE.fullmatch(english):
            return _read(english, "en", today, english) if _holds(written, _in_full(names[english]), language) else None
        if found := _DATE.fullmatch(english):
            month = found["month"] or found["month_behind"]
            if month is None or _holds(written, names[month], language):
                return _read(phrase, language, today, english)
        return None

    return parse


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text.lower()).translate(_SPELLING)


def _stems(phrase: str, language: str) -> tuple[str, ...]:
    """Return the stems of a phrase's words ("seit letzter Woche"); where one is as short as "i dag", the phrase."""
    words = phrase.split()
    if min(map(len, words), default=0) < _SHORTEST or len(words) == 1:
        return (phrase,)
    return tuple((index_terms(word, language) or [word])[-1] for word in words)


def _relative_phrases(info: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield phrases for what is past, as "last week", and how long ago that is, as "1 week ago"."""
    for distance, phrases in info.get("relative-type", {}).items():
        if not _AGO.fullmatch(distance):
            continue
        for phrase in map(_plain, phrases):
            yield phrase, distance
            first, _, rest = phrase.partition(" ")
            if len(first) < _SHORTEST and " " in rest:
                # Of "le mois dernier", to find it in "du mois dernier".
                yield rest, distance


def _last(english: str, language: str) -> re.Match[str] | None:
    """Return how many days, weeks, months or years are meant by what is left of "the last 3 days"."""
    found = _COUNTED.search(english)
    if found is None:
        return None
    known = {fold(word) for word in load_word_list(__package__, "period_words.json").get(language, {}).get("last", ())}
    others = set(fold(english).split()) - {found["count"], found["unit"]}
    return found if others and others <= known else None


def _in_full(names: Sequence[str]) -> Sequence[str]:
    """Return the names that are not short for another one: cut at either end, or less than half as long."""
    longest = max(map(len, names), default=0)
    return [
        name
        for name in names
        if len(name) * 2 >= longest
        and not any(
            (other != name and other.startswith(name.strip("."))) or other.endswith(f" {name}") for other in names
        )
    ]


def _holds(written: str, names: Sequence[str], language: str) -> bool:
    choices = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return bool(choices) and re.search(whole_words(choices, language, particles=True), written) is not None


def _read(phrase: str, language: str, today: date, english: str) -> Moment | None:
    from dateparser.date import DateDataParser  # noqa: PLC0415 - see above

    base = datetime(today.year, today.month, today.day)  # noqa: DTZ001 - days of the calendar have no zone
    # A parser keeps the settings it was made with.
    settings = {"RELATIVE_BASE": base, "PREFER_DATES_FROM": "past", "PREFER_DAY_OF_MONTH": "first"}
    found = DateDataParser(languages=[language], settings=settings).get_date_data(phrase)
    return Moment(found.date_obj.date(), str(found.period), english) if found.date_obj else None
