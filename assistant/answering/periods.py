"""Times that a question names ("yesterday", "last week", "in November 2025"), as days of the calendar."""

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, partial

from babel import Locale, UnknownLocaleError
from babel.dates import format_interval

from assistant.language.scripts import is_unspaced
from assistant.language.tags import primary_subtag
from assistant.language.word_lists import load_word_list, whole_words
from assistant.language.words import LETTERS
from assistant.passages.passage import Span

Today = Callable[[], date]
"""Says which day it is."""

_WORDS = 4
_CHARACTERS = 11
_SHORTEST = 4
_YEAR = re.compile(r"(?:19|20)\d\d\Z")
_SHIFT = timedelta(days=371)
_FIRST = date(1000, 1, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """Some days that a text names.

    Attributes:
        first: The first day.
        last: The last day, or None where it is open.
        place: Where the text names them.
    """

    first: date
    last: date | None
    place: Span

    def said(self, language: str) -> str:
        """Return the period in words of a language (BCP 47).

        Example:
            >>> Period(date(2025, 11, 1), date(2025, 11, 30), Span(0, 8)).said("en")
            'Nov 1 – 30, 2025'
        """
        first, last = self.first, self.last or self.first
        try:
            locale = Locale.parse(primary_subtag(language))
        except (UnknownLocaleError, ValueError):
            locale = Locale.parse("en")
        begin = last if first <= _FIRST else first
        # Whatever space the locale puts around a dash.
        said = " ".join(str(format_interval(begin, last, "yMMMd", locale=locale)).split())
        if first <= _FIRST:
            return f"… – {said}"
        return said if self.last else f"{said} – …"


def find_period(text: str, language: str, today: date) -> Period | None:
    """Return the first time that a text names, by dateparser and the day it is; None where it names none.

    Articles were published in the past: a weekday or month without a year is the last one.

    Args:
        text: A question.
        language: BCP 47 code of the question.
        today: The day it is.

    Example:
        >>> period = find_period("What happened last week?", "en", date(2026, 11, 28))
        >>> period.first.isoformat(), period.last.isoformat()
        ('2026-11-16', '2026-11-22')
    """
    parse = _parser(primary_subtag(language))
    if parse is None:
        return None
    for window in _windows(text, language):
        said = window.of(text)
        found = parse(said, today)
        if found is None:
            continue
        place = _trimmed(text, window, partial(_means, parse, found, today))
        first, last = _days(*found, today)
        moved = parse(place.of(text), today - _SHIFT)
        is_relative = moved is not None and found[0] - moved[0] == _SHIFT
        if is_relative and found[1] == "day" and first < today - timedelta(days=2) and any(map(str.isdigit, said)):
            # "The last 3 days" end today.
            last = today
        since = _says("since", text[: place.start], language)
        until = _says("until", text[: place.start], language)
        if since is not None:
            return Period(first, None, Span(since, place.end))
        if until is not None:
            return Period(_FIRST, last, Span(until, place.end))
        return Period(first, last, place)
    return None


def _means(parse: "_Parse", meant: tuple[date, str], today: date, said: str) -> bool:
    return parse(said, today) == meant


def _days(moment: date, unit: str, today: date) -> tuple[date, date]:
    if unit == "day" and moment > today:
        # One word may mean the day before and the day after, as in Hindi.
        moment = today - (moment - today)
    match unit:
        case "week":
            first = moment - timedelta(days=moment.weekday())
            return first, first + timedelta(days=6)
        case "month":
            return moment.replace(day=1), moment.replace(day=calendar.monthrange(moment.year, moment.month)[1])
        case "year":
            return date(moment.year, 1, 1), date(moment.year, 12, 31)
    return moment, moment


_Parse = Callable[[str, date], tuple[date, str] | None]


@cache
def _parser(language: str) -> _Parse | None:
    from dateparser.date import DateDataParser  # noqa: PLC0415 - a tenth of a second, and few questions name a time

    try:
        # Not before its first text does it look for its languages.
        DateDataParser(languages=[language]).get_date_data("1")
    except ValueError:
        # It does not know the language.
        return None

    def parse(said: str, today: date) -> tuple[date, str] | None:
        # Short for a weekday or a month, and an article or a verb as well: "die", "mar", "sun".
        is_short = said.isascii() and said.isalpha() and len(said) < _SHORTEST
        if is_short or (said.isdigit() and not _YEAR.match(said)):
            return None
        base = datetime(today.year, today.month, today.day)  # noqa: DTZ001 - days of the calendar have no zone
        settings = {"RELATIVE_BASE": base, "PREFER_DATES_FROM": "past", "PREFER_DAY_OF_MONTH": "first"}
        # A parser keeps the settings it was made with.
        found = DateDataParser(languages=[language], settings=settings).get_date_data(said)
        return (found.date_obj.date(), str(found.period)) if found.date_obj else None

    return parse


def _windows(text: str, language: str) -> Iterator[Span]:
    """Yield the places of a text at which a time may be named, the longest first."""
    matches = [Span(*match.span()) for match in re.finditer(r"[\w./:-]*\w", text)]
    if is_unspaced(primary_subtag(language)):
        for length in range(_CHARACTERS, 1, -1):
            yield from (Span(start, start + length) for start in range(len(text) - length + 1))
        return
    for length in range(_WORDS, 0, -1):
        for first in range(len(matches) - length + 1):
            place = Span(matches[first].start, matches[first + length - 1].end)
            if len(place.of(text)) > 2:
                yield place


def _trimmed(text: str, place: Span, means_the_same: Callable[[str], bool]) -> Span:
    """Return the place without what stands around the time itself, and says nothing of it."""
    words = [Span(place.start + match.start(), place.start + match.end()) for match in LETTERS.finditer(place.of(text))]
    words = words if len(words) > 1 else []
    for word in words[:-1]:
        rest = Span(word.end + len(text[word.end :]) - len(text[word.end :].lstrip()), place.end)
        if rest.start >= rest.end or not means_the_same(rest.of(text)):
            break
        place = rest
    return place


def _says(word: str, before: str, language: str) -> int | None:
    """Return where a text begins to end in a word for "since" or "until"; None where it does not."""
    listed = load_word_list(__package__, "period_words.json").get(primary_subtag(language), {}).get(word, ())
    if not listed:
        return None
    choices = "|".join(re.escape(one) for one in listed)
    pattern = whole_words(choices, language, particles=True) + r"\W*\Z"
    found = re.search(pattern, before, re.IGNORECASE)
    return found.start() if found else None
