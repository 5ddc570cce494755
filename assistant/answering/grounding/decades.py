"""Decades in a text that are named without their century: "the 70s", "السبعينيات", "les années soixante-dix"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assistant.answering.grounding.folding import fold


@dataclass(frozen=True, slots=True)
class Decades:
    """How a language names the decades of a century.

    Attributes:
        pattern: Finds one in a folded text; the group `digits` or `word` has the number.
        words: The words that `pattern` finds, to 20, 30 and so on.
        century: Matches what follows a decade up to the name of its century ("of the 19th century").
        last: Finds in that the word for the last century.
    """

    pattern: re.Pattern[str]
    words: dict[str, Decimal]
    century: re.Pattern[str]
    last: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class DecadeMention:
    """A decade in a text.

    Attributes:
        start: Where its number begins in the folded text.
        tens: Which of its century it is: 20, 30 and so on.
        century: The words that say its century; empty for the 20th, which is meant where none is named.
    """

    start: int
    tens: Decimal
    century: str


def make_decades(listed: dict[str, Any], words: dict[str, Decimal]) -> Decades:
    """Prepare a language's names of decades.

    Args:
        listed: Patterns: "in" finds a decade with "#" for its number, "digits" is what follows a number in digits
            (none where decades are not written so), "century" and "last" are beginnings of those words.
        words: The words that stand for "#", folded, to 20, 30 and so on.
    """
    number = rf"(?P<word>{'|'.join(sorted(words, key=len, reverse=True))})"
    digits = listed.get("digits")
    # The group exists either way, and without digits it matches nothing.
    tens = r"(?!)" if digits is None else r"(?<!\d)[2-9]0"
    number = rf"(?:(?P<digits>{tens}){fold(digits or '')}|{number})"
    return Decades(
        re.compile(rf"(?<!\w)(?<!\d ){fold(listed['in']).replace('#', number)}(?!\w)"),
        words,
        re.compile(rf"(?: [\w.]+){{0,3}}? (?:{fold(listed['century'])})\w*(?: \w+){{0,2}}"),
        re.compile(fold(listed["last"])),
    )


def find_decades(folded: str, decades: Decades) -> Iterator[DecadeMention]:
    """Find the decades of a folded text.

    Example:
        >>> from assistant.answering.grounding.lexicon import lexicon
        >>> [mention.tens for mention in find_decades("in the late 70s", lexicon("en").decades)]
        [Decimal('70')]
    """
    for match in decades.pattern.finditer(folded):
        group = "digits" if match["digits"] else "word"
        tens = Decimal(match["digits"]) if match["digits"] else decades.words[match["word"]]
        century = decades.century.match(folded, match.end())
        named = century[0] if century and not decades.last.search(century[0]) else ""
        yield DecadeMention(match.start(group), tens, named)
