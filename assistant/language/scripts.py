"""`script_of`: the writing system of a character."""

import functools
import unicodedata

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
_UNIFIED = {"CJK": "HAN", "HIRAGANA": "KANA", "KATAKANA": "KANA", "KATAKANA-HIRAGANA": "KANA"}


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
    """Return the script a language is written in, "LATIN" where nothing else is known of it."""
    return _SCRIPT_OF_LANGUAGE.get(language, "LATIN")
