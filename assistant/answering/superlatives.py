"""Superlatives and comparatives ("the cheapest", "longer", "أرخص"): which end of several numbers is asked for."""

import re
from bisect import bisect_left
from enum import StrEnum
from functools import cache

from assistant.language.normalise import fold
from assistant.language.particles import PARTICLES_BEFORE
from assistant.language.scripts import is_unspaced
from assistant.language.tags import primary_subtag
from assistant.language.word_lists import load_word_list
from assistant.language.words import WORD
from assistant.passages.passage import Span


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


def superlative_words(text: str, language: str) -> Span | None:
    """Return where the words of a text stand that `superlative_of` goes by.

    Example:
        >>> superlative_words("Which town has the cheapest pass?", "en")
        Span(start=19, end=27)
    """
    match = _match(text, language, "superlatives.json")
    if match is None:
        return None
    # Folding changes how long words are: the first of the places whose beginning folds to as many characters.
    start, end = (
        bisect_left(range(len(text)), place, key=lambda at: len(fold(text[:at]))) for place in match[1].span()
    )
    word = WORD.match(text, end) if not is_unspaced(primary_subtag(language)) else None
    return Span(start, word.end() if word else end)


def comparative_of(text: str, language: str) -> Superlative | None:
    """Return which end a question for one of two things asks for, or None where that cannot be told.

    Example:
        >>> comparative_of("Which is older, the mill or the inn?", "en")
        <Superlative.EARLIEST: 'earliest'>
    """
    return _named(text, language, "comparatives.json")


def _named(text: str, language: str, listed: str) -> Superlative | None:
    match = _match(text, language, listed)
    return match and match[0]


def _match(text: str, language: str, listed: str) -> tuple[Superlative, re.Match[str]] | None:
    folded = fold(text)
    found = ((kind, pattern.search(folded)) for kind, pattern in _patterns(primary_subtag(language), listed))
    return next(((kind, match) for kind, match in found if match), None)


@cache
def _patterns(language: str, name: str) -> tuple[tuple[Superlative, re.Pattern[str]], ...]:
    """Return what finds the beginnings of the listed words, by kind, in order: "most expensive" is not "most"."""
    listed = load_word_list(__package__, name).get(language, {})
    start = "" if is_unspaced(language) else rf"(?<!\w){PARTICLES_BEFORE.get(language, '')}"
    choices = {kind: "|".join(re.escape(fold(word)) for word in listed[kind]) for kind in Superlative if kind in listed}
    return tuple((kind, re.compile(f"{start}(?:{words})")) for kind, words in choices.items())
