"""`Evidence`: all that speaks for each candidate passage, before it becomes a score, and the words that matched."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import regex
from numpy.typing import NDArray

from assistant.articles.article import CELL_SEPARATOR
from assistant.embedding.encoder import Matrix, Vector
from assistant.embedding.hubness import CLOSE, agreement
from assistant.embedding.token_codec import TokenBatch
from assistant.language.normalise import normalise
from assistant.language.scripts import UNSPACED_CHARACTERS
from assistant.language.words import WORD
from assistant.passages.headings import headings_above
from assistant.passages.passage import Passage, Span
from assistant.passages.tables import table_header_of
from assistant.retrieval.late_interaction import Centres, Tokens, best_matches, segment_starts, similarities
from assistant.retrieval.spelling import HeardName


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What speaks for each of the candidates of one question.

    An article's subject is said in its title and in its lead, the first sentence; the sentences behind call it "the
    library" or "it". So a passage is compared in the light of these, and the sentence that answers is told by what a
    question asks beyond the subject.

    Attributes:
        late: Late interaction between the question and the passage with its article's subject, shape `(candidates,)`.
        sentence: The same for the passage's best sentence, shape `(candidates,)`.
        best: Which of its sentences that is, shape `(candidates,)`.
        beyond: How much of what is asked beyond the subject that sentence says, shape `(candidates,)`; between passages
            of one article only.
        each: The same of every sentence of all candidates, one behind the other, shape `(sentences,)`.
        firsts: Which of these is each candidate's first, and their number, shape `(candidates + 1,)`.
        answered: The same as a share of all that is asked beyond the subject, shape `(candidates,)`.
        articles: Which passages are of one article: its number, shape `(candidates,)`.
        similarity: Each passage token against each question token, shape `(passage tokens, question tokens)`.
        batch: The passages' tokens.
    """

    late: Vector
    sentence: Vector
    best: NDArray[np.int64]
    beyond: Vector
    each: Vector
    firsts: NDArray[np.int64]
    answered: Vector
    articles: NDArray[np.int64]
    similarity: Matrix
    batch: TokenBatch


LEAD_SHARE = 0.85
"""How much of what the lead says counts as said of every sentence of the article; what the title says does so whole."""

USUAL_POWER = 3
"""How sharply a token loses weight that many sentences of an article say."""

DATED = 0.02
"""What a number adds to a sentence when the question asks for a time: enough to decide between near equals."""

_TITLE = -(2**31)
"""Where an article's title begins before the characters of its passages."""

_SMALLEST = 1e-6

_UNSPACED = regex.compile(f"[{UNSPACED_CHARACTERS}]")


def gather(
    question: Tokens,
    batch: TokenBatch,
    centres: Centres,
    passages: Sequence[Passage],
    heard: Sequence[Sequence[HeardName]] = (),
    *,
    asks_time: bool = False,
) -> Evidence:
    """Compare a question with passages.

    Args:
        question: The question's tokens.
        batch: The passages' tokens.
        centres: What to subtract from each passage's tokens.
        passages: The passages.
        heard: Of each passage, the names of the question that it holds in another script; none by default.
        asks_time: Whether the question asks when something happens.
    """
    similarity = similarities(question, batch, centres)
    for place, names in enumerate(heard):
        _hear(names, similarity, question, batch, place, passages[place].text)
    segments = [[_TITLE, *(sentence.start for sentence in passage.own_sentences)] for passage in passages]
    said = agreement(best_matches(similarity, segment_starts(batch, segments)))
    titles = np.cumsum([0, *map(len, segments)])[:-1]
    sentences = np.delete(said, titles, axis=0)
    firsts = np.cumsum([0] + [len(passage.sentences) for passage in passages])
    for place, header in (*_rows(passages, firsts), *_below_headings(passages, firsts)):
        sentences[place] = np.maximum(sentences[place], sentences[header])
    of_passage = np.repeat(np.arange(len(passages)), np.diff(firsts))
    articles = np.unique([passage.article_id for passage in passages], return_inverse=True)[1]
    subject = np.maximum(said[titles], LEAD_SHARE * _leads(sentences[firsts[:-1]], passages, articles))
    shares = question.shares
    asked = shares * (1 - subject) * (1 - _usual(sentences, articles[of_passage]))[articles] ** USUAL_POWER
    beyond = (sentences * asked[of_passage]).sum(axis=1)
    if asks_time:
        beyond += DATED * _name_numbers(passages)
    best = np.array([int(beyond[first:end].argmax()) for first, end in pairwise(firsts)])
    chosen = firsts[:-1] + best
    return Evidence(
        late=weighted(np.maximum(np.maximum.reduceat(sentences, firsts[:-1], axis=0), subject), shares),
        sentence=weighted(np.maximum(sentences[chosen], subject), shares),
        best=best,
        beyond=beyond[chosen],
        each=beyond,
        firsts=firsts,
        answered=(sentences[chosen] * asked).sum(axis=1) / np.maximum(asked.sum(axis=1), _SMALLEST),
        articles=articles,
        similarity=similarity,
        batch=batch,
    )


