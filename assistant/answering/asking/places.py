"""Countries and large cities in a question, and whether a text names them, in its language or another."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from babel.core import get_global

from assistant.answering.asking.vocabulary import Vocabulary
from assistant.answering.grounding.folding import Word, bare_forms, fold, words
from assistant.answering.grounding.gazetteer import (
    ARABIC_ARTICLE,
    CASED,
    UNSPACED,
    country_stems,
    names_in,
    names_to_look_for,
    stems_in,
)
from assistant.answering.grounding.names import consonants
from assistant.language.scripts import script_of, script_of_language

_SHORTEST_SMALL = 5
_MOST_WORDS = 4
_SURE_CONSONANTS = 3
# How much of a case ending may stand where the name's last vowel does; in other languages names keep their form.
_LONGEST_ENDING = {
    **dict.fromkeys(("cs", "el", "hr", "lt", "lv", "pl", "ro", "ru", "sk", "sl", "sr", "uk"), 2),
    **dict.fromkeys(("et", "fi"), 4),
}
_FINAL_VOWELS = frozenset("aeiouyаеиоуыэюяйьіїєαεηιουω")
_WITH_ARABIC_ARTICLE = re.compile(r"^(?:[وفبكل]{0,2}ال|[وف]?لل)(?=\w{2})")


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
    known = names_to_look_for(primary)
    if script in UNSPACED:
        return list(_in_run(question, known))
    if script not in CASED:
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
    known = stems_in(primary)
    # News says "Moscow" for Russia's government.
    countries = {get_global("zone_territories").get(code, "") for code in place.codes}
    by_code = [known.get(code, frozenset()) for code in place.codes]
    by_country = [known.get(code, frozenset()) for code in countries]
    if not all(by_code) or any(_stands_in(stem, text) for stems in (*by_code, *by_country) for stem in stems):
        return True
    names = [name for code in place.codes for name in names_in(primary)[code]]
    if any(all(map(text.has_similar, name.split())) for name in names):
        return True
    if script_of(place.name[0]) == script_of_language(primary):
        return all(map(text.has_similar, place.name.split()))
    return _sounds_in(place.name, text)


def names_country_besides(named: Iterable[Place], language: str, text: Vocabulary) -> bool:
    """Return whether a text names a country, or its people, other than those of some places.

    Args:
        named: Places.
        language: BCP 47 code of the text. Where CLDR has no names in it, or words are not set apart, the text may
            always name one.
        text: The text's words.
    """
    known = country_stems(language.partition("-")[0])
    codes = {get_global("zone_territories").get(code, code) for place in named for code in place.codes}
    # "روسيا البيضاء" is Belarus, and begins as Russia does.
    stems = {stem for each in known.values() for stem in each} - {
        stem for code in codes for stem in known.get(code, ())
    }
    return not known or any(map(text.has_beginning, stems))


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
    if script_of(stem[0]) in CASED and " " not in stem:
        return text.has_beginning(stem)
    # Particles are written before the words of most of these scripts, or words are not set apart at all.
    return ARABIC_ARTICLE.sub("", stem) in text.folded


def _sounds_in(name: str, text: Vocabulary) -> bool:
    """Return whether a text has words of the same consonants: a namesake, or a spelling that CLDR does not have."""
    sounds = [sound for sound in map(consonants, name.split()) if len(sound) >= _SURE_CONSONANTS]
    return bool(sounds) and all(sound in text.sounds for sound in sounds)
