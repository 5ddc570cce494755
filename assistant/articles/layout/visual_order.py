"""`logical_order`: a line as it is drawn, from left to right, back in the order it is read.

A PDF says where glyphs stand, not in which order they are read. This undoes rule L2 of the Unicode Bidirectional
Algorithm (UAX #9) for the structure a single line shows: one base direction, runs of the other, and numbers.
"""

import unicodedata
from collections.abc import Sequence
from itertools import groupby

_RIGHT, _LEFT, _NUMBER, _NEUTRAL = "R", "L", "N", " "
_KINDS = {"R": _RIGHT, "AL": _RIGHT, "L": _LEFT, "EN": _NUMBER, "AN": _NUMBER}
_BETWEEN_DIGITS = ("CS", "ES")
_BESIDE_DIGITS = "ET"
_MIRRORED = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")
_OPENING, _CLOSING = "([{«‹", ")]}»›"


def logical_order(drawn: Sequence[str]) -> str:
    """Return the text of one line in reading order.

    Args:
        drawn: What the glyphs of the line stand for, from left to right. A ligature is one item of several characters,
            which are in reading order already.

    Example:
        >>> logical_order(list("2026 ربمفون 11"))
        '11 نوفمبر 2026'
    """
    kinds = _kinds(drawn)
    if _RIGHT not in kinds:
        return "".join(drawn)
    if kinds.count(_RIGHT) >= kinds.count(_LEFT):
        return _from_the_right(drawn, kinds)
    text = ""
    position = 0
    while position < len(drawn):
        end = _end_of_right_run(kinds, position)
        if end > position:
            text += _from_the_right(drawn[position:end], kinds[position:end])
        else:
            end = position + 1
            text += drawn[position]
        position = end
    return text


def mirror_brackets(text: str) -> str:
    """Return a right-to-left paragraph with its brackets turned round, if that makes them pair.

    Some programs store the bracket that is drawn, others the one that is meant.

    Example:
        >>> mirror_brackets("قمة )موسكو( المقبلة")
        'قمة (موسكو) المقبلة'
    """
    turned = text.translate(_MIRRORED)
    return turned if not _pairs(text) and _pairs(turned) else text


def is_right_to_left(text: str) -> bool:
    """Return whether most letters of `text` are written from right to left."""
    kinds = _kinds(text)
    return kinds.count(_RIGHT) > kinds.count(_LEFT)


def _kinds(drawn: Sequence[str]) -> list[str]:
    classes = [unicodedata.bidirectional(item[0]) if item else "" for item in drawn]
    kinds = [_KINDS.get(name, _NEUTRAL) for name in classes]
    last = len(classes) - 1
    for index, name in enumerate(classes):
        before = kinds[index - 1] if index else _NEUTRAL
        after = kinds[index + 1] if index < last else _NEUTRAL
        if (name in _BETWEEN_DIGITS and before == after == _NUMBER) or (
            name == _BESIDE_DIGITS and _NUMBER in (before, after)
        ):
            kinds[index] = _NUMBER
    return kinds


def _from_the_right(drawn: Sequence[str], kinds: Sequence[str]) -> str:
    """Reverse all, but keep Latin words, with the spaces and numbers among them, and every number as they are."""
    leftward = [kind in (_LEFT, _NUMBER) for kind in kinds]
    for start, end in _neutral_runs(kinds):
        if start > 0 and end < len(kinds) and kinds[start - 1] == _LEFT and leftward[end]:
            leftward[start:end] = [True] * (end - start)
    runs = [list(run) for _, run in groupby(range(len(drawn)), key=leftward.__getitem__)]
    return "".join(drawn[index] for run in reversed(runs) for index in (run if leftward[run[0]] else reversed(run)))


def _neutral_runs(kinds: Sequence[str]) -> list[tuple[int, int]]:
    runs = []
    for neutral, run in groupby(range(len(kinds)), key=lambda index: kinds[index] == _NEUTRAL):
        indexes = list(run)
        if neutral:
            runs.append((indexes[0], indexes[-1] + 1))
    return runs


def _end_of_right_run(kinds: Sequence[str], start: int) -> int:
    """Return where the run of right-to-left words that begins at `start` ends, or `start` if none does."""
    end = start
    if kinds[start] != _RIGHT:
        return start
    for index in range(start, len(kinds)):
        if kinds[index] == _LEFT:
            break
        if kinds[index] == _RIGHT:
            end = index + 1
    return end


def _pairs(text: str) -> bool:
    open_now = 0
    for character in text:
        open_now += (character in _OPENING) - (character in _CLOSING)
        if open_now < 0:
            return False
    return open_now == 0
