"""Numbers that an answer states in digits and that no passage it cites states.

This compares the finished answer with the whole passages, and so measures what the checking of answers let pass. It
shares with the checking only the reading of numbers.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from assistant.answering.grounding.dates import DateMention, find_dates
from assistant.answering.grounding.lexicon import lexicon
from assistant.answering.grounding.numerals import Number, find_numbers, read_digits


@dataclass(frozen=True, slots=True)
class Source:
    """A cited passage.

    Attributes:
        text: Its text.
        language: BCP 47 code of the text.
        published: When its article was published; what an answer says beside "today" may come from there.
    """

    text: str
    language: str
    published: date | None = None


def unstated_numbers(answer: str, language: str, sources: Sequence[Source]) -> list[str]:
    """Return the numbers in digits that stand in none of the sources, nor in a date of publication.

    Numbers are compared by value: digits of any script, any separators, "million" and its like multiplied in. Sources
    may spell a number out. Every part of a date in digits counts, and its month may be named in the sources.

    Args:
        answer: The answer's text, without citation marks.
        language: BCP 47 code of the answer.
        sources: What it cites.

    Returns:
        Each such number as it is written, in ASCII digits and lower case.

    Example:
        >>> source = Source("قال إن عددهم ٧١١٬٩٨٨", "ar", date(2026, 11, 12))
        >>> unstated_numbers("Some 711,988 came on 2026-11-12, and 14 million did not.", "en", [source])
        ['14 million']
    """
    # What is copied from a source is in the source's language, whatever the answer's.
    languages = list(dict.fromkeys([language, *(source.language for source in sources)]))
    texts = [(source.text, source.language) for source in sources]
    texts += [(source.published.isoformat(), "en") for source in sources if source.published]
    stated = {value for text, code in texts for number in _numbers(text, code) for value in number.values}
    named_months = {month for text, code in texts for mention in _dates(text, code) for month in mention.months}
    written = _without_superscripts(answer)
    months = {Decimal(m) for m in _months_in_digits(written, languages) & named_months}
    return list(
        dict.fromkeys(
            number.text
            for number in _in_digits(written, languages)
            if not all(part & (stated | months) for part in _parts(number))
        )
    )


def _numbers(text: str, language: str) -> list[Number]:
    return find_numbers(text, lexicon(language), language=language)


def _dates(text: str, language: str) -> list[DateMention]:
    return find_dates(text, lexicon(language), language)


def _in_digits(text: str, languages: Sequence[str]) -> list[Number]:
    """Find the numbers in digits, each in the language in which most of the words behind it belong to it."""
    readings = [{number.first: number for number in _numbers(text, code) if not number.spelt} for code in languages]
    return [max((reading[first] for reading in readings), key=lambda number: number.last) for first in readings[0]]


def _months_in_digits(text: str, languages: Sequence[str]) -> set[int]:
    mentions = [mention for code in languages for mention in _dates(text, code)]
    return {month for mention in mentions if mention.text[0].isdigit() for month in mention.months}


def _parts(number: Number) -> list[frozenset[Decimal]]:
    """Return what a number may stand for; of a date such as 11.12.2026, of each of its parts."""
    parts = read_digits(number.text) if number.first == number.last else []
    return parts if len(parts) > 1 else [number.values]


def _without_superscripts(text: str) -> str:
    """Blank what is no decimal digit and would be read as one: "km²" states no 2."""
    return "".join(" " if unicodedata.category(character) == "No" else character for character in text)
