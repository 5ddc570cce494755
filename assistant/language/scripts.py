"""Scripts: which one a character, a text or a language is written in, and which set words apart."""

import functools
import unicodedata
from collections import Counter

from assistant.language.tags import primary_subtag

# The script of languages that are not written in Latin letters, or not only, as `script_of` names it.
SCRIPTS = {
    "ARABIC": ("ar", "ckb", "fa", "ks", "pnb", "ps", "sd", "ug", "ur"),
    "CYRILLIC": ("ba", "be", "bg", "ce", "cv", "kk", "ky", "mk", "mn", "os", "ru", "sr", "tg", "tt", "uk"),
    "DEVANAGARI": ("bh", "gom", "hi", "mai", "mr", "ne", "new", "sa"),
    "BENGALI": ("as", "bn", "bpy"),
    "GREEK": ("el",),
    "HEBREW": ("he", "yi"),
    "ARMENIAN": ("hy",),
    "GEORGIAN": ("ka", "xmf"),
    "ETHIOPIC": ("am", "ti"),
    "HAN": ("zh",),
    "KANA": ("ja",),
    "HANGUL": ("ko",),
    "THAI": ("th",),
    "LAO": ("lo",),
    "KHMER": ("km",),
    "MYANMAR": ("my",),
    "TIBETAN": ("bo", "dz"),
    "TAMIL": ("ta",),
    "TELUGU": ("te",),
    "KANNADA": ("kn",),
    "MALAYALAM": ("ml",),
    "GUJARATI": ("gu",),
    "GURMUKHI": ("pa",),
    "ORIYA": ("or",),
    "SINHALA": ("si",),
    "THAANA": ("dv",),
    "CHEROKEE": ("chr",),
}
_SCRIPT_OF_LANGUAGE = {language: script for script, languages in SCRIPTS.items() for language in languages}
_UNIFIED = {"CJK": "HAN", "IDEOGRAPHIC": "HAN"} | dict.fromkeys(("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"), "KANA")

# Tibetan parts syllables, not words. Korean parts words and is not among these, though it writes particles onto them.
UNSPACED_SCRIPTS = frozenset({"HAN", "KANA", "KHMER", "LAO", "MYANMAR", "THAI", "TIBETAN"})
"""The scripts that put no spaces between words."""

CASED_SCRIPTS = frozenset({"ARMENIAN", "CYRILLIC", "GREEK", "LATIN"})
"""The scripts that mark names by capitals."""

UNSPACED_CHARACTERS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Khmer}\p{Lao}\p{Myanmar}\p{Thai}\p{Tibetan}ー々〆"
"""Their characters, for a character class of `regex`. The last three belong to no script alone."""


@functools.lru_cache(maxsize=4096)
def script_of(character: str) -> str:
    """Return the script of a letter as its Unicode name begins ("LATIN", "ARABIC", "HAN", "KANA"); else "".

    Example:
        >>> script_of("ж"), script_of("7")
        ('CYRILLIC', '')
    """
    if not character.isalpha():
        return ""
    name = unicodedata.name(character, "").split(" ", 1)[0]
    return _UNIFIED.get(name, name)


def script_of_language(language: str) -> str:
    """Return the script a language (BCP 47) is written in, "LATIN" where nothing else is known of it."""
    return _SCRIPT_OF_LANGUAGE.get(primary_subtag(language), "LATIN")


def is_unspaced(language: str) -> bool:
    """Return whether a language (BCP 47) is written without spaces between words.

    Example:
        >>> is_unspaced("zh-Hant"), is_unspaced("ko")
        (True, False)
    """
    return script_of_language(language) in UNSPACED_SCRIPTS


def script_counts(text: str) -> Counter[str]:
    """Count the letters of a text by their script; kana count as Han, with which Japanese mixes them."""
    return Counter(script_of(character).replace("KANA", "HAN") for character in text if script_of(character))


def main_script(text: str) -> str:
    """Return the script that most letters of a text are in, "" where it has none; kana count as Han.

    Example:
        >>> main_script("峰会 in 莫斯科 是什么"), main_script("2026")
        ('HAN', '')
    """
    return next((script for script, _ in script_counts(text).most_common(1)), "")
