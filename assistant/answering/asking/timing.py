"""Whether a question asks when something happens, in which year or on what date, and whether a sentence says so."""

import json
import re
from functools import cache
from importlib.resources import files

from assistant.answering.grounding.dates import find_dates, find_weekdays
from assistant.answering.grounding.folding import Word, bare_forms, fold, words
from assistant.answering.grounding.lexicon import Lexicon, lexicon
from assistant.answering.grounding.numerals import find_numbers
from assistant.answering.relative_dates import is_relative, relative_expressions
from assistant.language.question_words import asking_words, asks_time

# They also begin a clause: "What is it called when …".
_CONJUNCTIONS = frozenset(
    map(fold, ("when", "quand", "quando", "wanneer", "när", "når", "kiedy", "când", "когда", "коли"))
)
_OPENING = 2
_YEARS = range(1000, 2101)
_EARLY_YEARS = range(32, 1000)
_ON_A_CLOCK = re.compile(r"(?<!\d)\d{1,2}[:h٫.]\d{2}(?!\d)|\d\s?(?:[ap]\.?m\b|[صم]\b|uhr\b)|\d(?:st|nd|rd|th)\b")
_ERAS = frozenset({"ad", "bc", "bce", "bp", "ce", "ه", "م"})
_DURATION = "duration-"
_YEAR = "duration-year"
_LONGER_THAN_A_DAY = frozenset({"duration-week", "duration-month", _YEAR})
_LONGER_UNSPACED = frozenset("年月周週년달주")


def asks_for_time(question: str) -> bool:
    """Return whether a question asks when something happens, and asks nothing else.

    Args:
        question: Any question.

    Example:
        >>> asks_for_time("When was it built?"), asks_for_time("What is it called when a ship sinks?")
        (True, False)
    """
    if not asks_time(question):
        return False
    places = [index for index, word in enumerate(words(fold(question))) if word.text in _CONJUNCTIONS]
    return not places or places[0] < _OPENING


def asks_for_year(question: str, language: str) -> bool:
    """Return whether a question asks in which year something happens.

    Args:
        question: Any question.
        language: BCP 47 code; languages the project has no words for never ask for one.

    Example:
        >>> asks_for_year("In which year was it built?", "en")
        True
    """
    return _asks_in(question, "year_words.json", language)


def asks_for_date(question: str, language: str) -> bool:
    """Return whether a question asks for a date, which "next week" is not.

    Args:
        question: Any question.
        language: BCP 47 code; languages the project has no words for never ask for one.

    Example:
        >>> asks_for_date("On what date was it opened?", "en"), asks_for_date("When was it opened?", "en")
        (True, False)
    """
    return _asks_in(question, "date_words.json", language)


def states_date(text: str, language: str) -> bool:
    """Return whether a text names a month, a day of the week, or a day by the day it was written on.

    Args:
        text: Any text.
        language: BCP 47 code of the text.

    Example:
        >>> states_date("It opened on 3 May.", "en"), states_date("It opens next week.", "en")
        (True, False)
    """
    known = lexicon(language)
    return (
        bool(find_dates(text, known, language))
        or bool(find_weekdays(text, known))
        or any(_is_a_day(expression, known) for expression in relative_expressions(text, language))
    )


def states_year(text: str, language: str) -> bool:
    """Return whether a text has a number that may be a year, or a word like "last year".

    Args:
        text: Any text.
        language: BCP 47 code of the text.

    Example:
        >>> states_year("Nine members met in 2026.", "en"), states_year("On Monday 312 members met.", "en")
        (True, False)
    """
    return is_relative(text, language) or _names_year(text, words(fold(text)), lexicon(language), language)


def states_time(text: str, language: str) -> bool:
    """Return whether a text says when something happens, or may do so in words the project cannot read.

    Dates, weekdays, years, times of day, durations, and words that order events ("before", "dawn", "every year").

    Args:
        text: Any text.
        language: BCP 47 code of the text.

    Example:
        >>> states_time("The fire burned 312 beehives.", "en"), states_time("It broke out before dawn.", "en")
        (False, True)
    """
    timely = _time_words(_primary(language))
    if not timely:
        return True
    known = lexicon(language)
    listed = words(fold(text))
    return (
        any(
            form in timely or known.units.get(form, "").startswith(_DURATION)
            for word in listed
            for form in _forms(word)
        )
        or is_relative(text, language)
        or bool(find_dates(text, known, language))
        or bool(find_weekdays(text, known))
        or _ON_A_CLOCK.search(fold(text)) is not None
        or _names_year(text, listed, known, language)
    )


def _asks_in(question: str, name: str, language: str) -> bool:
    folded = fold(question)
    return any(fold(asking) in folded for asking in _listed(name).get(_primary(language), ()))


def _names_year(text: str, listed: list[Word], known: Lexicon, language: str) -> bool:
    """Return whether a number may be a year: one of four digits, or an early one that counts nothing."""
    for number in find_numbers(text, known, language=language):
        if any(value in _YEARS for value in number.values):
            return True
        before = listed[number.first - 1].text if number.first else ""
        after = listed[number.last + 1].text if number.last + 1 < len(listed) else ""
        counts = after and after not in _ERAS and not asking_words(after) and known.units.get(before) != _YEAR
        if not counts and any(value in _EARLY_YEARS for value in number.values):
            return True
    return False


def _is_a_day(expression: str, known: Lexicon) -> bool:
    spoken_of = {known.units.get(form, "") for word in words(expression) for form in _forms(word)}
    return not spoken_of & _LONGER_THAN_A_DAY and not _LONGER_UNSPACED & set(expression)


def _forms(word: Word) -> tuple[str, ...]:
    return (word.text, *(form.removeprefix("ال") for form in bare_forms(word.text)))


@cache
def _time_words(language: str) -> frozenset[str]:
    return frozenset(fold(word).removeprefix("ال") for word in _listed("time_words.json").get(language, ()))


@cache
def _listed(name: str) -> dict[str, list[str]]:
    listed: dict[str, list[str]] = json.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))
    return listed


def _primary(language: str) -> str:
    return language.partition("-")[0]
