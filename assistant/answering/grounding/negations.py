"""What a text denies: its words for "not", and the words that they deny."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import regex

from assistant.language.tags import primary_subtag
from assistant.language.word_lists import load_word_list, whole_words
from assistant.language.words import WORD

_STOPS = r"[,;:!?()\"“”«»،؛؟。，；：！？।…—–]|\.(?!\p{N})"
_REACH = 8
"""How many words away from a negation what it denies is looked for."""
_SAYS_LITTLE = regex.compile(r"[\p{Hiragana}\p{P}\s的了在是有和]+")


Extent = tuple[int, int]
"""Where something stands in a text: its start, and the end behind it."""


@dataclass(frozen=True, slots=True)
class Negation:
    """A word that denies, in a text.

    Attributes:
        word: Where it stands.
        clause: Where its clause stands.
        denied: The words it denies, the nearest first; empty where it stands alone.
        is_sure: Whether it denies whatever stands beside it ("not"), and is not one that another language, or another
            speaker, would say without a denial ("without", "failed to").
    """

    word: Extent
    clause: Extent
    denied: tuple[Extent, ...]
    is_sure: bool

    def covers(self, word: Extent) -> bool:
        """Return whether it may deny a word: one of its clause if it is sure, else itself or one beside it."""
        scope = [self.clause] if self.is_sure else [self.word, *self.denied]
        return any(start < word[1] and word[0] < end for start, end in scope)


@dataclass(frozen=True, slots=True)
class _Patterns:
    """What negations look like in a language, as `negation_words.json` lists it.

    Attributes:
        negates: Words that deny what stands beside them.
        negated: Words that an ending or a beginning of their own denies ("ödemedi").
        may_negate: Words that say without "not" what others say with it.
        set_aside: Phrases with a word for "not" that deny nothing.
        skips: Words that stand between "not" and what it denies.
        breaks: What parts clauses.
        looks_left: Whether what is denied stands before the word for "not".
    """

    negates: regex.Pattern[str]
    negated: regex.Pattern[str]
    may_negate: regex.Pattern[str]
    set_aside: regex.Pattern[str]
    skips: regex.Pattern[str]
    breaks: regex.Pattern[str]
    looks_left: bool


def knows_negations(language: str) -> bool:
    """Return whether the project knows how a language (BCP 47) denies."""
    return primary_subtag(language) in load_word_list(__package__, "negation_words.json")


def find_negations(text: str, language: str, units: Sequence[Extent]) -> list[Negation]:
    """Find what denies something in a text.

    What only looks like a denial ("not only", "no less than", "لا يزال") is left out. A clause ends at punctuation and
    at conjunctions.

    Args:
        text: Any text.
        language: BCP 47 code of the text.
        units: The words of the text as spans, from `words_of`.

    Returns:
        The negations in order; none for a language that the project does not know the words of.

    Example:
        >>> text = "It was not paid, but it was promised."
        >>> [text[slice(*one.denied[0])] for one in find_negations(text, "en", words_of(text))]
        ['paid']
    """
    if not knows_negations(language):
        return []
    patterns = _patterns(primary_subtag(language))
    aside = [match.span() for match in patterns.set_aside.finditer(text)]
    borders = [match.span() for match in patterns.breaks.finditer(text)]
    starts, ends = [start for start, _ in borders], [end for _, end in borders]
    found = []
    for pattern, is_sure in ((patterns.negates, True), (patterns.negated, True), (patterns.may_negate, False)):
        for match in pattern.finditer(text):
            if any(start < match.end() and match.start() < end for start, end in aside):
                continue
            behind, ahead = bisect_right(ends, match.start()), bisect_left(starts, match.end())
            clause = (ends[behind - 1] if behind else 0, starts[ahead] if ahead < len(starts) else len(text))
            # An ending or a beginning of the word itself denies it.
            denied = (
                [match.span()] if pattern is patterns.negated else _nearest(match.span(), clause, units, text, patterns)
            )
            found.append(Negation(match.span(), clause, tuple(denied), is_sure))
    return sorted(found, key=lambda negation: negation.word)


def words_of(text: str) -> list[Extent]:
    """Return the words of a text as spans, in a script that puts spaces between them."""
    return [match.span() for match in WORD.finditer(text)]


def _nearest(negation: Extent, clause: Extent, units: Sequence[Extent], text: str, patterns: _Patterns) -> list[Extent]:
    """Return the two words nearest to a negation in its clause, on the side where its language denies."""
    first = bisect_left(units, negation)
    before = [unit for unit in reversed(units[max(0, first - _REACH) : first]) if clause[0] <= unit[0] < negation[0]]
    after = [unit for unit in units[first : first + _REACH] if negation[1] <= unit[0] and unit[1] <= clause[1]]
    sides = (before, after) if patterns.looks_left else (after, before)
    telling = ([unit for unit in side if _says_much(text, unit, patterns)][:2] for side in sides)
    return next((side for side in telling if side), [])


def _says_much(text: str, unit: Extent, patterns: _Patterns) -> bool:
    word = text[slice(*unit)]
    return not (patterns.skips.fullmatch(word) or patterns.negates.fullmatch(word) or _SAYS_LITTLE.fullmatch(word))


@cache
def _patterns(language: str) -> _Patterns:
    listed: dict[str, str] = load_word_list(__package__, "negation_words.json")[language]

    def compiled(key: str, also: str = "") -> regex.Pattern[str]:
        whole = whole_words(listed.get(key, r"(?!)"), language)
        return regex.compile(f"{whole}|{also}" if also else whole, regex.IGNORECASE)

    return _Patterns(
        negates=compiled("negates"),
        negated=compiled("negated"),
        may_negate=compiled("may_negate"),
        set_aside=compiled("set_aside"),
        skips=compiled("skips"),
        breaks=compiled("breaks", _STOPS),
        looks_left=listed.get("look") == "left",
    )
