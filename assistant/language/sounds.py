"""How names sound: one key for spellings that writers and scripts exchange ("Jabarov", "Джабаров", "جباروف")."""

import functools
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from anyascii import anyascii
from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import ratio

from assistant.language.normalise import fold
from assistant.language.scripts import CASED_SCRIPTS, UNSPACED_SCRIPTS, script_of
from assistant.language.words import WORD, bare_forms

KEY_MARK = "~"
"""Begins a sound key among other terms. No word begins with it."""

PAIR_MARK = "~~"
"""Begins the term of two adjacent words' sound keys."""

SURE = 3
"""Words with fewer consonants sound alike although they are unrelated."""

_SHORTEST = 3
_PART = re.compile("[^-'’]+")
# Between the parts of a name stand spaces, and perhaps a short word, as in "Rayan al-Khalidi".
_WITHIN_NAME = re.compile(r"[ \u00a0'’-]+(?:\w{1,3}[ .\u00a0'’-]+)?")
_EXPECTED, _ALIKE, _NEARLY_ALIKE, _CLOSELY_ALIKE = 65.0, 70.0, 80.0, 88.0
# Short vowels are not written in these, and long ones not always.
_ABJADS = frozenset({"ARABIC", "HEBREW"})
_INDIC = frozenset(
    {"BENGALI", "DEVANAGARI", "GUJARATI", "GURMUKHI", "KANNADA", "MALAYALAM", "ORIYA", "SINHALA", "TAMIL", "TELUGU"}
)
_LONG_VOWELS = str.maketrans(dict.fromkeys("اويءאוי"))
_VOWEL_CARRIERS = "اعאע"
# Letters that anyascii writes as scholars do, and people as in "Kazemi".
_SPOKEN = str.maketrans({"ظ": "ز", "ء": None, "ئ": "ي", "ؤ": "و"})
_DIGRAPHS = {
    "dzh": "j",
    "tsch": "k",
    "tsh": "k",
    "sch": "s",
    "sh": "s",
    "ch": "k",
    "kh": "k",
    "gh": "g",
    "ph": "f",
    "th": "t",
    "dh": "d",
    "zh": "j",
    "dj": "j",
    "ts": "s",
    "tz": "s",
    "ck": "k",
}
_GREEK_DIGRAPHS = {"ου": "u", "αυ": "av", "ευ": "ev", "τζ": "j"}
_GREEK_DIGRAPH = re.compile("|".join(_GREEK_DIGRAPHS))
# Within a word these are often the two consonants.
_GREEK_BEGINNINGS = {"μπ": "b", "ντ": "d", "γκ": "g"}
_DIGRAPH = re.compile("|".join(_DIGRAPHS))
_CLASSES = {"p": "b", "v": "f", "q": "k", "g": "k", "j": "k", "z": "s", "x": "ks", "c": "k"}
_WITH_VOWELS = str.maketrans(_CLASSES | {"y": "i", "w": "u", "o": "u", "h": ""})
_CONSONANTS = str.maketrans(_CLASSES | dict.fromkeys("aeiouwyh", ""))
_SHORT_VOWELS = str.maketrans(dict.fromkeys("ae", ""))
# "Nadzhlya": one letter stands for the softness of a consonant and the vowel.
_SOFTENED = re.compile("(?<=[^aeiou])y(?=[aou])")
_TWICE = re.compile(r"([a-z])\1+")


def sound_key(word: str) -> str:
    """Return a word's consonants in ASCII classes, so that spellings of it in two scripts are equal.

    Vowels are dropped, because scripts such as Arabic leave them out, except that a word which begins with one keeps a
    mark of it. Consonants that scripts confuse are one class: p/b, v/f, g/k/j/ch, z/s/sh.

    Example:
        >>> sound_key("Dzhabarov"), sound_key("Japarov"), sound_key("جباروف")
        ('kbrf', 'kbrf', 'kbrf')
    """
    return _sounds(word)[0]


def likeness(first: str, second: str) -> float:
    """Return how alike two words are spelt, 0 to 100.

    Between scripts, letters that these confuse count as one letter, and short vowels do not count if either script
    leaves them out. Within one script all letters count, except long vowels in scripts whose writers may omit them.

    Example:
        >>> likeness("Timur", "تيمور") > likeness("Timur", "تمر")
        True
    """
    scripts = {script_of(first[0]), script_of(second[0])}
    if len(scripts) > 1:
        first, second = _sounds(first)[1], _sounds(second)[1]
        if (_ABJADS | _INDIC) & scripts:
            first, second = first.translate(_SHORT_VOWELS), second.translate(_SHORT_VOWELS)
    else:
        first, second = fold(first), fold(second)
        if _ABJADS & scripts:
            first, second = first.translate(_LONG_VOWELS), second.translate(_LONG_VOWELS)
    return ratio(first, second)


def may_be_same(first: str, second: str, *, expected: bool = False) -> bool:
    """Return whether two words may be spellings of one name: they sound alike, and their letters are alike too.

    Args:
        first: A word.
        second: Another word, perhaps in another script.
        expected: Whether the words beside both already match, as a first name beside a surname does.

    Example:
        >>> may_be_same("Brakwater", "Brackwater"), may_be_same("Brakwater", "Bridgewater")
        (True, False)
    """
    keys = sound_key(first), sound_key(second)
    if not all(keys) or keys[0][0] != keys[1][0]:
        return False
    scripts = {script_of(first[0]), script_of(second[0])}
    shorter = min(map(consonants_in, keys))
    alike = likeness(first, second)
    if expected:
        return Levenshtein.distance(*keys) <= (shorter > 2) and alike >= _EXPECTED
    if shorter < SURE:
        return False
    if len(scripts) == 1:
        return near_keys(*keys) and alike >= (100 if _ABJADS & scripts else _NEARLY_ALIKE)
    return keys[0] == keys[1] and alike >= (_ALIKE if shorter > SURE else _CLOSELY_ALIKE)


