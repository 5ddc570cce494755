"""Languages that somebody asks for by name ("in English please", "на французском")."""

from collections.abc import Collection, Iterator
from functools import cache

from babel import Locale, UnknownLocaleError

from assistant.answering.phrases import languages
from assistant.language.normalise import fold
from assistant.language.scripts import is_unspaced
from assistant.language.tags import primary_subtag
from assistant.language.words import WORD, bare_forms, words

_SHARE = 0.6
_LEAST = 4
# Of the language that articles are to be in, so much of the name's beginning has to be said, and so much may differ.
_STEM = 5
_ENDING = 2


def language_named(text: str, spoken: str) -> str:
    """Return the language that a text names, among those the assistant speaks; if none, the one it is in itself.

    Args:
        text: For instance "in English please".
        spoken: BCP 47 code of the language it is in.

    Example:
        >>> language_named("can you translate that into French?", "en"), language_named("auf Deutsch bitte", "de")
        ('fr', 'de')
    """
    folded = fold(text)
    text_words = {word.text for word in words(folded)}
    # Whole names first: the beginning of one may be that of another.
    for code in languages():
        if any(
            name in text_words or (" " in name and name in folded) for name in _names_of(code, primary_subtag(spoken))
        ):
            return code
    for code in languages():
        if any(_mentions(name, folded, text_words) for name in _names_of(code, primary_subtag(spoken))):
            return code
    return spoken


def language_of_articles(text: str, spoken: str, codes: Collection[str]) -> tuple[str, str] | None:
    """Return the language that a request wants articles to be in, and how the text names it; None where none does.

    Unlike `language_named` it passes over the names of countries, and words that only begin like a language's name.

    Args:
        text: For instance "which articles are in Arabic?".
        spoken: BCP 47 code of the language it is in.
        codes: BCP 47 codes of the languages that it may be.

    Example:
        >>> language_of_articles("which articles are in Arabic?", "en", ["ar", "de"])
        ('ar', 'Arabic')
        >>> language_of_articles("articles about Germany", "en", ["ar", "de"])
    """
    own = primary_subtag(spoken)
    for code in codes:
        for name in _names_of(primary_subtag(code), own):
            for named in _as_long_as(name, text, own):
                if _is_name_of_language(fold(named), name, own):
                    return code, named
    return None


def _as_long_as(name: str, text: str, spoken: str) -> Iterator[str]:
    """Yield the parts of a text that have as many words as a name; without spaces, as many characters."""
    if is_unspaced(spoken):
        yield from (text[start : start + len(name)] for start in range(len(text) - len(name) + 1))
        return
    written = list(WORD.finditer(text))
    for first, last in zip(written, written[len(name.split()) - 1 :], strict=False):
        yield text[first.start() : last.end()]


def _is_name_of_language(written: str, name: str, spoken: str) -> bool:
    """Return whether some words are the name of a language, inflected or not."""
    if written == name or is_unspaced(spoken):
        return written == name
    called = bare_forms(name)[-1]
    stem = called[: max(_STEM, len(called) - _ENDING)]
    forms = bare_forms(written)
    is_form = any(form.startswith(stem) and len(form) <= len(called) + _ENDING for form in forms)
    return is_form and (called in forms or _words_of_territories(spoken).isdisjoint(forms))


@cache
def _words_of_territories(spoken: str) -> frozenset[str]:
    try:
        territories = Locale.parse(spoken).territories
    except (UnknownLocaleError, ValueError):
        return frozenset()
    return frozenset(word.text for name in territories.values() for word in words(fold(name)))


def _mentions(name: str, folded: str, text_words: set[str]) -> bool:
    if not name.isascii() and len(name) < _LEAST:
        return name in folded
    stem = name[: max(_LEAST, round(len(name) * _SHARE))]
    # Names are inflected: "на французском".
    return any(word.startswith(stem) or (len(stem) > _LEAST and stem in word) for word in text_words)


@cache
def _names_of(code: str, spoken: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fold(name) for name in _display_names(code, spoken)))


def _display_names(code: str, spoken: str) -> Iterator[str]:
    for other in (code, spoken, "en"):
        try:
            name = Locale.parse(code).get_language_name(other)
        except (UnknownLocaleError, ValueError):
            continue
        if name:
            yield name
