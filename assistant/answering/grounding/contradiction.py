"""`Verifier`: whether a sentence contradicts a claim; `NegationVerifier` compares what the two deny."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from assistant.answering.grounding.facts import Premise
from assistant.answering.grounding.negations import (
    Extent,
    Negation,
    find_negations,
    knows_negations,
    words_of,
)
from assistant.answering.grounding.statement import Statement
from assistant.embedding.encoder import Matrix
from assistant.language.scripts import is_unspaced
from assistant.retrieval.late_interaction import Tokens

_COUNTERPART = 0.4
"""At least this cosine has the counterpart of a word that is denied."""


class Verifier(Protocol):
    """Says whether a sentence contradicts a claim."""

    def contradicts(self, statement: Statement, premise: Premise, tokens: Tokens) -> bool:
        """Return whether a sentence contradicts a claim.

        Args:
            statement: The claim with its question, and their tokens.
            premise: The sentence that may support it, which states its numbers, dates and names already.
            tokens: The tokens of the sentence.
        """
        ...


class NegationVerifier:
    """Finds contradiction where one of the two denies what the other says.

    Each word that one of them denies is looked up in the other by its nearest counterpart there. What the claim denies,
    a denial in the same clause of the sentence must support. What the sentence denies, the claim must not affirm; a
    claim that does not speak of it says nothing against it.
    """

    def contradicts(self, statement: Statement, premise: Premise, tokens: Tokens) -> bool:
        """Return whether a sentence contradicts a claim (see `Verifier`).

        Always False where the project does not know how one of the two languages denies.
        """
        if not (knows_negations(statement.language) and knows_negations(premise.language)):
            return False
        claimed = _read(f"{statement.question} {statement.claim}", statement.language, statement.tokens)
        known = _read(premise.text, premise.language, tokens)
        begin = len(statement.question) + 1
        own = [index for index, (start, _) in enumerate(claimed.words) if start >= begin]
        if not own or not known.words:
            return False
        likeness = claimed.vectors @ known.vectors.T
        denials = [negation for negation in claimed.negations if negation.clause[1] > begin]
        if any(negation.is_sure and not _is_denied_too(negation, claimed, known, likeness) for negation in denials):
            return True
        # To a question that denies, a sentence answers that denies.
        if any(negation.word[0] < begin for negation in claimed.negations):
            return False
        return any(_is_affirmed(negation, known, claimed, own, likeness) for negation in known.negations)


@dataclass(frozen=True, slots=True)
class _Text:
    """A text's words, with what it denies.

    Attributes:
        words: Where each stands.
        vectors: One for each, of unit length, shape `(words, dimension)`.
        negations: What denies some of them.
    """

    words: list[Extent]
    vectors: Matrix
    negations: list[Negation]


def _is_denied_too(negation: Negation, claimed: _Text, known: _Text, likeness: Matrix) -> bool:
    """Return whether the sentence may deny what the claim denies."""
    counterparts = [known.words[int(likeness[claimed.words.index(word)].argmax())] for word in negation.denied]
    if not counterparts:
        return bool(known.negations)
    return any(other.covers(word) for other in known.negations for word in counterparts)


def _is_affirmed(negation: Negation, known: _Text, claimed: _Text, own: Sequence[int], likeness: Matrix) -> bool:
    """Return whether a claim says without a denial what the sentence denies."""
    if not negation.is_sure or not negation.denied:
        return False
    denied = known.words.index(negation.denied[0])
    best = max(own, key=lambda index: float(likeness[index, denied]))
    if likeness[best, denied] < _COUNTERPART or int(likeness[best].argmax()) != denied:
        return False
    return not any(other.covers(claimed.words[best]) for other in claimed.negations)


def _read(text: str, language: str, tokens: Tokens) -> _Text:
    offsets = tokens.offsets
    spans = [(int(start), int(end)) for start, end in offsets] if is_unspaced(language) else words_of(text)
    words, vectors = [], []
    for start, end in spans:
        inside = (offsets[:, 0] < end) & (offsets[:, 1] > start)
        if inside.any():
            words.append((start, end))
            vectors.append((tokens.vectors[inside] * tokens.weights[inside, None]).sum(axis=0))
    matrix = np.array(vectors, np.float32).reshape(len(words), -1)
    lengths = np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), np.finfo(np.float32).tiny) if words else 1
    return _Text(words, matrix / lengths, find_negations(text, language, words))