def near_keys(first: str, second: str) -> bool:
    """Return whether two sound keys are equal or, if long enough, differ in one consonant other than the first."""
    shorter = min(map(consonants_in, (first, second)))
    if first == second:
        return shorter >= SURE
    return shorter > SURE and first[0] == second[0] and Levenshtein.distance(first, second, score_cutoff=1) <= 1


def consonants_in(key: str) -> int:
    """Return how many consonants a sound key has."""
    return len(key.lstrip("'"))


@dataclass(frozen=True, slots=True)
class NameWord:
    """A word of a text that may be a name, or part of one.

    Attributes:
        start: Where it begins.
        end: Where it ends.
        forms: The word, and the word without the particles that are written onto it.
    """

    start: int
    end: int
    forms: tuple[str, ...]


def name_words(text: str) -> Iterator[NameWord]:
    """Yield the words of a text that may be names, in reading order.

    Those are capitalised words in scripts with capitals, and in others any word that is long enough, with and without
    the particles that are written onto it. Scripts that put no spaces between words have none.

    Example:
        >>> [word.forms[0] for word in name_words("Mayor Elena Fordham spoke.")]
        ['Mayor', 'Elena', 'Fordham']
    """
    for match in WORD.finditer(text):
        for part in _PART.finditer(match[0]):
            word = part[0]
            if len(word) < _SHORTEST or any(map(str.isdigit, word)):
                continue
            script = script_of(word[0])
            if (
                script in UNSPACED_SCRIPTS
                or script in {"", "HANGUL"}
                or (script in CASED_SCRIPTS and word[0].islower())
            ):
                continue
            forms = bare_forms(word) if script == "ARABIC" else (word,)
            yield NameWord(match.start() + part.start(), match.start() + part.end(), forms)


def stand_together(text: str, end: int, start: int) -> bool:
    """Return whether two words may be parts of one name: only a space, a hyphen or a short word stands between them.

    Args:
        text: The text that they are in.
        end: Where the first of them ends.
        start: Where the second begins.

    Example:
        >>> stand_together("Rayan al-Khalidi", 5, 9), stand_together("Rayan. Khalidi", 5, 7)
        (True, False)
    """
    return _WITHIN_NAME.fullmatch(text, end, start) is not None


def sound_terms(text: str) -> list[str]:
    """Return the sound keys of the words that may be names, as terms for the full-text index, each once.

    A word whose key is too short to be distinctive has a term with each of the words beside it instead.

    Example:
        >>> sound_terms("Mayor Elena Fordham spoke.")
        ['~frdm', "~~mr~'ln", "~~'ln~frdm"]
    """
    listed = list(name_words(text))
    keys = [tuple(dict.fromkeys(filter(None, map(sound_key, word.forms)))) for word in listed]
    terms = dict.fromkeys(KEY_MARK + key for found in keys for key in found if consonants_in(key) >= SURE)
    for (word, its_keys), (following, following_keys) in itertools.pairwise(zip(listed, keys, strict=True)):
        if stand_together(text, word.end, following.start):
            pairs = itertools.product(its_keys, following_keys)
            terms |= dict.fromkeys(filter(None, itertools.starmap(pair_term, pairs)))
    return list(terms)


def pair_term(first: str, second: str) -> str:
    """Return the term of the sound keys of two adjacent words; empty if each is long enough alone, or both too short.

    Example:
        >>> pair_term("slm", "mr"), pair_term("slm", "frdm")
        ('~~slm~mr', '')
    """
    lengths = [consonants_in(first), consonants_in(second)]
    return f"{PAIR_MARK}{first}{KEY_MARK}{second}" if min(lengths) < SURE <= sum(lengths) else ""


@functools.lru_cache(maxsize=65536)
def _sounds(word: str) -> tuple[str, str]:
    """Return a word's sound key, and its letters with vowels, in classes that scripts do not confuse."""
    folded = fold(word).translate(_SPOKEN)
    if not folded:
        return "", ""
    if script_of(folded[0]) == "GREEK":
        folded = _GREEK_DIGRAPH.sub(lambda digraph: _GREEK_DIGRAPHS[digraph[0]], folded)
        folded = _GREEK_BEGINNINGS.get(folded[:2], folded[:2]) + folded[2:]
    # Folding drops the vowel signs of Indic scripts.
    plain = re.sub(r"[^a-z]", "", anyascii(word if script_of(word[0]) in _INDIC else folded).lower())
    if not plain:
        return "", ""
    if script_of(folded[0]) == "CYRILLIC":
        plain = _SOFTENED.sub("", plain)
    initial = "'" if plain[0] in "aeiou" or folded[0] in _VOWEL_CARRIERS else ""
    plain = _TWICE.sub(r"\1", _DIGRAPH.sub(lambda digraph: _DIGRAPHS[digraph[0]], plain))
    return initial + _TWICE.sub(r"\1", plain.translate(_CONSONANTS)), _TWICE.sub(r"\1", plain.translate(_WITH_VOWELS))
