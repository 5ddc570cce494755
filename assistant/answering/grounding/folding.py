"""One comparable form for words and digits of every script."""

import re
import unicodedata
from dataclasses import dataclass

_ALIKE = str.maketrans({"ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "ı": "i", "ـ": None, "’": "'", "ʼ": "'", "′": "'"})
_TOKEN = re.compile(
    r"\d+(?:[.,٫٬'\u00a0\u202f]\d+)*|(?<=\d-)[^\W\d_]+|[^\W\d_]+(?:['-][^\W\d_]+)*|[%٪؟$€£¥₽₹₺₴₩₪฿°]", re.UNICODE
)
_SPACED_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3})((?: \d{3})+)(?![\d])")


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


def fold(text: str) -> str:
    """Return `text` without case, diacritics and other differences that say nothing about its meaning.

    Digits of all scripts become ASCII digits. Offsets change.

    Example:
        >>> fold("Élan ١٢"), fold("أُنجز")
        ('elan 12', 'انجز')
    """
    kept = []
    # A non-breaking space groups thousands, and compatibility folding would make it an ordinary one.
    guarded = text.replace("\u00a0", "\u202f")
    for character in unicodedata.normalize("NFKD", guarded.replace("\u202f", "\ue000")).casefold():
        category = unicodedata.category(character)
        if category[0] == "M" or category == "Cf":
            continue
        kept.append(str(unicodedata.decimal(character)) if category == "Nd" else character)
    return unicodedata.normalize("NFC", "".join(kept)).translate(_ALIKE).replace("\ue000", "\u202f")


def words(folded: str) -> list[Word]:
    """Split a folded text into words, numbers and symbols; punctuation is left out.

    Words joined by hyphens are one, but for those behind digits ("a 30-million-pound plan").
    """
    joined = _SPACED_THOUSANDS.sub(lambda match: match[1] + match[2].replace(" ", "\u202f"), folded)
    return [Word(match[0], match.start(), match.end()) for match in _TOKEN.finditer(joined)]


# Conjunctions and prepositions that Arabic writes onto the word, with or without the article.
_LONG_ENOUGH = 4
_ARABIC_PREFIX = re.compile(r"^(?:[وف]?(?:[بكل]?ال|لل)|[وف][بكل]?|[بكل])(?=\w{2})")


def bare_forms(word: str) -> tuple[str, ...]:
    """Return the folded word, and where it may carry Arabic prefixes or the accusative's ending, the word without.

    Example:
        >>> bare_forms("ودولارا")
        ('ودولارا', 'دولارا', 'ودولار', 'دولار')
    """
    match = _ARABIC_PREFIX.match(word)
    forms: tuple[str, ...] = (word, word[match.end() :]) if match else (word,)
    if len(word) > _LONG_ENOUGH and word.endswith("ا"):
        forms += tuple(form.removesuffix("ا") for form in forms)
    return forms