def _hear(
    names: Sequence[HeardName], similarity: Matrix, question: Tokens, batch: TokenBatch, place: int, text: str
) -> None:
    """Let the tokens of names that are heard in a passage be as similar as if they were spelt alike."""
    start, end = batch.starts[place], batch.starts[place + 1]
    tokens, of_passage = question.offsets, batch.offsets[start:end]
    for name in names:
        asked = np.flatnonzero((tokens[:, 0] < name.end) & (tokens[:, 1] > name.start))
        for match in re.finditer(re.escape(name.name), text):
            said = start + np.flatnonzero((of_passage[:, 0] < match.end()) & (of_passage[:, 1] > match.start()))
            similarity[np.ix_(said, asked)] = 1.0


def _rows(passages: Sequence[Passage], firsts: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield the sentences that are rows of a table, each with its header: a cell says little without."""
    for passage, first in zip(passages, firsts.tolist(), strict=False):
        if CELL_SEPARATOR not in passage.text:
            continue
        spans = passage.own_sentences
        for number, span in enumerate(spans):
            header = table_header_of(passage.text, span)
            if header in spans:
                yield first + number, first + spans.index(header)


def _below_headings(passages: Sequence[Passage], firsts: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield the sentences that stand below a heading, each with that: "switch it off" says little without."""
    for passage, first in zip(passages, firsts.tolist(), strict=False):
        for number, heading in enumerate(headings_above(passage)):
            if heading is not None:
                yield first + number, first + heading


def _leads(first_sentences: Matrix, passages: Sequence[Passage], articles: NDArray[np.int64]) -> Matrix:
    """Return for each passage what its article's first sentence says, zeros where that is no candidate."""
    leads = np.zeros((articles.max() + 1, first_sentences.shape[1]), np.float32)
    for number, passage in enumerate(passages):
        if passage.start == 0:
            leads[articles[number]] = first_sentences[number]
    of_passage: Matrix = leads[articles]
    return of_passage


def _usual(sentences: Matrix, articles: NDArray[np.int64]) -> Matrix:
    """Return how much each question token is said by the sentences of an article but for the one that says most.

    What most of them say does not tell them apart (an inverse sentence frequency).

    Args:
        sentences: Shape `(sentences, question tokens)`.
        articles: Which article each is of, shape `(sentences,)`.
    """
    count = np.bincount(articles)
    total = np.zeros((len(count), sentences.shape[1]), np.float32)
    most = np.zeros_like(total)
    np.add.at(total, articles, sentences)
    np.maximum.at(most, articles, sentences)
    usual: Matrix = (total - most) / np.maximum(count - 1, 1).astype(np.float32)[:, None]
    return usual


def highest_of_article(values: Vector, articles: NDArray[np.int64]) -> Vector:
    """Return for each passage the highest value among those of its article, shape `(passages,)`.

    Args:
        values: A value for each passage.
        articles: Its article's number.
    """
    highest = np.full(articles.max() + 1, -np.inf, np.float32)
    np.maximum.at(highest, articles, values)
    of_passage: Vector = highest[articles]
    return of_passage


def weighted(agreements: Matrix, shares: Vector) -> Vector:
    """Return how far each row agrees, its columns weighted by their shares, shape `(rows,)`.

    Without BLAS: on AVX-512 its product of a small matrix and a vector at times warns of invalid values that are none.
    """
    sums: Vector = np.einsum("rt,t->r", agreements, shares)
    return sums


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


def _name_numbers(passages: Sequence[Passage]) -> Vector:
    """Return 1 for each sentence that names a number, else 0, shape `(sentences,)`."""
    return np.array(
        [
            any(map(str.isdecimal, sentence.of(passage.text)))
            for passage in passages
            for sentence in passage.own_sentences
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
    # The tokens of the title, and of a table's header, come first, at places before the text.
    start += int((evidence.batch.offsets[start:end, 1] <= 0).sum())
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
