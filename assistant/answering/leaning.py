"""`leaning`: whether a question can be understood without those before it, by its pronouns and where they stand."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from importlib.resources import files
from itertools import pairwise

from assistant.language.identify import identify_language
from assistant.language.normalise import clean, unify_letters
from assistant.language.question_words import asking_words
from assistant.language.scripts import script_of

# Signs written on or under letters, and those of Indic scripts, are no word characters to `re`, but part of words.
_SIGNS = r"\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0dff"
_WORD = re.compile(rf"[^\W_](?:[\w'’{_SIGNS}-]*[\w{_SIGNS}])?")
_UNSPACED = {"HAN", "KANA", "THAI"}
_FEW_WORDS = 4
_FEW_CHARACTERS = 8
# How many words that say something must stand before a pronoun for it to mean one of them. A subject and its verb are
# enough for a possessive ("How do bees find their way?") and in a second clause ("What did Nobel do when he died?");
# "it" is seldom in the same clause as what it means. A question that says that much may find
# its answer with a pronoun too.
_ENOUGH_FOR_POSSESSIVE = 2
_ENOUGH = 4
# As many characters make a word where none is set apart.
_CHARACTERS_OF_A_WORD = 2


class Leaning(Enum):
    """How much a question needs those before it."""

    NOT = auto()
    PERHAPS = auto()
    SURELY = auto()


@dataclass(frozen=True, slots=True)
class _Words:
    """What `leaning_words.json` says of a language, all in one form.

    Attributes:
        opening: Words that lean where a question begins with them ("and", "what about").
        closing: Words that lean where it ends with them ("that").
        own: Possessives.
        other: All other pronouns, and "there" and "then".
        endings: Pronouns that are written as the end of another word.
        clauses: What a second clause begins with ("when", and what Arabic repeats a noun by a pronoun after).
        fixed: Expressions in which none of these is a pronoun ("is there").
        empty: Words that say nothing by themselves, besides the asking words.
    """

    opening: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()

    @property
    def pronouns(self) -> tuple[str, ...]:
        """All words that stand for another."""
        return self.own + self.other + self.closing


def leaning(question: str, language: str) -> Leaning:
    """Return whether a question is likely to need those before it: it has no subject, or a pronoun for one.

    A pronoun that stands behind words enough to mean one of them says nothing of earlier questions.

    Args:
        question: As it was asked.
        language: BCP 47 code of the question.

    Example:
        >>> leaning("And where?", "en"), leaning("What about their price?", "en")
        (<Leaning.SURELY: 3>, <Leaning.SURELY: 3>)
        >>> leaning("How do beekeepers protect their hives from the cold?", "en")
        <Leaning.NOT: 1>
    """
    words = _words_of(language.partition("-")[0])
    text = _without(words.fixed, _plain(question))
    if not subject_of(question):
        return Leaning.SURELY
    if is_unspaced(question):
        return _by_place_in_unspaced(text, words)
    return _by_place(_WORD.findall(text), words)


def is_short(question: str) -> bool:
    """Return whether a question is so short that it may lean on others without a word that shows it."""
    if is_unspaced(question):
        return len(question.strip()) <= _FEW_CHARACTERS
    return len(_WORD.findall(question)) <= _FEW_WORDS


def says_nothing(question: str, language: str) -> bool:
    """Return whether a question only asks ("And where?"), so that what it asks about is all in those before it.

    Args:
        question: As it was asked.
        language: BCP 47 code of the question.
    """
    words = _words_of(language.partition("-")[0])
    text = _plain(question)
    idle = {*asking_words(text), *words.opening, *words.pronouns, *words.empty}
    if is_unspaced(question):
        return not _WORD.search(_without(idle, text))
    return all(token in idle for token in _WORD.findall(text))


def subject_of(question: str) -> str:
    """Return the words of a question that are not its asking, and no pronouns, in order."""
    asked = set(asking_words(question))
    words = _words_of(identify_language(question))
    unnamed = {*words.pronouns, *words.opening}
    if is_unspaced(question):
        kept = _without(asked | {word for word in unnamed if len(word) > 1}, question)
        return " ".join(_WORD.findall(kept))
    return " ".join(
        word for word in _WORD.findall(question) if word.casefold() not in asked and _plain(word) not in unnamed
    )


def main_script(text: str) -> str:
    """Return the script that most letters of a text are in; Kana counts as Han."""
    scripts = Counter(script for character in text if (script := script_of(character)))
    found = max(scripts, key=scripts.__getitem__, default="")
    return "HAN" if found == "KANA" else found


def is_unspaced(text: str) -> bool:
    """Return whether a text is in a script that sets no words apart."""
    return main_script(text) in _UNSPACED


def _by_place(tokens: list[str], words: _Words) -> Leaning:
    """Return what the pronouns say, by how much stands before each, and in the whole question."""
    asked = set(asking_words(" ".join(tokens)))
    is_free = f"{' '.join(tokens)} ".startswith(tuple(f"{word} " for word in words.opening))
    is_free = is_free or any(token in words.closing for token in tokens[-1:])
    said, enough = 0, _ENOUGH
    for before, token in pairwise(["", *tokens]):
        stands_for = token in words.other or f"{before} {token}" in words.other
        if token in words.clauses and said and not stands_for:
            enough = _ENOUGH_FOR_POSSESSIVE
        if token in words.own:
            is_free = is_free or said < _ENOUGH_FOR_POSSESSIVE
        elif stands_for:
            is_free = is_free or said < enough
        elif token not in asked and token not in words.empty and token not in words.opening:
            is_free = is_free or (_has_ending(token, words.endings) and not said)
            said += 1
    if not is_free:
        return Leaning.NOT
    return Leaning.SURELY if said < _ENOUGH else Leaning.PERHAPS


def _has_ending(token: str, endings: tuple[str, ...]) -> bool:
    # An Arabic noun with the article takes no such ending.
    return token.endswith(endings) and len(token) > 4 and not token.startswith("ال")


def _by_place_in_unspaced(text: str, words: _Words) -> Leaning:
    found = [at for word in words.pronouns if (at := text.find(word)) >= 0]
    if not found:
        return Leaning.NOT
    before = _without({*asking_words(text), *words.empty}, text[: min(found)])
    said = len("".join(_WORD.findall(before))) // _CHARACTERS_OF_A_WORD
    return Leaning.SURELY if said < _ENOUGH_FOR_POSSESSIVE else Leaning.NOT


def _without(parts: Iterable[str], text: str) -> str:
    for part in sorted(parts, key=len, reverse=True):
        text = text.replace(part, " ")
    return text


def _plain(text: str) -> str:
    """Return a text in one form, with the accents that tell Latin words apart ("là" and "la")."""
    return " ".join(
        word if script_of(word[0]) == "LATIN" else unify_letters(word) for word in clean(text).casefold().split()
    )


@cache
def _words_of(language: str) -> _Words:
    text = files(__package__).joinpath("leaning_words.json").read_text(encoding="utf-8")
    lists: dict[str, list[str]] = json.loads(text).get(language, {})
    return _Words(**{name: tuple(map(_plain, listed)) for name, listed in lists.items()})
