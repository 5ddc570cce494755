"""Named things in a sentence, and whether a text in another script names them too."""

import re

import regex
from rapidfuzz.fuzz import ratio

from assistant.language.normalise import fold
from assistant.language.scripts import UNSPACED_CHARACTERS
from assistant.language.sounds import sound_key
from assistant.language.tags import primary_subtag
from assistant.language.words import LETTERS, bare_forms

_ROMAN = re.compile(r"[IVXLCDM]+\Z")
_UNSPACED = regex.compile(f"[{UNSPACED_CHARACTERS}]+")
_SURE = 3


def find_names(sentence: str, language: str) -> list[str]:
    """Return the words of a sentence that its script marks as names, in order, each once.

    Only scripts with capitals mark names, and German capitalises every noun, so there it returns none. The first word
    of a sentence counts only where it has a further capital.
    """
    if primary_subtag(language) == "de":
        return []
    found: dict[str, None] = {}
    matches = list(LETTERS.finditer(sentence))
    for index, match in enumerate(matches):
        word = match[0]
        if not word[0].isupper() or len(word) < 2 or _ROMAN.match(word):
            continue
        begins = index == 0 or re.search(r"[.!?:;“\"«(\[]\s*\Z", sentence[: match.start()])
        if not begins or any(letter.isupper() for letter in word[1:]):
            found[word] = None
    return list(found)


def is_named(name: str, text: str) -> bool:
    """Return whether `text` names `name`: as it stands, inflected, or written in another script."""
    folded_name, folded_text = fold(name), fold(text)
    known = {form for match in LETTERS.finditer(folded_text) for form in bare_forms(match[0])}
    if folded_name in known:
        return True
    stem = folded_name[: max(4, round(len(folded_name) * 0.7))]
    if len(folded_name) >= 4 and any(form.startswith(stem) for form in known):
        return True
    skeleton = sound_key(name)
    if len(skeleton) < 2:
        return False
    runs = [sound_key(run) for run in _UNSPACED.findall(folded_text)]
    if len(skeleton) >= _SURE and any(skeleton.lstrip("'") in run for run in runs):
        return True
    return any(_alike(skeleton, sound_key(form)) for form in known)


def _alike(first: str, second: str) -> bool:
    if first == second:
        return True
    if min(len(first), len(second)) < _SURE or first[0] != second[0]:
        return False
    # An ending more or less: "Kyrgyzstan" and "القرغيزستاني", "Russian" and "روسيا".
    shorter, longer = sorted((first, second), key=len)
    if longer.startswith(shorter) and len(longer) - len(shorter) <= 2:
        return True
    return len(shorter) > 3 and ratio(first, second) >= 80
