"""Superlatives and comparatives ("the cheapest", "longer", "أرخص"): which end of several numbers is asked for."""

import re
from enum import StrEnum
from functools import cache

from assistant.language.normalise import fold
from assistant.language.particles import PARTICLES_BEFORE
from assistant.language.scripts import is_unspaced
from assistant.language.tags import primary_subtag
from assistant.language.word_lists import load_word_list


class Superlative(StrEnum):
    """What is asked for; the value is its name in the lists of words.

    Attributes:
        CHEAPEST: The smallest amount of money.
        DEAREST: The largest.
        EARLIEST: The first date.
        LATEST: The last.
        LEAST: The smallest number of anything.
        MOST: The largest.
    """

    CHEAPEST = "cheapest"
    DEAREST = "dearest"
    EARLIEST = "earliest"
    LATEST = "latest"
    LEAST = "least"
    MOST = "most"

    @property
    def is_smallest(self) -> bool:
        """Whether the smallest number is asked for."""
        return self in (Superlative.CHEAPEST, Superlative.EARLIEST, Superlative.LEAST)

    @property
    def is_money(self) -> bool:
        """Whether a price is asked for."""
        return self in (Superlative.CHEAPEST, Superlative.DEAREST)

    @property
    def is_time(self) -> bool:
        """Whether a date is asked for."""
        return self in (Superlative.EARLIEST, Superlative.LATEST)


def superlative_of(text: str, language: str) -> Superlative | None:
    """Return the superlative of a text, or None where it has none, or the project knows no words of the language.

    Example:
        >>> superlative_of("Which town has the cheapest pass?", "en"), superlative_of("Is it cheap?", "en")
        (<Superlative.CHEAPEST: 'cheapest'>, None)
    """
    return _named(text, language, "superlatives.json")


def comparative_of(text: str, language: str) -> Superlative | None:
    """Return which end a question for one of two things asks for, or None where that cannot be told.

    Example:
        >>> comparative_of("Which is older, the mill or the inn?", "en")
        <Superlative.EARLIEST: 'earliest'>
    """
    return _named(text, language, "comparatives.json")


def _named(text: str, language: str, listed: str) -> Superlative | None:
    folded = fold(text)
    patterns = _patterns(primary_subtag(language), listed)
    return next((kind for kind, pattern in patterns if pattern.search(folded)), None)


@cache
def _patterns(language: str, name: str) -> tuple[tuple[Superlative, re.Pattern[str]], ...]:
    """Return what finds the beginnings of the listed words, by kind, in order: "most expensive" is not "most"."""
    listed = load_word_list(__package__, name).get(language, {})
    start = "" if is_unspaced(language) else rf"(?<!\w){PARTICLES_BEFORE.get(language, '')}"
    choices = {kind: "|".join(re.escape(fold(word)) for word in listed[kind]) for kind in Superlative if kind in listed}
    return tuple((kind, re.compile(f"{start}(?:{words})")) for kind, words in choices.items())
