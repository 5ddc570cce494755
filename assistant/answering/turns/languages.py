"""Languages that somebody asks for by name ("in English please", "на французском")."""

from collections.abc import Iterator
from functools import cache

from babel import Locale, UnknownLocaleError

from assistant.answering.phrases import languages
from assistant.language.normalise import fold
from assistant.language.tags import primary_subtag
from assistant.language.words import words

_SHARE = 0.6
_LEAST = 4


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
    said = {word.text for word in words(folded)}
    # Whole names first: the beginning of one may be that of another.
    for code in languages():
        if any(name in said or (" " in name and name in folded) for name in _names_of(code, primary_subtag(spoken))):
            return code
    for code in languages():
        if any(_names(name, folded, said) for name in _names_of(code, primary_subtag(spoken))):
            return code
    return spoken


def _names(name: str, folded: str, said: set[str]) -> bool:
    if not name.isascii() and len(name) < _LEAST:
        return name in folded
    stem = name[: max(_LEAST, round(len(name) * _SHARE))]
    # Names are inflected: "на французском".
    return any(word.startswith(stem) or (len(stem) > _LEAST and stem in word) for word in said)


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
