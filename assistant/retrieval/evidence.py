"""`Evidence`: all that speaks for each candidate passage, before it becomes a score, and the words that matched."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import regex
from numpy.typing import NDArray

from assistant.embedding.encoder import Matrix, Vector
from assistant.embedding.hubness import CLOSE, agreement
from assistant.embedding.token_codec import TokenBatch
from assistant.language.normalise import normalise
from assistant.language.scripts import UNSPACED_CHARACTERS
from assistant.language.words import WORD
from assistant.passages.passage import Passage, Span
from assistant.retrieval.late_interaction import Centres, Tokens, best_matches, segment_starts, similarities


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What speaks for each of the candidates of one question.

    Attributes:
        late: Late interaction between the question and the whole passage, shape `(candidates,)`.
        sentence: The same for the passage's best sentence, shape `(candidates,)`.
        best: Which of its sentences that is, shape `(candidates,)`.
        covered: Weight of the question's tokens that have a close counterpart in the passage, shape `(candidates,)`.
        weakest: The best cosine of the weighty token that finds least in the passage, shape `(candidates,)`.
        dated: `DATED` where the question asks for a time and that sentence names a number, shape `(candidates,)`.
        similarity: Each passage token against each question token, shape `(passage tokens, question tokens)`.
        batch: The passages' tokens.
    """

    late: Vector
    sentence: Vector
    best: NDArray[np.int64]
    covered: Vector
    weakest: Vector
    dated: Vector
    similarity: Matrix
    batch: TokenBatch


HEAVY = 0.75
"""Tokens with at least this share of the largest weight are the weighty ones: a question's names and subjects."""

DATED = 0.02
"""What a number adds to a sentence when the question asks for a time: enough to decide between near equals."""

_UNSPACED = regex.compile(f"[{UNSPACED_CHARACTERS}]")


def gather(
    question: Tokens,
    batch: TokenBatch,
    centres: Centres,
    passages: Sequence[Passage],
    *,
    asks_time: bool = False,
) -> Evidence:
    """Compare a question with passages.

    Args:
        question: The question's tokens.
        batch: The passages' tokens.
        centres: What to subtract from each passage's tokens.
        passages: The passages.
        asks_time: Whether the question asks when something happens.
    """
    similarity = similarities(question, batch, centres)
    matches = best_matches(similarity, segment_starts(batch, [_sentence_starts(passage) for passage in passages]))
    firsts = np.cumsum([0] + [len(passage.sentences) for passage in passages])
    by_passage = np.maximum.reduceat(matches, firsts[:-1], axis=0)
    shares = question.shares
    heavy = shares >= HEAVY * shares.max()
    scores = agreement(matches) @ shares
    dated = DATED * _name_numbers(passages) if asks_time else np.zeros_like(scores)
    best = np.array([int((scores + dated)[first:end].argmax()) for first, end in pairwise(firsts)])
    return Evidence(
        late=agreement(by_passage) @ shares,
        sentence=scores[firsts[:-1] + best],
        best=best,
        covered=(by_passage >= CLOSE) @ shares,
        weakest=by_passage[:, heavy].min(axis=1),
        dated=dated[firsts[:-1] + best],
        similarity=similarity,
        batch=batch,
    )


def shared_terms(terms: Sequence[str], text: str) -> float:
    """Return the share of a question's words that stand in a text of its language, if only within another word.

    Args:
        terms: The question's words and stems, as `assistant.language.terms.index_terms` gives them.
        text: Any text.

    Example:
        >>> shared_terms(["summit", "kazan"], "The summits were held in Moscow.")
        0.5
    """
    # Splitting the text into words and stemming them takes three times as long and tells no more.
    normalised = _normalised(text)
    return sum(term in normalised for term in terms) / max(len(terms), 1)


@lru_cache(maxsize=1024)
def _normalised(text: str) -> str:
    return normalise(text)


def _sentence_starts(passage: Passage) -> list[int]:
    return [sentence.start - passage.start for sentence in passage.sentences]


def _name_numbers(passages: Sequence[Passage]) -> Vector:
    """Return 1 for each sentence that names a number, else 0, shape `(sentences,)`."""
    return np.array(
        [
            any(map(str.isdecimal, passage.text[sentence.start - passage.start : sentence.end - passage.start]))
            for passage in passages
            for sentence in passage.sentences
        ],
        np.float32,
    )


def matched_words(evidence: Evidence, question: Tokens, number: int, passage: Passage) -> tuple[Span, ...]:
    """Return the words that the question's weightier tokens found, as spans of the article's text, in reading order.

    Args:
        evidence: What was gathered for the question.
        question: Its tokens.
        number: Which of the candidates `passage` is.
        passage: The candidate.
    """
    start, end = evidence.batch.starts[number], evidence.batch.starts[number + 1]
    if start == end:
        return ()
    own = evidence.similarity[start:end]
    shares = question.shares
    weighty = (shares >= shares.mean()) & (own.max(axis=0) >= CLOSE)
    offsets = evidence.batch.offsets[start:end]
    spans = {_whole_word(passage.text, *map(int, offsets[own[:, column].argmax()])) for column in weighty.nonzero()[0]}
    return tuple(Span(passage.start + first, passage.start + last) for first, last in sorted(spans) if first < last)


def _whole_word(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a token to the word it is part of; where words are not set apart, the token stands for itself."""
    while start < end and text[start].isspace():
        start += 1
    if _UNSPACED.search(text, start, end):
        return start, end
    for match in WORD.finditer(text, max(0, start - 64), min(len(text), end + 64)):
        if match.start() < end and start < match.end():
            return match.start(), match.end()
    return end, end
