"""Dates in a text: the months and weekdays it names, with the days and years beside them."""

import re
from dataclasses import dataclass
from itertools import pairwise

from assistant.answering.grounding.lexicon import Lexicon
from assistant.language.normalise import fold
from assistant.language.tags import primary_subtag
from assistant.language.words import Word, bare_forms, words

_REACH = 4
_SHORT_NAME = 4
_VERBS_TOO = {"march", "may", "mars"}
# Languages that inflect the names of months at their end.
_INFLECTING = {"ru", "uk", "bg", "pl", "cs", "fi", "hu", "tr", "el", "ro"}
_ISO = re.compile(r"(?<!\d)([12]\d{3})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_NUMERIC = re.compile(r"(?<![\d.])(\d{1,2})[-/.](\d{1,2})[-/.]((?:[12]\d)?\d{2})(?!\d)")
_COUNTED = re.compile(r"(?:([12]\d{3})\s*[年년]\s*)?(?<!\d)(\d{1,2})\s*[月월](?:\s*(\d{1,2})\s*[日號号일])?")


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
    folded = fold(text)
    found = _in_digits(folded)
    listed = words(folded)
    for index, (month, length) in _months(listed, lexicon, language).items():
        after = index + length
        near = listed[max(0, index - _REACH) : index], listed[after : after + _REACH]
        days, years = _days_and_years(near, lexicon, language)
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
    pairs = [f"{one.text} {two.text}" for one, two in pairwise(listed)]
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
            joined = " ".join(word.text for word in listed[index : index + length])
            month = next(filter(None, (_month(form, lexicon, language) for form in bare_forms(joined))), None)
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


def _days_and_years(
    near: tuple[list[Word], list[Word]], lexicon: Lexicon, language: str
) -> tuple[frozenset[int], frozenset[int]]:
    days: set[int] = set()
    years: set[int] = set()
    before, after = near
    for side in (list(reversed(before)), after):
        for word in side:
            if any(form in lexicon.months for form in bare_forms(word.text)):
                break
            if not word.text.isdigit():
                continue
            value = int(word.text)
            if language == "th" and 2400 < value < 2700:
                value -= 543
            if 1 <= value <= 31:
                days.add(value)
            elif 1000 <= value < 3000:
                years.add(value)
    return frozenset(days), frozenset(years)
