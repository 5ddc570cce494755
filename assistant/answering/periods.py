"""Times that a question names ("yesterday", "last week", "in November 2025"), as days of the calendar."""

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import regex
from babel import Locale, UnknownLocaleError
from babel.dates import format_interval

from assistant.answering.time_phrases import NAMES, Moment, Parse, time_parser
from assistant.language.scripts import is_unspaced
from assistant.language.tags import primary_subtag
from assistant.language.word_lists import load_word_list, whole_words
from assistant.passages.passage import Span

Today = Callable[[], date]
"""Says which day it is."""

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}\u200c./:-]*[\p{L}\p{M}\p{N}]")
_WORDS = 6
_CHARACTERS = 11
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

    def in_words(self, language: str) -> str:
        """Return the period in words of a language (BCP 47).

        Example:
            >>> Period(date(2025, 11, 1), date(2025, 11, 30), Span(0, 8)).in_words("en")
            'Nov 1 – 30, 2025'
        """
        first, last = self.first, self.last or self.first
        try:
            locale = Locale.parse(primary_subtag(language))
        except (UnknownLocaleError, ValueError):
            locale = Locale.parse("en")
        begin = last if first <= _FIRST else first
        # Replace any special space that the locale puts around a dash.
        interval = " ".join(str(format_interval(begin, last, "yMMMd", locale=locale)).split())
        if first <= _FIRST:
            return f"… – {interval}"
        return interval if self.last else f"{interval} – …"


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
    parse = time_parser(primary_subtag(language))
    if parse is None:
        return None
    for window in _windows(text, language):
        phrase = window.of(text)
        found = parse(phrase, today)
        if found is None or found.day > today:
            continue
        place = _trimmed(text, window, partial(_means, parse, found, today))
        if found.english in NAMES and not _is_meant_as_time(text, place, language):
            continue
        first, last = _days(found.day, found.unit)
        moved = parse(place.of(text), today - _SHIFT)
        is_relative = moved is not None and found.day - moved.day == _SHIFT
        if is_relative and found.unit == "day" and first < today - timedelta(days=2) and any(map(str.isdigit, phrase)):
            # "The last 3 days" end today.
            last = today
        since = _start_of_word_before("since", text[: place.start], language)
        until = _start_of_word_before("until", text[: place.start], language)
        if since is not None:
            return Period(first, None, Span(since, place.end))
        if until is not None:
            return Period(_FIRST, last, Span(until, place.end))
        return Period(first, last, place)
    return None


def _is_meant_as_time(text: str, name: Span, language: str) -> bool:
    """Return whether a preposition before the name shows that it is a date.

    Without one, the name of a month or weekday may be that of a person or a club, or another word. In languages without
    known prepositions it is always a date.
    """
    known = load_word_list(__package__, "period_words.json").get(primary_subtag(language), {})
    return "in" not in known or any(
        _start_of_word_before(kind, text[: name.start], language) is not None for kind in known
    )


def _means(parse: Parse, meant: Moment, today: date, phrase: str) -> bool:
    return parse(phrase, today) == meant


def _days(moment: date, unit: str) -> tuple[date, date]:
    match unit:
        case "week":
            first = moment - timedelta(days=moment.weekday())
            return first, first + timedelta(days=6)
        case "month":
            return moment.replace(day=1), moment.replace(day=calendar.monthrange(moment.year, moment.month)[1])
        case "year":
            return date(moment.year, 1, 1), date(moment.year, 12, 31)
    return moment, moment


def _windows(text: str, language: str) -> Iterator[Span]:
    """Yield the parts of a text that may name a time, longest first."""
    matches = [Span(*match.span()) for match in _WORD.finditer(text)]
    if is_unspaced(primary_subtag(language)):
        for length in range(_CHARACTERS, 1, -1):
            yield from (Span(start, start + length) for start in range(len(text) - length + 1))
        return
    for length in range(_WORDS, 0, -1):
        for first in range(len(matches) - length + 1):
            yield Span(matches[first].start, matches[first + length - 1].end)


def _trimmed(text: str, place: Span, means_the_same: Callable[[str], bool]) -> Span:
    """Return the place without words around the time that do not change its meaning."""
    words = [Span(place.start + match.start(), place.start + match.end()) for match in _WORD.finditer(place.of(text))]
    while len(words) > 1 and means_the_same(text[words[1].start : words[-1].end]):
        del words[0]
    while len(words) > 1 and means_the_same(text[words[0].start : words[-2].end]):
        del words[-1]
    return Span(words[0].start, words[-1].end) if words else place


def _start_of_word_before(word: str, before: str, language: str) -> int | None:
    """Return the start of a "since" or "until" word at the end of `before`, or None."""
    listed = load_word_list(__package__, "period_words.json").get(primary_subtag(language), {}).get(word, ())
    if not listed:
        return None
    choices = "|".join(re.escape(word_form) for word_form in listed)
    pattern = whole_words(choices, language, particles=True) + r"\W*\Z"
    found = re.search(pattern, before, re.IGNORECASE)
    return found.start() if found else None
