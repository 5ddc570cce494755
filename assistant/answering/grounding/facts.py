"""What a sentence states exactly (numbers, dates, units, names), and which of it a text does not say."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from assistant.answering.grounding.dates import DateMention, find_dates, find_weekdays
from assistant.answering.grounding.lexicon import PERCENT, POUND, Lexicon, is_currency, lexicon
from assistant.answering.grounding.names import find_names, is_named
from assistant.answering.grounding.number_words import ONE_AND_TWO
from assistant.answering.grounding.numerals import Number, find_compounds, find_numbers
from assistant.language.normalise import fold
from assistant.language.words import Word, bare_forms, words

_POUNDS = {"GBP", "EGP", "SYP", "LBP"}


class FactKind(StrEnum):
    """What kind of exact statement a fact is."""

    NUMBER = "number"
    DATE = "date"
    UNIT = "unit"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something a sentence states exactly, as it is written there."""

    kind: FactKind
    text: str


@dataclass(frozen=True, slots=True)
class Premise:
    """A text that may support a sentence.

    Attributes:
        text: The text, usually one sentence of an article.
        language: BCP 47 code of the text.
        published: When its article was published: the year of its dates where the text names none.
    """

    text: str
    language: str
    published: date | None = None


def unsupported_facts(sentence: str, language: str, premise: Premise) -> list[Fact]:
    """Return the facts of a sentence that a premise does not state.

    Numbers must occur with the same value, in any digits, separators or (where the project knows the language's number
    words) spelling. Dates must occur with the same month, days and year, in any form. A unit must not be another one
    than the premise has, and percent signs and currency signs must be there. Names must occur as they stand,
    inflected, or written in another script; a name that is *translated* is reported here, and it is for the meaning
    check to say whether the premise means it.

    Args:
        sentence: One sentence of an answer, without marks.
        language: BCP 47 code of the sentence.
        premise: What it is checked against.

    Example:
        >>> premise = Premise("القمة المقبلة ستعقد في 11 نوفمبر 2026 في موسكو", "ar")
        >>> unsupported_facts("The next summit is on 12 November 2026 in Moscow.", "en", premise)
        [Fact(kind=<FactKind.NUMBER: 'number'>, text='12'), Fact(kind=<FactKind.DATE: 'date'>, text='november')]
    """
    own, theirs = lexicon(language), lexicon(premise.language)
    stated = find_numbers(sentence, own, language=language)
    known = find_numbers(premise.text, theirs, language=premise.language)
    known += find_compounds(premise.text, theirs)
    missing = [
        Fact(FactKind.NUMBER, number.text)
        for number in stated
        if _is_checked(number, theirs) and not _occurs(number, known, premise)
    ]
    missing += _missing_dates(sentence, language, own, premise, theirs)
    missing += _wrong_units(sentence, stated, own, premise, known, theirs)
    missing += [
        Fact(FactKind.NAME, name)
        for name in find_names(sentence, language)
        if not _means_else(name, own) and not is_named(name, premise.text)
    ]
    return missing


def _is_checked(number: Number, theirs: Lexicon) -> bool:
    # "One" and "two" are often articles, pronouns or dual forms; other words need words to be compared with.
    return not number.spelt or (min(number.values) > ONE_AND_TWO and bool(theirs.cardinals))


def _occurs(number: Number, known: list[Number], premise: Premise) -> bool:
    if any(number.values & other.values for other in known):
        return True
    return premise.published is not None and premise.published.year in number.values and _names_a_date(premise)


def _names_a_date(premise: Premise) -> bool:
    dates = find_dates(premise.text, lexicon(premise.language), premise.language)
    return any(not mention.years for mention in dates)


def _missing_dates(sentence: str, language: str, own: Lexicon, premise: Premise, theirs: Lexicon) -> list[Fact]:
    known = find_dates(premise.text, theirs, premise.language)
    if premise.published:
        year = frozenset({premise.published.year})
        known = [
            mention if mention.years else DateMention(mention.months, mention.days, year, mention.text)
            for mention in known
        ]
    stated = find_dates(sentence, own, language, strict=True)
    # The two readings of 11/12/2026 are one date.
    unsupported = {
        mention.text: Fact(FactKind.DATE, mention.text)
        for mention in stated
        if not any(mention.supported_by(other) for other in known)
    }
    supported = {mention.text for mention in stated if any(mention.supported_by(other) for other in known)}
    missing = [fact for text, fact in unsupported.items() if text not in supported or text.isalpha()]
    weekdays = find_weekdays(premise.text, theirs)
    missing += [Fact(FactKind.DATE, name) for day, name in find_weekdays(sentence, own).items() if day not in weekdays]
    return missing


def _wrong_units(
    sentence: str, stated: list[Number], own: Lexicon, premise: Premise, known: list[Number], theirs: Lexicon
) -> list[Fact]:
    sentence_words, premise_words = words(fold(sentence)), words(fold(premise.text))
    wrong = []
    for number in stated:
        unit, name = unit_beside(number, sentence_words, own)
        if unit is None:
            continue
        others = [unit_beside(other, premise_words, theirs)[0] for other in known if other.values & number.values]
        must_be_there = unit == PERCENT or not name[0].isalpha()
        matches = [other for other in others if other is not None and _same_unit(unit, other)]
        contradicted = bool(others) and all(other is not None for other in others)
        if others and not matches and (must_be_there or contradicted):
            wrong.append(Fact(FactKind.UNIT, name))
    return wrong


def _same_unit(first: str, second: str) -> bool:
    if first == second:
        return True
    # A currency's noun alone ("dollars") does not say whose.
    currencies = [_POUNDS if unit == POUND else set(unit.split()) for unit in (first, second) if is_currency(unit)]
    return len(currencies) == 2 and not currencies[0].isdisjoint(currencies[1])


def unit_beside(number: Number, listed: list[Word], lexicon: Lexicon) -> tuple[str | None, str]:
    """Return the unit after a number, in it ("ten-minute") or its sign before it, and how it is written."""
    for length in (3, 2, 1):
        after = " ".join(word.text for word in listed[number.last + 1 : number.last + 1 + length])
        for form in bare_forms(after) if after else ():
            if form in lexicon.units:
                return lexicon.units[form], after
    for length in (2, 1):
        before = " ".join(word.text for word in listed[max(0, number.first - length) : number.first])
        unit = lexicon.units.get(before, "")
        if unit and (not before[0].isalpha() or unit in (PERCENT, before.upper())):
            return unit, before
    for part in number.text.split("-")[1:]:
        if part in lexicon.units:
            return lexicon.units[part], part
    return None, ""


def _means_else(name: str, lexicon: Lexicon) -> bool:
    """Return whether a capitalised word is a month, weekday, unit or number, which are checked as such."""
    folded = fold(name)
    return (
        folded in lexicon.months
        or folded in lexicon.weekdays
        or folded in lexicon.units
        or folded in lexicon.magnitudes
        or folded in lexicon.cardinals
        or folded in lexicon.ordinals
    )
