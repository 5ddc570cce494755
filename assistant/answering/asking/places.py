"""Countries and large cities in a question, and whether an article names them, in its language or another.

The names are those of the Unicode CLDR as Babel carries it: its territories, and the cities that stand for time zones.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.languages import get_official_languages

from assistant.answering.asking.vocabulary import Vocabulary
from assistant.answering.grounding.folding import Word, bare_forms, fold, words
from assistant.answering.grounding.names import consonants
from assistant.language.scripts import script_of, script_of_language

# Texts call these by many names that CLDR does not list, or mean something else by them ("the States", "English").
_UNRELIABLE = frozenset({"EU", "EZ", "GB", "KP", "KR", "QO", "UN", "US", "XA", "XB", "ZZ"})
# Spoken in so many countries that its name says little about any of them.
_WORLDWIDE = {"ar": "", "en": "", "es": "ES", "fr": "FR", "pt": "PT"}
_UNSPACED = frozenset({"HAN", "HANGUL", "KANA", "KHMER", "LAO", "MYANMAR", "THAI", "TIBETAN"})
_CASED = frozenset({"ARMENIAN", "CYRILLIC", "GREEK", "LATIN"})
# Short names are other words too: "مالي" is Mali and "financial", "Đức" Germany and a man's name.
_SHORTEST = 4
_SHORTEST_IN = {"ar": 3, "bn": 5, "fa": 5, "ja": 3, "ko": 3, "th": 6, "ur": 5, "vi": 5, "zh": 3}
_SHORTEST_CITY = 5
_SHORTEST_SMALL = 5
_OTHER_WORDS = {"ar": frozenset({"بليز", "بنين", "سمراء", "عمان", "قطر", "مالي"})}
_MOST_WORDS = 4
_CONTINENTS = frozenset({"Africa", "America", "Asia", "Australia", "Europe"})
_SURE_CONSONANTS = 3
_STEM = 0.7
# How much of a case ending may stand where the name's last vowel does; in other languages names keep their form.
_LONGEST_ENDING = {
    **dict.fromkeys(("cs", "el", "hr", "lt", "lv", "pl", "ro", "ru", "sk", "sl", "sr", "uk"), 2),
    **dict.fromkeys(("et", "fi"), 4),
}
_FINAL_VOWELS = frozenset("aeiouyаеиоуыэюяйьіїєαεηιουω")
_ARABIC_ARTICLE = re.compile(r"(?<!\w)ال(?=\w{2})")
_WITH_ARABIC_ARTICLE = re.compile(r"^(?:[وفبكل]{0,2}ال|[وف]?لل)(?=\w{2})")
_IN_BRACKETS = re.compile(r"\s*[(（\[].*")


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
    primary = language.partition("-")[0]
    script = script_of_language(primary)
    known = _by_name(primary)
    if script in _UNSPACED:
        return list(_in_run(question, known))
    if script not in _CASED:
        return list(_in_words(words(fold(question)), known, primary))
    if question.islower():
        sure = {name: codes for name, codes in known.items() if len(name) >= _SHORTEST_SMALL}
        return list(_in_words(words(fold(question)), sure, primary))
    return list(_in_words(words(fold(_with_capitals(question))), known, primary))


def names_place(place: Place, language: str, text: Vocabulary) -> bool:
    """Return whether a text names a place, its people, the language that is spoken there, or a city's country.

    Args:
        place: The place.
        language: BCP 47 code of the text. Where CLDR has no name in it, the text may always name the place.
        text: The text's words.
    """
    primary = language.partition("-")[0]
    known = _stems_in(primary)
    # News says "Moscow" for Russia's government.
    countries = {get_global("zone_territories").get(code, "") for code in place.codes}
    by_code = [known.get(code, frozenset()) for code in place.codes]
    by_country = [known.get(code, frozenset()) for code in countries]
    if not all(by_code) or any(_stands_in(stem, text) for stems in (*by_code, *by_country) for stem in stems):
        return True
    names = [name for code in place.codes for name in _names_in(primary)[code]]
    if any(all(map(text.has_similar, name.split())) for name in names):
        return True
    if script_of(place.name[0]) == script_of_language(primary):
        return all(map(text.has_similar, place.name.split()))
    return _sounds_in(place.name, text)


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


def _with_capitals(question: str) -> str:
    """Return a question without the words that begin with a small letter, a mark in place of each."""
    return re.sub(r"(?<![\w'’-])[^\W\d_][\w'’-]*", lambda match: match[0] if match[0][0].isupper() else "0", question)


def _in_words(listed: list[Word], known: Mapping[str, frozenset[str]], language: str) -> Iterator[Place]:
    taken = 0
    for index in range(len(listed)):
        for length in range(_MOST_WORDS, 0, -1):
            run = listed[index : index + length]
            if index < taken or len(run) < length:
                continue
            name = _find(" ".join(word.text for word in run), known, language)
            if name:
                yield Place(name, known[name])
                taken = index + length
                break


def _find(written: str, known: Mapping[str, frozenset[str]], language: str) -> str | None:
    """Return the name that a run of words is, perhaps with a case ending."""
    exact = next((form for form in _bare(written) if form in known), None)
    longest = _LONGEST_ENDING.get(language, 0)
    if exact or not longest:
        return exact
    fitting = (
        name
        for name in known
        if written.startswith(base := _without_vowel(name)) and 0 <= len(written) - len(base) <= longest
        if len(base) >= 2 + longest
    )
    return max(fitting, key=len, default=None)


def _without_vowel(name: str) -> str:
    return name[:-1] if name[-1] in _FINAL_VOWELS else name


def _in_run(question: str, known: Mapping[str, frozenset[str]]) -> Iterator[Place]:
    """Find names where words are not set apart: the longest first, none within another."""
    rest = fold(question)
    for name in sorted(known, key=len, reverse=True):
        if name in rest:
            yield Place(name, known[name])
            rest = rest.replace(name, " ")


def _bare(written: str) -> Iterator[str]:
    """Return a run of words, and what is left of it without what its script or language writes onto words."""
    before, _, ending = written.partition("'")
    yield written
    if " " not in ending:
        yield before
    yield from (_WITH_ARABIC_ARTICLE.sub("ال", written), *bare_forms(written))


def _stands_in(stem: str, text: Vocabulary) -> bool:
    if script_of(stem[0]) in _CASED and " " not in stem:
        return text.has_beginning(stem)
    # Particles are written before the words of most of these scripts, or words are not set apart at all.
    return _ARABIC_ARTICLE.sub("", stem) in text.folded


def _sounds_in(name: str, text: Vocabulary) -> bool:
    """Return whether a text has words of the same consonants: a namesake, or a spelling that CLDR does not have."""
    sounds = [sound for sound in map(consonants, name.split()) if len(sound) >= _SURE_CONSONANTS]
    return bool(sounds) and all(sound in text.sounds for sound in sounds)


@cache
def _by_name(language: str) -> dict[str, frozenset[str]]:
    """Return the names to look for in a question, with what each may be."""
    found: dict[str, set[str]] = {}
    cased = script_of_language(language) in _CASED
    for code, names in _names_in(language).items():
        is_city = "/" in code
        if is_city and not cased and language != "ar":
            continue
        shortest = max(_SHORTEST_IN.get(language, _SHORTEST), 0 if cased or not is_city else _SHORTEST_CITY)
        for name in names:
            if len(name) >= shortest and name not in _OTHER_WORDS.get(language, ()):
                found.setdefault(name, set()).add(code)
    return {name: frozenset(codes) for name, codes in found.items()}


@cache
def _names_in(language: str) -> dict[str, frozenset[str]]:
    """Return what a language calls territories and cities, folded, by their codes."""
    return {code: frozenset(map(fold, names)) for code, names in _written_in(language).items()}


@cache
def _stems_in(language: str) -> dict[str, frozenset[str]]:
    """Return the stems of all that names a territory or city in a language, by their codes.

    Those are the words of its name, of which texts leave out some ("Saudi Arabia": "the Saudi minister"), the languages
    spoken there, and what `place_words.json` adds.
    """
    listed = json.loads(files(__package__).joinpath("place_words.json").read_text(encoding="utf-8"))
    added: dict[str, list[str]] = listed.get(language, {})
    return {
        code: frozenset(stem for name in (*names, *_languages_of(code, language)) for stem in _stems(name))
        | frozenset(map(fold, added.get(code, ())))
        for code, names in _written_in(language).items()
    }


def _stems(name: str) -> Iterator[str]:
    """Yield the stems of a name's words, with which the words for its people begin too, leaving out short words."""
    listed = [word.text for word in words(fold(_ARABIC_ARTICLE.sub("", name)))]
    shortest = min(_SHORTEST, max(map(len, listed), default=0))
    for word in listed:
        if len(word) >= shortest:
            yield word[: max(_SHORTEST, round(_STEM * len(word)))].removesuffix("ا")


@cache
def _written_in(language: str) -> dict[str, set[str]]:
    locale = _locale(language)
    if locale is None:
        return {}
    territories = {code: {_IN_BRACKETS.sub("", name)} for code, name in locale.territories.items() if code.isalpha()}
    return {code: names for code, names in territories.items() if code not in _UNRELIABLE} | _cities(locale)


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
    """Return what `language` calls the languages of a territory, but for those spoken in many others."""
    locale = _locale(language)
    spoken = get_official_languages(code, de_facto=True) if locale else ()
    own = [one for one in spoken if _WORLDWIDE.get(one, code) == code]
    return [locale.languages[one] for one in own if locale and one in locale.languages]


def _locale(language: str) -> Locale | None:
    try:
        return Locale.parse(language.partition("-")[0])
    except (UnknownLocaleError, ValueError):
        return None
