"""Follow-up questions ("And where?", "وأين؟"): whether a question leans on those before it, and what it means then."""

import json
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from assistant.answering.grounding.facts import Evidence, FactKind, unsupported_facts
from assistant.answering.grounding.folding import fold
from assistant.answering.grounding.names import is_named
from assistant.language.identify import identify_language
from assistant.language.question_words import asking_words
from assistant.language.scripts import script_of, script_of_language

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_UNSPACED = {"HAN", "KANA", "THAI"}
_FEW_WORDS = 4
_FEW_CHARACTERS = 8
_SUBJECT_WORDS = 24
_MAX_REWRITTEN = 300


def leans_on_others(question: str, language: str) -> bool:
    """Return whether a question is likely to need those before it: it has no subject, or a pronoun for one.

    Args:
        question: As it was asked.
        language: BCP 47 code of the question.

    Example:
        >>> leans_on_others("And where?", "en"), leans_on_others("Who won the election in France?", "en")
        (True, False)
    """
    folded = fold(question)
    words = _WORD.findall(folded)
    if not words or not _subject(question):
        return True
    leaning = _leaning_words(language.partition("-")[0])
    if _is_unspaced(question):
        return len(folded.strip(" ?？。")) <= _FEW_CHARACTERS and any(word in folded for word in leaning)
    if words[0] in leaning and len(words) <= 2 * _FEW_WORDS:
        return True
    return any(word in leaning for word in words[1:])


def is_short(question: str) -> bool:
    """Return whether a question is so short that it may lean on others without a word that shows it."""
    if _is_unspaced(question):
        return len(question.strip()) <= _FEW_CHARACTERS
    return len(_WORD.findall(question)) <= _FEW_WORDS


def with_subject_of(question: str, earlier: str) -> str:
    """Return a question with the subject of an earlier one before it, whatever languages the two are in.

    Example:
        >>> with_subject_of("And where?", "When is the next CSTO summit?")
        'next CSTO summit: And where?'
    """
    subject = _subject(earlier)
    return f"{subject}: {question}" if subject else question


def accept_rewriting(written: str, question: str, language: str, conversation: str) -> str | None:
    """Return a model's rewriting of a question if it can be trusted, else None.

    It has to be one line in the same script, and may name nothing (numbers, dates, names) that the conversation does
    not.

    Args:
        written: What the model wrote.
        question: The question it rewrote.
        language: BCP 47 code of the question.
        conversation: The text the model was shown.
    """
    lines = [line.strip().strip("\"'“”«»") for line in written.strip().splitlines() if line.strip()]
    if len(lines) != 1 or len(lines[0]) > _MAX_REWRITTEN or _script(lines[0]) != _script(question):
        return None
    known = f"{conversation}\n{question}"
    invented = [
        fact
        for fact in unsupported_facts(lines[0], language, Evidence(known, language))
        if fact.kind is not FactKind.NAME or not is_named(fact.text, known)
    ]
    return None if invented or not _subject(lines[0]) else lines[0]


def language_of(question: str, earlier: str) -> str:
    """Return the language of a follow-up: too short to tell alone, it speaks the earlier one's if the script allows.

    Args:
        question: The follow-up.
        earlier: BCP 47 code of the question before it.
    """
    same_script = script_of_language(earlier) == _script(question) and earlier != "und"
    return earlier if same_script and is_short(question) else identify_language(question)


def _subject(question: str) -> str:
    """Return the words of a question that are not its asking, in order."""
    asked = set(asking_words(question))
    leaning = _leaning_words(identify_language(question))
    if _is_unspaced(question):
        kept = question
        for word in sorted(asked | {word for word in leaning if len(word) > 1}, key=len, reverse=True):
            kept = kept.replace(word, " ")
        return " ".join(_WORD.findall(kept))
    words = [word for word in _WORD.findall(question) if word.casefold() not in asked and fold(word) not in leaning]
    return " ".join(words[:_SUBJECT_WORDS])


def _script(text: str) -> str:
    scripts = [script for character in text if (script := script_of(character))]
    found = max(set(scripts), key=scripts.count, default="")
    return "HAN" if found == "KANA" else found


def _is_unspaced(text: str) -> bool:
    return _script(text) in _UNSPACED


@cache
def _leaning_words(language: str) -> frozenset[str]:
    text = files(__package__).joinpath("leaning_words.json").read_text(encoding="utf-8")
    words: dict[str, Sequence[str]] = json.loads(text)
    return frozenset(fold(word) for word in words.get(language, ()))
