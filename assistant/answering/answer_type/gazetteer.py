"""Countries and large cities in a question, and whether a text names them, in its language or another.

The names are those of the Unicode CLDR as Babel carries it: its territories, and the cities that stand for time zones.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.languages import get_official_languages

from assistant.answering.answer_type.vocabulary import Vocabulary
from assistant.language.normalise import fold
from assistant.language.scripts import CASED_SCRIPTS, script_of, script_of_language
from assistant.language.sounds import sound_key
from assistant.language.tags import primary_subtag
from assistant.language.word_lists import whole_words
from assistant.language.words import words

# Texts call these by many names that CLDR does not list, or mean something else by them ("the States", "English").
UNRELIABLE = frozenset({"EU", "EZ", "GB", "KP", "KR", "QO", "UN", "US", "XA", "XB", "ZZ"})
# Where a language is at home, unless CLDR's likely subtags say so: the name of a language is that of a people, but
# Russian is spoken in Kazakhstan too, and Arabic and English in so many countries that they name none.
_HOMELANDS = {"ar": "", "en": "", "pt": "PT"}
# Short names are other words too: "مالي" is Mali and "financial", "Đức" Germany and a man's name.
_SHORTEST = 4
_SHORTEST_IN = {"ar": 3, "bn": 5, "fa": 5, "ja": 3, "ko": 3, "th": 6, "ur": 5, "vi": 5, "zh": 3}
_SHORTEST_LONG = 5
_OTHER_WORDS = {"ar": frozenset({"الان", "بليز", "بنين", "سمراء", "عمان", "قطر", "مالي"})}
_CONTINENTS = frozenset({"Africa", "America", "Asia", "Australia", "Europe"})
_STEM = 0.7
_SURE_CONSONANTS = 3
# How much of a case ending may stand where the name's last vowel does; in other languages names keep their form.
_LONGEST_ENDING = {"fi": 4, **dict.fromkeys(("cs", "pl", "ru", "uk"), 2)}
_FINAL_VOWELS = frozenset("aeiouyаеиоуыэюяйьіїє")
_ARTICLE = re.compile(r"(?<!\w)ال(?=\w{2})")
_IN_BRACKETS = re.compile(r"\s*[(（\[].*")
_SMALL_WORD = re.compile(r"(?<![\w'’-])[^\W\d_][\w'’-]*")


@dataclass(frozen=True, slots=True)
class Place:
    """A place that a text names.

    Attributes:
        name: What CLDR calls it in the text's language, folded.
        codes: What it may be: territories (ISO 3166) and time zones.
    """

    name: str
    codes: frozenset[str]


def find_places(question: str, language: str) -> list[Place]:
    """Find the countries and large cities that a question names in full.

    In scripts with capitals they must have one, unless the whole question has none. In scripts without, only names that
    are hardly another word count, and of cities only Arabic ones, because the others were not read through.

    Args:
        question: Any question.
        language: BCP 47 code of the question; CLDR names no places in an unknown one.

    Example:
        >>> [place.name for place in find_places("How many beehives burned in Cairo?", "en")]
        ['cairo']
    """
    primary = primary_subtag(language)
    shortest = 0
    if script_of_language(primary) in CASED_SCRIPTS:
        shortest = _SHORTEST_LONG if question.islower() else 0
        # A mark stands for each word that begins with a small letter.
        question = question if shortest else _SMALL_WORD.sub(_unless_capital, question)
    known, pattern = _names_to_look_for(primary)
    found = (_usual_form(written, known, primary) for written in pattern.findall(fold(question)))
    return [Place(name, known[name]) for name in found if len(name) >= shortest]


def names_place(place: Place, language: str, text: Vocabulary) -> bool:
    """Return whether a text names a place, its people, the language that is spoken there, or a city's country.

    Args:
        place: The place.
        language: BCP 47 code of the text. Where CLDR has no name in it, the text may always name the place.
        text: The text's words.
    """
    primary = primary_subtag(language)
    known = _stems_in(primary)
    by_code = [known.get(code, frozenset()) for code in place.codes]
    # News says "Moscow" for Russia's government.
    countries = {get_global("zone_territories").get(code, "") for code in place.codes}
    stems = frozenset().union(*by_code, *(known.get(code, frozenset()) for code in countries))
    if not all(by_code) or any(_begins_in(stem, text) for stem in stems):
        return True
    names = [fold(name) for code in place.codes for name in _names_in(primary)[code]]
    if script_of(place.name[0]) == script_of_language(primary):
        names.append(place.name)
    elif _sounds_in(place.name, text):
        return True
    return any(all(map(text.has_similar, name.split())) for name in names)


def _unless_capital(word: re.Match[str]) -> str:
    return word[0] if word[0][0].isupper() else "0"


def _begins_in(stem: str, text: Vocabulary) -> bool:
    if script_of(stem[0]) in CASED_SCRIPTS and " " not in stem:
        return text.has_beginning(stem)
    # Particles are written before the words of most of these scripts, or words are not set apart at all.
    return _ARTICLE.sub("", stem) in text.folded


def _sounds_in(name: str, text: Vocabulary) -> bool:
    """Return whether a text has words of the same consonants: a namesake, or a spelling that CLDR does not have."""
    sounds = [sound for sound in map(sound_key, name.split()) if len(sound) >= _SURE_CONSONANTS]
    return bool(sounds) and all(sound in text.sounds for sound in sounds)


@cache
def _names_to_look_for(language: str) -> tuple[dict[str, frozenset[str]], re.Pattern[str]]:
    """Return the names to look for in a question with what each may be, the longest first, and a pattern of all."""
    found: dict[str, set[str]] = {}
    cased = script_of_language(language) in CASED_SCRIPTS
    for code, called in _names_in(language).items():
        is_city = "/" in code
        if is_city and not cased and language != "ar":
            continue
        shortest = max(_SHORTEST_IN.get(language, _SHORTEST), 0 if cased or not is_city else _SHORTEST_LONG)
        for name in map(fold, called):
            if len(name) >= shortest and name not in _OTHER_WORDS.get(language, ()):
                found.setdefault(name, set()).add(code)
    known = {name: frozenset(found[name]) for name in sorted(found, key=len, reverse=True)}
    choices = "|".join(form for name in known for form in _forms(name, language)) or r"(?!)"
    return known, re.compile(whole_words(f"({choices})", language, particles=True))


def _forms(name: str, language: str) -> Iterator[str]:
    """Yield patterns of a name: as it is, perhaps with a case ending, or with the Arabic article contracted."""
    base, longest = _base(name, language)
    yield re.escape(base) + (rf"\w{{0,{longest}}}" if longest else "")
    if _ARTICLE.match(name):
        yield _ARTICLE.sub("لل", name, count=1)


def _usual_form(written: str, known: Collection[str], language: str) -> str:
    """Return the first of the known names of which this is a form."""
    if written in known:
        return written
    return next(name for name in known if any(re.fullmatch(form, written) for form in _forms(name, language)))


def _base(name: str, language: str) -> tuple[str, int]:
    """Return what of a name is in all its forms, and how many letters of an ending may stand behind it."""
    longest = _LONGEST_ENDING.get(language, 0)
    base = name[:-1] if name[-1] in _FINAL_VOWELS else name
    return (base, longest) if longest and len(base) >= 2 + longest else (name, 0)


@cache
def _stems_in(language: str) -> dict[str, frozenset[str]]:
    """Return the stems of all that names a place in a language, by its code.

    Those are the words of its name, of which texts leave out some ("Saudi Arabia": "the Saudi minister"), and the
    languages spoken there.
    """
    return {
        code: frozenset(stem for name in (*names, *_languages_of(code, language)) for stem in _stems(name))
        for code, names in _names_in(language).items()
    }


def _stems(name: str) -> Iterator[str]:
    """Yield the stems of a name's words, with which the words for its people begin too, leaving out short words."""
    listed = [word.text for word in words(fold(_ARTICLE.sub("", name)))]
    shortest = min(_SHORTEST, max(map(len, listed), default=0))
    for word in listed:
        if len(word) >= shortest:
            yield word[: max(_SHORTEST, round(_STEM * len(word)))].removesuffix("ا")


