"""`SubjectFinder`: which words of a request say what it is about ("articles about *the comet*"), in any language.

A logistic regression over the question's token vectors, fitted by `benchmarks/turn_kinds.py` on the places that the
requests of `examples.json` have for subjects.
"""

import re
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from assistant.answering.logistic_regression import LogisticRegression
from assistant.embedding.encoder import Matrix
from assistant.language.scripts import UNSPACED_SCRIPTS, main_script
from assistant.passages.passage import Span

SUBJECT_WEIGHTS = "subject.npz"
_WORD = re.compile(r"\w+")
_MARKS = "\"'“”«»„‘’「」『』 "


class SubjectFinder(LogisticRegression):
    """A logistic regression over tokens without what says their language (`Retriever.question_tokens`)."""

    def subject(self, text: str, tokens: Matrix, offsets: NDArray[np.int32]) -> Span | None:
        """Return where a request says what it is about, from the first such word to the last; None if it does not.

        Args:
            text: The request.
            tokens: Its token vectors, shape `(tokens, dimension)`.
            offsets: Where each lies in the text, shape `(tokens, 2)`.
        """
        scores = self.log_odds(tokens)
        scored = [
            (start, end, float(score))
            for (start, end), score in zip(offsets.tolist(), scores, strict=True)
            if _WORD.search(text[start:end])
        ]
        # Whole words, but single tokens where a script sets no words apart.
        pieces = [[token] for token in scored] if _is_unspaced(text) else _by_word(text, scored)
        found = [piece for piece in pieces if sum(score for *_, score in piece) > 0]
        if not found:
            return None
        start, end = found[0][0][0], found[-1][-1][1]
        return Span(start + len(text[start:end]) - len(text[start:end].lstrip(_MARKS)), end)


def load_subject_finder(model: str, dimension: int) -> SubjectFinder | None:
    """Return the shipped finder if it was fitted with this embedding model, else `None`."""
    finder = _shipped()
    return finder if (model, dimension) == (finder.model, len(finder.weights)) else None


@cache
def _shipped() -> SubjectFinder:
    return SubjectFinder.from_bytes(files(__package__).joinpath(SUBJECT_WEIGHTS).read_bytes())


def _by_word(text: str, scored: list[tuple[int, int, float]]) -> list[list[tuple[int, int, float]]]:
    words = [match.span() for match in _WORD.finditer(text)]
    pieces = [
        [(max(first, start), min(last, end), score) for start, end, score in scored if start < last and end > first]
        for first, last in words
    ]
    return [piece for piece in pieces if piece]


def _is_unspaced(text: str) -> bool:
    return main_script(text) in UNSPACED_SCRIPTS
