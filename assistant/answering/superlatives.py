"""Superlatives ("the cheapest", "أرخص"): which end of a column of numbers a question asks for."""

import re
from enum import StrEnum
from functools import cache

from assistant.language.normalise import fold
from assistant.language.particles import PARTICLES_BEFORE
from assistant.language.scripts import is_unspaced
from assistant.language.tags import primary_subtag
from assistant.language.word_lists import load_word_list


class Superlative(StrEnum):
    """What is asked for; the value is its name in `superlatives.json`.

    Attributes:
        CHEAPEST: The smallest amount of money.
        DEAREST: The largest.
        LEAST: The smallest number of anything.
        MOST: The largest.
    """

    CHEAPEST = "cheapest"
    DEAREST = "dearest"
    LEAST = "least"
    MOST = "most"

    @property
    def is_smallest(self) -> bool:
        """Whether the smallest number is asked for."""
        return self in (Superlative.CHEAPEST, Superlative.LEAST)

    @property
    def is_money(self) -> bool:
        """Whether a price is asked for."""
        return self in (Superlative.CHEAPEST, Superlative.DEAREST)


def superlative_of(text: str, language: str) -> Superlative | None:
    """Return the superlative of a text, or None where it has none, or the project knows no words of the language.

    Example:
        >>> superlative_of("Which town has the cheapest pass?", "en"), superlative_of("Is it cheap?", "en")
        (<Superlative.CHEAPEST: 'cheapest'>, None)
    """
    folded = fold(text)
    patterns = _patterns(primary_subtag(language))
    return next((kind for kind, pattern in patterns if pattern.search(folded)), None)


@cache
def _patterns(language: str) -> tuple[tuple[Superlative, re.Pattern[str]], ...]:
    """Return what finds the beginnings of the listed words, those for money first: "most expensive" is not "most"."""
    listed = load_word_list(__package__, "superlatives.json").get(language, {})
    start = "" if is_unspaced(language) else rf"(?<!\w){PARTICLES_BEFORE.get(language, '')}"
    choices = {kind: "|".join(re.escape(fold(word)) for word in listed[kind]) for kind in Superlative if kind in listed}
    return tuple((kind, re.compile(f"{start}(?:{words})")) for kind, words in choices.items())
