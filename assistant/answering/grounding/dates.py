"""Dates in a text: the months and weekdays it names, with the days and years beside them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from assistant.answering.grounding.eras import in_common_era
from assistant.answering.grounding.lexicon import Lexicon
from assistant.language.normalise import fold
from assistant.language.tags import primary_subtag
from assistant.language.words import Word, bare_forms, words

_SHORT_NAME = 4
_VERBS_TOO = {"march", "may", "mars"}
# Languages that inflect the names of months at their end.
_INFLECTING = {"ru", "uk", "bg", "pl", "cs", "fi", "hu", "tr", "el", "ro"}
_ISO = re.compile(r"(?<!\d)([12]\d{3})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_NUMERIC = re.compile(r"(?<![\d.])(\d{1,2})[-/.](\d{1,2})[-/.]((?:[12]\d)?\d{2})(?!\d)")
_COUNTED = re.compile(r"(?:([12]\d{3})\s*[年년]\s*)?(?<!\d)(\d{1,2})\s*[月월](?:\s*(\d{1,2})\s*[日號号일])?")
_CLOCK = re.compile(r"\d+(?::\d{2})+")
# A text in which each word of a date, and each mark between two of them, is one of the characters of `_signs`.
_DAYS = "D(?:(?:,D){0,9},?[J-]{1,2}D){0,9}"
# Where Arabic has two names of a month, both may stand there: "تشرين الأول/أكتوبر".
_MONTH = r"M(?:-M|\(M\))?"
_DATE = re.compile(
    rf"(?P<year>Y)?[I-]{{0,3}}(?:(?P<days>{_DAYS})[I-]{{0,3}})?{_MONTH}"
    rf"(?(days)|(?:[I-]{{0,3}}(?P<days_behind>{_DAYS})(?![I-]{{0,3}}M))?)(?:[,I-]{{0,3}}(?P<year_behind>Y))?"
)
_MARKS = {**dict.fromkeys(",،、", ","), **dict.fromkeys("-‐‑–/", "-"), "(": "(", ")": ")"}
_NO_MARK = ". \n\u202f"
_BEFORE_ENDINGS = {"", "-", "'"}
# What is written onto an hour, and no ending of a day.
_HALVES_OF_THE_DAY = {"am", "pm"}


@dataclass(frozen=True, slots=True)
class DateMention:
    """A month in a text, with the days and years that stand beside it.

    Attributes:
        months: The months it may be, 1 to 12; two where day and month can be exchanged (11/12/2026).
        days: Days of the month.
        years: Years of four digits.
        text: How it is written, folded.
    """

    months: frozenset[int]
    days: frozenset[int]
    years: frozenset[int]
    text: str

    def supported_by(self, other: "DateMention") -> bool:
        """Return whether `other` says all that this mention says; a year that `other` leaves open is not said."""
        return bool(self.months & other.months) and self.days <= other.days and self.years <= other.years


def find_dates(text: str, lexicon: Lexicon, language: str, *, strict: bool = False) -> list[DateMention]:
    """Find the dates of a text.

    Args:
        text: Any text.
        lexicon: The words of the text's language.
        language: BCP 47 code of the text.
        strict: Leave out month names that may be another word (an abbreviation, "may", "march") and have no number
            beside them.
    """
    folded = _CLOCK.sub(lambda match: " " * len(match[0]), fold(text))
    found = _in_digits(folded)
    listed = words(folded)
    months = _months(listed, lexicon, language)
    for index, days, years in _named(folded, listed, months, lexicon, language):
        month, length = months[index]
        after = index + length
        name = " ".join(word.text for word in listed[index:after])
        abbreviated = lexicon.months.get(name) and name not in lexicon.full_months
        if strict and abbreviated and primary_subtag(language) != "en":
            continue
        doubtful = len(name) <= _SHORT_NAME or name in _VERBS_TOO
        if strict and (doubtful or abbreviated) and not days and not years:
            continue
        found.append(DateMention(frozenset({month}), days, years, name))
    return found


def find_weekdays(text: str, lexicon: Lexicon) -> dict[int, str]:
    """Find the weekdays a text names: 0 (Monday) to 6, with the name as written, folded."""
    listed = words(fold(text))
    spellings = [form for word in listed for form in (word.text, *bare_forms(word.text))]
    pairs = [f"{first.text} {second.text}" for first, second in pairwise(listed)]
    return {lexicon.weekdays[name]: name for name in spellings + pairs if name in lexicon.weekdays}


def _in_digits(folded: str) -> list[DateMention]:
    found = []
    for match in _ISO.finditer(folded):
        year, month, day = map(int, match.groups())
        if month <= 12 and day <= 31:
            found.append(_mention({month}, {day}, {year}, match[0]))
    for match in _NUMERIC.finditer(folded):
        first, second = int(match[1]), int(match[2])
        # A year of two digits is one that any year ending so supports, and so says nothing by itself.
        years = {int(match[3])} if len(match[3]) == 4 else set()
        if first <= 31 and 1 <= second <= 12:
            found.append(_mention({second}, {first}, years, match[0]))
        if second <= 31 and 1 <= first <= 12 and first != second:
            found.append(_mention({first}, {second}, years, match[0]))
    for match in _COUNTED.finditer(folded):
        if 1 <= int(match[2]) <= 12:
            days = {int(match[3])} if match[3] else set()
            found.append(_mention({int(match[2])}, days, {int(match[1])} if match[1] else set(), match[0]))
    return found


def _mention(months: set[int], days: set[int], years: set[int], text: str) -> DateMention:
    return DateMention(frozenset(months), frozenset(days), frozenset(years), text)


def _months(listed: list[Word], lexicon: Lexicon, language: str) -> dict[int, tuple[int, int]]:
    """Return the month names of a text: index of the first word, to the month and the number of words."""
    found: dict[int, tuple[int, int]] = {}
    taken: set[int] = set()
    for index in range(len(listed)):
        for length in (2, 1):
            if index in taken or index + length > len(listed):
                continue
            forms = bare_forms(" ".join(word.text for word in listed[index : index + length]))
            named = (lexicon.months.get(form) if length > 1 else _month(form, lexicon, language) for form in forms)
            month = next(filter(None, named), None)
            if month:
                found[index] = (month, length)
                taken.update(range(index, index + length))
                break
    return found


def _month(name: str, lexicon: Lexicon, language: str) -> int | None:
    exact = lexicon.months.get(name)
    primary = primary_subtag(language)
    if exact is None and primary == "th":
        # Thai runs words together.
        return next((lexicon.months[known] for known in lexicon.full_months if len(known) > 4 and known in name), None)
    if exact or primary not in _INFLECTING or len(name) < 4:
        return exact
    for known in lexicon.full_months:
        if len(known) > 3 and name.startswith(known[:-1] if len(known) > 4 else known) and len(name) <= len(known) + 4:
            return lexicon.months[known]
    return None


def _named(
    folded: str, listed: list[Word], months: dict[int, tuple[int, int]], lexicon: Lexicon, language: str
) -> Iterator[tuple[int, frozenset[int], frozenset[int]]]:
    """Yield for each month named in a text the index of its first word, and the days and years beside it."""
    signs, places = _signs(folded, listed, months, lexicon)
    for match in _DATE.finditer(signs):
        numbers = {
            name: frozenset(int(listed[places[at]].text) for at in range(*match.span(name)) if signs[at] in "DY")
            for name in _DATE.groupindex
        }
        years = numbers["year_behind"] or numbers["year"]
        days = numbers["days"] or numbers["days_behind"]
        for at in range(*match.span()):
            if signs[at] == "M":
                yield places[at], days, frozenset(in_common_era(year, language) for year in years)


def _signs(
    folded: str, listed: list[Word], months: dict[int, tuple[int, int]], lexicon: Lexicon
) -> tuple[str, list[int]]:
    """Return a text as one character for each word and each mark, and of each the index of its word or the next one.

    M is a month, D a number that can be a day of it, Y one that can be a year, I a word inside dates, J one that joins
    days, "-" a dash or a slash, "," a comma, brackets themselves, and "x" anything else. Points and the endings of
    numbers are left out.
    """
    signs = ""
    places: list[int] = []
    end = index = 0
    while index < len(listed):
        _, length = months.get(index, (0, 1))
        word = listed[index]
        mark = folded[end : word.start].strip(_NO_MARK)
        sign = "M" if index in months else _sign(word, lexicon)
        is_behind_number = index > 0 and listed[index - 1].is_digits and folded[end : word.start] in _BEFORE_ENDINGS
        if not (is_behind_number and sign == "x" and not _is_counted(word.text, lexicon)):
            new = (_MARKS.get(mark, "x") if mark else "") + sign
            signs += new
            places += [index] * len(new)
        index += length
        end = listed[index - 1].end
    return signs, places


def _is_counted(name: str, lexicon: Lexicon) -> bool:
    return name in lexicon.units or name in _HALVES_OF_THE_DAY


def _sign(word: Word, lexicon: Lexicon) -> str:
    if word.text.isdigit():
        number = int(word.text)
        return "D" if 1 <= number <= 31 else "Y" if 1000 <= number < 3000 else "x"
    forms = bare_forms(word.text)
    if not lexicon.inside_dates.isdisjoint(forms):
        return "I"
    return "x" if lexicon.between_days.isdisjoint(forms) else "J"