@cache
def _names_in(language: str) -> dict[str, set[str]]:
    """Return what a language calls territories and cities, by their codes."""
    locale = locale_of(language)
    if locale is None:
        return {}
    found = {
        code: {_IN_BRACKETS.sub("", name)}
        for code, name in locale.territories.items()
        if code.isalpha() and code not in UNRELIABLE
    }
    for zone in set(Locale.parse("ar").time_zones) | set(locale.time_zones):
        continent, _, city = zone.partition("/")
        if continent not in _CONTINENTS or "/" in city:
            continue
        named = dict(locale.time_zones.get(zone, {})).get("city")
        names = {named} if isinstance(named, str) else set()
        # Zones are named in English where CLDR says nothing else.
        if script_of_language(locale.language) == "LATIN":
            names.add(city.replace("_", " "))
        if names:
            found[zone] = names
    return found


def _languages_of(code: str, language: str) -> list[str]:
    """Return what `language` calls the languages that are at home in a territory."""
    locale = locale_of(language)
    spoken = get_official_languages(code, de_facto=True) if locale else ()
    return [
        locale.languages[language_code]
        for language_code in spoken
        if locale and language_code in locale.languages and _homeland(language_code) == code
    ]


def _homeland(language: str) -> str:
    likely: str = get_global("likely_subtags").get(language, "")
    return _HOMELANDS.get(language, likely.rpartition("_")[2])


def locale_of(language: str) -> Locale | None:
    """Return what the CLDR knows of a language (BCP 47), or None where it knows nothing."""
    try:
        return Locale.parse(primary_subtag(language))
    except (UnknownLocaleError, ValueError):
        return None
