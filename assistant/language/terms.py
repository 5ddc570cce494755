"""`index_terms`: the words of a text as full-text search compares them."""

import functools
import itertools
import re
from collections.abc import Iterator

import regex
import Stemmer

from assistant.language.normalise import clean, unify_letters
from assistant.language.particles import ARABIC_ARTICLE
from assistant.language.scripts import UNSPACED_CHARACTERS, script_of, script_of_language

_ALGORITHMS = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "eo": "esperanto",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "st": "sesotho",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
# Whose stemmer serves words in a script that is not the text's own, as in an Arabic name in an English question.
_GUEST_LANGUAGE = {"LATIN": "en", "ARABIC": "ar", "CYRILLIC": "ru", "GREEK": "el", "DEVANAGARI": "hi"}
# Korean too is cut into pairs, because no stemmer here takes off the particles that it writes onto words.
_UNSPACED = rf"{UNSPACED_CHARACTERS}\p{{Hangul}}"
_TERM = regex.compile(
    rf"(?P<unspaced>[[{_UNSPACED}]&&\p{{L}}][{_UNSPACED}\p{{M}}]*+)"
    r"|(?P<number>\d{1,64}+(?:\.\d{1,64}+){0,3}+)(?!\p{Latin})"
    r"|(?P<latin>[\p{Latin}\d][\p{Latin}\p{M}\d]{0,63}+(?:'\p{Latin}[\p{Latin}\p{M}\d]{0,63}+){0,3}+)"
    rf"|(?P<word>[\p{{L}}--[{_UNSPACED}\p{{Latin}}]][[\p{{L}}\p{{M}}]--[{_UNSPACED}\p{{Latin}}]]{{0,63}}+)",
    regex.V1,
)
_CLUSTER = regex.compile(r"\X")
_NUMBER = re.compile(r"\d{2,}")
# Snowball leaves the article on many words. Three letters must follow: a word may itself begin like the article.
_ARABIC_ARTICLE = re.compile(rf"^{ARABIC_ARTICLE}(?=\w{{3}})")

TERMS_VERSION = "3"
"""Raised when texts get other terms, so that a store knows that its full-text rows are out of date."""


def index_terms(text: str, language: str) -> list[str]:
    """Return the words of a passage or question, normalised and stemmed, in reading order.

    Every word gives its plain form and, where that differs, its Snowball stem in `language`: stems find inflected
    words within a language, plain forms find names between languages whose stemmers disagree about them. Words in
    another script than the language's own are stemmed as the commonest language of that script. Chinese, Japanese,
    Korean, Thai, Lao, Khmer, Burmese and Tibetan give overlapping pairs of characters. Numbers are the same in all
    languages.

    Args:
        text: Anything.
        language: BCP 47 code; "und" is allowed.

    Example:
        >>> index_terms("The 1,190 summits", "en")
        ['the', '1190', 'summits', 'summit']
    """
    return [term for match in _TERM.finditer(clean(text)) for term in _terms(match, language)]


def _terms(match: "regex.Match[str]", language: str) -> Iterator[str]:
    token = match[0]
    if match.lastgroup == "number":
        yield token
    elif match.lastgroup == "unspaced":
        yield from _pairs(token.casefold())
    elif match.lastgroup == "latin" and any(character.isdigit() for character in token):
        yield unify_letters(token.casefold())
        yield from _NUMBER.findall(token)
    else:
        yield from _forms(token, language)


def _pairs(run: str) -> list[str]:
    characters = _CLUSTER.findall(run)
    return [first + second for first, second in itertools.pairwise(characters)] or characters


@functools.lru_cache(maxsize=65536)
def _forms(token: str, language: str) -> tuple[str, ...]:
    """Return the plain form of a word and, where that differs, its stem."""
    if language in {"az", "tr"}:
        token = token.replace("I", "ı").replace("İ", "i")
    word = token.casefold()
    script = script_of(word[0])
    native = script == script_of_language(language) and language != "und"
    stemmer = _stemmer(language if native else _GUEST_LANGUAGE.get(script, ""))
    plain = unify_letters(max(word.split("'"), key=len))
    if stemmer is None:
        return (plain,)
    stem = unify_letters(stemmer.stemWord(_ARABIC_ARTICLE.sub("", word)))
    return (plain, stem) if stem and stem != plain else (plain,)


@functools.cache
def _stemmer(language: str) -> Stemmer.Stemmer | None:
    algorithm = _ALGORITHMS.get(language)
    return Stemmer.Stemmer(algorithm) if algorithm else None
