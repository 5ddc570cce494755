"""The sentences of a written answer, each with the passages it cites."""

import re
from dataclasses import dataclass

from assistant.answering.marks import Mark, parse_marks
from assistant.language.scripts import UNSPACED_SCRIPTS, main_script
from assistant.language.sentences import split_sentences

_BULLET = re.compile(r"^\s*[-*•–]\s+", re.MULTILINE)
_LIST_NUMBER = re.compile(r"^\s*(\d{1,2})[.)]\s+", re.MULTILINE)
_EMPHASIS = re.compile(r"\*\*|__|`")
_COMMA = r"(?:[,،](?!\d)|[、，])"  # "711,988" is one number
_INSERTION = re.compile(rf"\s*{_COMMA}(?:(?!{_COMMA}).)+?(?:{_COMMA}|(?=[.。．!！?？؟।۔]*\Z))", re.DOTALL)

_FEWEST_WORDS, _FEWEST_CHARACTERS = 3, 6
"""Words, or characters where a script sets no words apart, from which a part of a sentence states something."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer.

    Attributes:
        text: The sentence, without marks.
        numbers: The passages it cites, as numbered in the prompt; empty where it cites none.
        begins_line: Whether it begins a line, other than the first.
    """

    text: str
    numbers: tuple[int, ...]
    begins_line: bool = False


def split_claims(written: str, language: str, highest: int) -> list[Claim]:
    """Split what a model wrote into its sentences with their marks.

    A mark belongs to the sentence it stands in or directly behind; one at the beginning of a line, to the sentence that
    follows.

    Args:
        written: The model's text.
        language: BCP 47 code of the text.
        highest: The number of passages in the prompt; marks above it point to nothing.

    Example:
        >>> claims = split_claims("It is in Moscow [1]. It is in November. [2]", "en", 2)
        >>> [(claim.text, claim.numbers) for claim in claims]
        [('It is in Moscow.', (1,)), ('It is in November.', (2,))]
    """
    plain = ""
    marks: list[tuple[int, Mark]] = []
    for piece in parse_marks(_without_list_markers(_EMPHASIS.sub("", written)), highest):
        if isinstance(piece, Mark):
            plain = plain if plain.endswith("\n") else plain.rstrip()
            marks.append((len(plain), piece))
        else:
            plain += piece
    sentences = split_sentences(plain, language)
    cited: list[list[int]] = [[] for _ in sentences]
    for position, mark in marks:
        leads_line = not plain[:position].strip() or plain[:position].endswith("\n")
        inside = [
            index
            for index, (start, _) in enumerate(sentences)
            if (start >= position if leads_line else start < position)
        ]
        if inside:
            cited[inside[0] if leads_line else inside[-1]] += mark.numbers
    return [
        Claim(text, tuple(dict.fromkeys(numbers)), begins_line=_begins_line(plain[:start]))
        for (start, end), numbers in zip(sentences, cited, strict=True)
        if (text := plain[start:end].strip())
    ]


def without_insertions(text: str) -> list[str]:
    """Return a sentence in shorter forms, each without one of the parts that commas set apart, the last part first.

    A model likes to add what it knows: "in Boston, Massachusetts". The sentence may hold without. A part longer than
    the rest is no addition.

    Example:
        >>> without_insertions("Fresno, California, is the largest city, by far.")
        ['Fresno, California, is the largest city.', 'Fresno is the largest city, by far.']
    """
    parts = list(_INSERTION.finditer(text))
    shorter = [f"{text[: part.start()]}{text[part.end() :]}" for part in reversed(parts)]
    return [form for form in shorter if 2 * len(form) >= len(text)]


def parts_between_commas(text: str) -> list[str]:
    """Return the parts of a sentence that commas set apart; a short one, which states nothing, stays with the next.

    Example:
        >>> parts_between_commas("Kemal Arat, who bakes bread, came from Izmir, and he stayed there.")
        ['Kemal Arat, who bakes bread', 'came from Izmir', 'and he stayed there.']
    """
    parts: list[str] = []
    pending = ""
    for piece in re.split(_COMMA, text):
        pending = f"{pending}, {piece.strip()}" if pending else piece.strip()
        if _states(pending):
            parts.append(pending)
            pending = ""
    if pending and parts:
        parts[-1] += f", {pending}"
    return parts or [pending]


def _states(part: str) -> bool:
    is_unspaced = main_script(part) in UNSPACED_SCRIPTS
    return len(part) >= _FEWEST_CHARACTERS if is_unspaced else len(part.split()) >= _FEWEST_WORDS


def _begins_line(before: str) -> bool:
    return bool(before.strip()) and before.rstrip(" ").endswith("\n")


def _without_list_markers(text: str) -> str:
    r"""Return a text without the bullets of its lines and their numbers 1, 2, 3…; another number may be a date.

    Example:
        >>> _without_list_markers("1. A mill\n2. A dam\n11. November")
        'A mill\nA dam\n11. November'
    """
    expected = 1

    def without(match: re.Match[str]) -> str:
        nonlocal expected
        if int(match[1]) != expected:
            return match[0]
        expected += 1
        return ""

    return _BULLET.sub("", _LIST_NUMBER.sub(without, text))
