"""What countries and large cities are called in each language.

The names are those of the Unicode CLDR as Babel carries it: its territories, and the cities that stand for time zones.
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.languages import get_official_languages

from assistant.answering.grounding.folding import fold, words
from assistant.language.scripts import script_of_language

# Texts call these by many names that CLDR does not list, or mean something else by them ("the States", "English").
_UNRELIABLE = frozenset({"EU", "EZ", "GB", "KP", "KR", "QO", "UN", "US", "XA", "XB", "ZZ"})
# Where a language is at home, unless CLDR's likely subtags say so: the name of a language is that of a people, but
# Russian is spoken in Kazakhstan too, and Arabic and English in so many countries that they name none.
_HOMELANDS = {"ar": "", "en": "", "pt": "PT"}
UNSPACED = frozenset({"HAN", "HANGUL", "KANA", "KHMER", "LAO", "MYANMAR", "THAI", "TIBETAN"})
CASED = frozenset({"ARMENIAN", "CYRILLIC", "GREEK", "LATIN"})
# Short names are other words too: "مالي" is Mali and "financial", "Đức" Germany and a man's name.
_SHORTEST = 4
_SHORTEST_IN = {"ar": 3, "bn": 5, "fa": 5, "ja": 3, "ko": 3, "th": 6, "ur": 5, "vi": 5, "zh": 3}
_SHORTEST_CITY = 5
_OTHER_WORDS = {"ar": frozenset({"الان", "بليز", "بنين", "سمراء", "عمان", "قطر", "مالي"})}
_CONTINENTS = frozenset({"Africa", "America", "Asia", "Australia", "Europe"})
_STEM = 0.7
ARABIC_ARTICLE = re.compile(r"(?<!\w)ال(?=\w{2})")
_IN_BRACKETS = re.compile(r"\s*[(（\[].*")


@cache
def names_to_look_for(language: str) -> dict[str, frozenset[str]]:
    """Return the names to look for in a question, with what each may be."""
    found: dict[str, set[str]] = {}
    cased = script_of_language(language) in CASED
    for code, names in names_in(language).items():
        is_city = "/" in code
        if is_city and not cased and language != "ar":
            continue
        shortest = max(_SHORTEST_IN.get(language, _SHORTEST), 0 if cased or not is_city else _SHORTEST_CITY)
        for name in names:
            if len(name) >= shortest and name not in _OTHER_WORDS.get(language, ()):
                found.setdefault(name, set()).add(code)
    return {name: frozenset(codes) for name, codes in found.items()}


@cache
def names_in(language: str) -> dict[str, frozenset[str]]:
    """Return what a language calls territories and cities, folded, by their codes."""
    return {code: frozenset(map(fold, names)) for code, names in _written_in(language).items()}


@cache
def stems_in(language: str) -> dict[str, frozenset[str]]:
    """Return the stems of all that names a territory or city in a language, by their codes.

    Those are the words of its name, of which texts leave out some ("Saudi Arabia": "the Saudi minister"), the languages
    spoken there, and what `place_words.json` adds.
    """
    return {
        code: frozenset(stem for name in (*names, *_languages_of(code, language)) for stem in _stems(name))
        | frozenset(map(fold, _people(language).get(code, ())))
        for code, names in _written_in(language).items()
    }


@cache
def country_stems(language: str) -> dict[str, frozenset[str]]:
    """Return the stems that name each territory: of the longest word of its name, and of words for its people.

    Empty where words are not set apart, since such names cannot be told from parts of other words.
    """
    locale = _locale(language)
    if locale is None or script_of_language(language) in UNSPACED:
        return {}
    shortest = _SHORTEST_IN.get(language, _SHORTEST)
    return {
        code: frozenset(
            _beginning(word.text)
            for name in (max(name.split(), key=len), *_languages_of(code, language), *_people(language).get(code, ()))
            for word in words(fold(ARABIC_ARTICLE.sub("", name)))
            if len(word.text) >= shortest and word.text not in _OTHER_WORDS.get(language, ())
        )
        for code, name in _territories(locale).items()
    }


def words_for_regions(language: str) -> frozenset[str]:
    """Return the folded words for continents and other regions, and for what is called by many names."""
    locale = _locale(language)
    named = locale.territories.items() if locale else ()
    return _words_of(name for code, name in named if code in _UNRELIABLE or not code.isalpha())


def words_for_languages(language: str) -> frozenset[str]:
    """Return the folded words for languages."""
    locale = _locale(language)
    return _words_of(locale.languages.values() if locale else ())


def _words_of(names: Iterable[str]) -> frozenset[str]:
    return frozenset(word.text for name in names for word in words(fold(name)))


@cache
def _people(language: str) -> dict[str, list[str]]:
    """Return words for territories and their people that CLDR does not have, by their codes."""
    listed: dict[str, dict[str, list[str]]]
    listed = json.loads(files(__package__).joinpath("place_words.json").read_text(encoding="utf-8"))
    return listed.get(language, {})


def _stems(name: str) -> Iterator[str]:
    """Yield the stems of a name's words, with which the words for its people begin too, leaving out short words."""
    listed = [word.text for word in words(fold(ARABIC_ARTICLE.sub("", name)))]
    shortest = min(_SHORTEST, max(map(len, listed), default=0))
    for word in listed:
        if len(word) >= shortest:
            yield _beginning(word).removesuffix("ا")


def _beginning(word: str) -> str:
    return word[: max(_SHORTEST, round(_STEM * len(word)))]


@cache
def _written_in(language: str) -> dict[str, set[str]]:
    locale = _locale(language)
    if locale is None:
        return {}
    territories = {code: {name} for code, name in _territories(locale).items() if code not in _UNRELIABLE}
    return territories | _cities(locale)


def _territories(locale: Locale) -> dict[str, str]:
    return {code: _IN_BRACKETS.sub("", name) for code, name in locale.territories.items() if code.isalpha()}


def _cities(locale: Locale) -> dict[str, set[str]]:
    """Return the names of cities by their time zones, which are named in English where CLDR says nothing else."""
    found: dict[str, set[str]] = {}
    zones = set(Locale.parse("ar").time_zones) | set(locale.time_zones)
    for zone in zones:
        continent, _, city = zone.partition("/")
        if continent not in _CONTINENTS or "/" in city:
            continue
        named = dict(locale.time_zones.get(zone, {})).get("city")
        names = {named} if isinstance(named, str) else set()
        if script_of_language(locale.language) == "LATIN":
            names.add(city.replace("_", " "))
        if names:
            found[zone] = names
    return found


def _languages_of(code: str, language: str) -> list[str]:
    """Return what `language` calls the languages that are at home in a territory."""
    locale = _locale(language)
    spoken = get_official_languages(code, de_facto=True) if locale else ()
    return [locale.languages[one] for one in spoken if locale and one in locale.languages and _homeland(one) == code]


def _homeland(language: str) -> str:
    likely: str = get_global("likely_subtags").get(language, "")
    return _HOMELANDS.get(language, likely.rpartition("_")[2])


def _locale(language: str) -> Locale | None:
    try:
        return Locale.parse(language.partition("-")[0])
    except (UnknownLocaleError, ValueError):
        return None
