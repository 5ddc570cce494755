"""How names sound: one key for spellings that writers and scripts exchange ("Jabarov", "Джабаров", "جباروف")."""

import functools
import re
from collections.abc import Iterator

from anyascii import anyascii
from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import ratio

from assistant.language.normalise import fold
from assistant.language.scripts import CASED_SCRIPTS, UNSPACED_SCRIPTS, script_of
from assistant.language.words import WORD, bare_forms

KEY_MARK = "~"
"""Begins a sound key among other terms. No word does."""

SURE = 3
"""With fewer consonants, words that have nothing to do with each other sound alike."""

_SURE_OF_NEAR = 4
_SHORTEST = 3
_ALIKE = 70.0
_NEARLY_ALIKE = 80.0
# Short vowels are not written in these.
_ABJADS = frozenset({"ARABIC", "HEBREW"})
_VOWEL_CARRIERS = "اعאע"
# Letters that anyascii writes as scholars do, and people as in "Kazemi".
_SPOKEN = str.maketrans({"ظ": "ز", "ء": None, "ئ": "ي", "ؤ": "و"})
_DIGRAPHS = {
    "dzh": "j",
    "tsch": "k",
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
_DIGRAPH = re.compile("|".join(_DIGRAPHS))
_CLASSES = {"p": "b", "v": "f", "q": "k", "g": "k", "j": "k", "z": "s", "x": "ks", "c": "k"}
_WITH_VOWELS = str.maketrans(_CLASSES | {"y": "i", "w": "u", "o": "u", "h": ""})
_CONSONANTS = str.maketrans(_CLASSES | dict.fromkeys("aeiouwyh", ""))
_WRITTEN_VOWELS = str.maketrans(dict.fromkeys("ae", ""))
_TWICE = re.compile(r"([a-z])\1+")


def sound_key(word: str) -> str:
    """Return a word's consonants in ASCII classes, so that spellings of it in two scripts are equal.

    Vowels are dropped, because scripts such as Arabic leave them out, except that a word which begins with one keeps a
    mark of it. Voiced and voiceless pairs that scripts confuse (p/b, v/f, g/k/j/ch, z/s/sh) are one class each.

    Example:
        >>> sound_key("Dzhabarov"), sound_key("Japarov"), sound_key("جباروف")
        ('kbrf', 'kbrf', 'kbrf')
    """
    return _sounds(word)[0]


def likeness(one: str, two: str) -> float:
    """Return how alike two words are spelt, vowels included where both scripts write them: 0 to 100.

    Example:
        >>> likeness("Timur", "تيمور") > likeness("Timur", "تمر")
        True
    """
    _, first = _sounds(one)
    _, second = _sounds(two)
    if _ABJADS & {script_of(one[0]), script_of(two[0])}:
        first, second = first.translate(_WRITTEN_VOWELS), second.translate(_WRITTEN_VOWELS)
    return ratio(first, second)


def may_be_same(one: str, two: str) -> bool:
    """Return whether two words may be spellings of one name: they sound alike, and their letters are alike too.

    One consonant may differ in longer words.

    Example:
        >>> may_be_same("Brakwater", "Brackwater"), may_be_same("Brakwater", "Bridgewater")
        (True, False)
    """
    first, second = sound_key(one), sound_key(two)
    return near_keys(first, second) and likeness(one, two) >= (_ALIKE if first == second else _NEARLY_ALIKE)


def near_keys(one: str, two: str) -> bool:
    """Return whether two sound keys are equal or, where they are long enough, differ in one consonant but the first."""
    if one == two:
        return len(one.lstrip("'")) >= SURE
    shorter = min(len(one.lstrip("'")), len(two.lstrip("'")))
    return shorter >= _SURE_OF_NEAR and one[0] == two[0] and Levenshtein.distance(one, two, score_cutoff=1) <= 1


def names_by_key(text: str) -> Iterator[tuple[str, str]]:
    """Yield the words of a text that may be names, each with its sound key, in reading order.

    Those are capitalised words in scripts with capitals, and in others any word that is long enough, with and without
    the particles that are written onto it. Scripts that put no spaces between words have none.

    Example:
        >>> list(names_by_key("Mayor Elena Fordham spoke."))
        [('mr', 'Mayor'), ("'ln", 'Elena'), ('frdm', 'Fordham')]
    """
    for match in WORD.finditer(text):
        for part in re.split("[-'’]", match[0]):
            if len(part) < _SHORTEST or not part.isalpha():
                continue
            script = script_of(part[0])
            if script in UNSPACED_SCRIPTS or script in {"", "HANGUL"} or (script in CASED_SCRIPTS and part[0].islower()):
                continue
            for form in bare_forms(part) if script == "ARABIC" else (part,):
                yield sound_key(form), form


def sound_terms(text: str) -> list[str]:
    """Return the sound keys of the words that may be names, as terms for the full-text index, each once.

    Example:
        >>> sound_terms("Mayor Elena Fordham spoke.")
        ['~frdm']
    """
    keys = dict.fromkeys(key for key, _ in names_by_key(text) if len(key.lstrip("'")) >= SURE)
    return [KEY_MARK + key for key in keys]


@functools.lru_cache(maxsize=65536)
def _sounds(word: str) -> tuple[str, str]:
    """Return a word's consonants, and the same with vowels."""
    folded = fold(word).translate(_SPOKEN)
    plain = re.sub(r"[^a-z]", "", anyascii(folded).lower())
    if not plain:
        return "", ""
    initial = "'" if plain[0] in "aeiou" or folded[0] in _VOWEL_CARRIERS else ""
    plain = _TWICE.sub(r"\1", _DIGRAPH.sub(lambda digraph: _DIGRAPHS[digraph[0]], plain))
    return initial + _TWICE.sub(r"\1", plain.translate(_CONSONANTS)), _TWICE.sub(r"\1", plain.translate(_WITH_VOWELS))
