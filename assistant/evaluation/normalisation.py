r"""Bring answers into the form in which exact match and F1 compare them.

The method is MLQA's (Lewis et al. 2020, arXiv 1910.07475, section 4.2): lower case, no characters of the Unicode
categories P, no standalone articles of the language, and words split at white space, or into single characters where
the script has no spaces. Its published figures come from a script with two habits that are kept, so that figures
compare: in Arabic every "ال" is taken as an article, also inside a word, and the ASCII symbols that Unicode does not
count as punctuation (`$+<=>^|~` and the backtick) go as well. Added here: decimal digits of any script become ASCII
digits, and Japanese, Thai, Lao, Khmer, Burmese and Tibetan are split into characters as Chinese is. SQuAD's own
normalisation is the same for English.
"""

import re
import string
import unicodedata

import regex

from assistant.language.scripts import UNSPACED_CHARACTERS, is_unspaced
from assistant.language.tags import primary_subtag


def _words(*articles: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(articles)})\b")


_ARTICLES = {
    "ar": re.compile("ال"),
    "de": _words("ein", "eine", "einen", "einem", "eines", "einer", "der", "die", "das", "den", "dem", "des"),
    "en": _words("a", "an", "the"),
    "es": _words("un", "una", "unos", "unas", "el", "la", "los", "las"),
    "vi": _words("của", "là", "cái", "chiếc", "những"),
}
_UNSPACED_CHARACTER = regex.compile(f"([{UNSPACED_CHARACTERS}])")


def answer_words(text: str, language: str) -> list[str]:
    """Return the words of an answer in the form that comparisons use.

    Args:
        text: An answer, without citation marks.
        language: BCP 47 code of the language whose rules hold; any other tag of the language (`zh-Hant`) will do.

    Example:
        >>> answer_words("The 11th of November!", "en")
        ['11th', 'of', 'november']
        >>> answer_words("في ١١ نوفمبر", "ar")
        ['في', '11', 'نوفمبر']
    """
    language = primary_subtag(language)
    kept = "".join(_ascii_digit(character) for character in text.lower() if not _is_punctuation(character))
    if language in _ARTICLES:
        kept = _ARTICLES[language].sub(" ", kept)
    if is_unspaced(language):
        kept = _UNSPACED_CHARACTER.sub(r" \1 ", kept)
    return kept.split()


def _is_punctuation(character: str) -> bool:
    return character in string.punctuation or unicodedata.category(character).startswith("P")


def _ascii_digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)
