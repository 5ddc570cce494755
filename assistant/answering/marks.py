"""Citation marks such as `[1]`: read strictly from what a model writes, also while it is still writing."""

import re
from dataclasses import dataclass

# `\d` is any Unicode decimal digit, so Arabic-Indic, Persian, Bengali and full-width numerals are read alike.
_NUMBER = r"\^?\d{1,4}"
_SEPARATOR = r"\s*[,،，、;؛；]\s*"
_NUMBERS = rf"\s*{_NUMBER}(?:{_SEPARATOR}{_NUMBER})*\s*"
_MARK = re.compile(rf"(\s*)[\[［【]({_NUMBERS})[\]］】]")
_UNFINISHED = re.compile(r"(?:\s+|\s*[\[［【][\s\d^,،，、;؛；]*)\Z")
_POSING = re.compile(rf"[\[［【]({_NUMBERS})[\]］】]")


@dataclass(frozen=True, slots=True)
class Mark:
    """A citation mark: the passages it points to, in the order written, each once."""

    numbers: tuple[int, ...]

    def __str__(self) -> str:
        """Write the mark in the one form that answers use.

        Example:
            >>> str(Mark((1, 3)))
            '[1][3]'
        """
        return "".join(f"[{number}]" for number in self.numbers)


Piece = str | Mark


class MarkParser:
    """Reads text and marks from a stream of chunks; a mark may be split between chunks anywhere.

    Marks are written `[1]`, `[1, 2]`, `[١]`, `［1］` or `【1】`. Numbers outside 1 to `highest` point to nothing and
    are dropped, and with them a mark that has no other number and the white space before it. Anything else in
    brackets is text.

    Args:
        highest: The number of passages that can be cited.

    Example:
        >>> parser = MarkParser(highest=2)
        >>> parser.feed("In Moscow ["), parser.feed("1] [9]."), parser.close()
        (['In Moscow'], [' ', Mark(numbers=(1,)), '.'], [])
    """

    def __init__(self, highest: int) -> None:
        self._highest = highest
        self._pending = ""

    def feed(self, chunk: str) -> list[Piece]:
        """Take the next chunk and return what can be told by now."""
        self._pending += chunk
        # The white space before a mark waits with it, because a mark that is dropped takes it along.
        unfinished = _UNFINISHED.search(self._pending)
        cut = unfinished.start() if unfinished else len(self._pending)
        ready, self._pending = self._pending[:cut], self._pending[cut:]
        return self._read(ready)

    def close(self) -> list[Piece]:
        """Return what was still waiting; the stream has ended."""
        ready, self._pending = self._pending, ""
        return self._read(ready)

    def _read(self, text: str) -> list[Piece]:
        pieces: list[Piece] = []
        position = 0
        for match in _MARK.finditer(text):
            numbers = dict.fromkeys(int(digits) for digits in re.findall(r"\d+", match[2]))
            valid = tuple(number for number in numbers if 1 <= number <= self._highest)
            keeps_space = valid or "\n" in match[1]
            before = text[position : match.end(1) if keeps_space else match.start()]
            if before:
                pieces.append(before)
            if valid:
                pieces.append(Mark(valid))
            position = match.end()
        if position < len(text):
            pieces.append(text[position:])
        return pieces


def parse_marks(text: str, highest: int) -> list[Piece]:
    """Split a whole text into text and marks (see `MarkParser`)."""
    parser = MarkParser(highest)
    return parser.feed(text) + parser.close()


def without_marks(text: str) -> str:
    """Turn whatever reads as a mark into parentheses, so that an article's text cannot pose as a citation.

    Example:
        >>> without_marks("The dam broke.[3]")
        'The dam broke.(3)'
    """
    return _POSING.sub(r"(\1)", text)
