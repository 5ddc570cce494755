"""Words of running text, tokens of folded text, and words without the particles written onto them."""

import re
from dataclasses import dataclass

import regex

from assistant.language.particles import ARABIC_PARTICLES

WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:(?:['’-]|(?<=\p{N})[.,](?=\p{N}))[\p{L}\p{M}\p{N}]+)*")
"""A word of running text: letters with their marks, and digits; an apostrophe or a hyphen joins two, a point or a comma
two numbers. In scripts without spaces it finds runs of words."""

LETTERS = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
"""A word of letters alone, as a name is."""

YEAR = re.compile(r"1\d{3}|20\d{2}")
"""A number that is most likely a year, where it stands by itself."""

# Unlike `WORD` it separates a number from letters written onto it ("30m", "30-million"), and finds symbols of units.
_TOKEN = re.compile(r"\d+(?:[.,٫٬'\u00a0\u202f]\d+)*|(?<=\d-)[^\W\d_]+|[^\W\d_]+(?:['-][^\W\d_]+)*|[%٪؟$€£¥₽₹₺₴₩₪฿°]")
_SPACED_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3})((?: \d{3})+)(?![\d])")
_PARTICLES = re.compile(rf"^{ARABIC_PARTICLES}(?=\w{{2}})")
_LONG_ENOUGH = 4


@dataclass(frozen=True, slots=True)
class Word:
    """A word, number or symbol of a folded text, with its place there."""

    text: str
    start: int
    end: int

    @property
    def is_digits(self) -> bool:
        """Whether it is a number in digits."""
        return self.text[0].isdigit()


def words(folded: str) -> list[Word]:
    r"""Split a text from `assistant.language.normalise.fold` into words, numbers and symbols, without punctuation.

    Words joined by hyphens are one word, except behind digits ("a 30-million-pound plan").

    Example:
        >>> [word.text for word in words("well-known: 30 000 men, 5%")]
        ['well-known', '30\u202f000', 'men', '5', '%']
    """
    joined = _SPACED_THOUSANDS.sub(lambda match: match[1] + match[2].replace(" ", "\u202f"), folded)
    return [Word(match[0], match.start(), match.end()) for match in _TOKEN.finditer(joined)]


def bare_forms(word: str) -> tuple[str, ...]:
    """Return a folded word, and where it may carry Arabic particles or the accusative's ending, the word without.

    Example:
        >>> bare_forms("ودولارا")
        ('ودولارا', 'دولارا', 'ودولار', 'دولار')
    """
    match = _PARTICLES.match(word)
    forms: tuple[str, ...] = (word, word[match.end() :]) if match else (word,)
    if len(word) > _LONG_ENOUGH and word.endswith("ا"):
        forms += tuple(form.removesuffix("ا") for form in forms)
    return forms
