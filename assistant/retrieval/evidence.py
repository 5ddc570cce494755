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
from assistant.retrieval.spelling import PhoneticMatch


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What speaks for each of the candidates of one question.

    An article's subject is named in its title and in its lead, the first sentence; later sentences call it "the
    library" or "it". So a passage is compared together with its article's title and lead, and its best sentence is
    chosen by what the question asks beyond that subject.

    Attributes:
        passage_score: Late interaction between the question and each passage together with its article's subject,
            shape `(candidates,)`.
        best_sentence_score: Late interaction between the question and each passage's best sentence together with the
            article's subject, shape `(candidates,)`.
        best_sentence: Index of each passage's best sentence among the passage's sentences, shape `(candidates,)`.
        best_beyond_subject: How much each best sentence says of what is asked beyond the article's subject, shape
            `(candidates,)`. Comparable only between passages of one article.
        beyond_subject: How much every sentence of every candidate says of what is asked beyond the article's subject,
            shape `(sentences,)`. The candidates' sentences follow one another.
        sentence_offsets: Where each candidate's sentences begin in `beyond_subject`, and at the end the number of all
            sentences, shape `(candidates + 1,)`.
        question_coverage: Share, between 0 and 1, that each best sentence says of what is asked beyond the article's
            subject, shape `(candidates,)`.
        articles: A number for each passage's article, equal for passages of one article, shape `(candidates,)`.
        similarity: Cosine of each passage token with each question token, shape `(passage tokens, question tokens)`.
        batch: The token vectors of all passages.
    """

    passage_score: Vector
    best_sentence_score: Vector
    best_sentence: NDArray[np.int64]
    best_beyond_subject: Vector
    beyond_subject: Vector
    sentence_offsets: NDArray[np.int64]
    question_coverage: Vector
    articles: NDArray[np.int64]
    similarity: Matrix
    batch: TokenBatch


LEAD_SHARE = 0.85
"""Weight of what the lead says when it is added to every sentence of its article. The title's weight is 1."""

USUAL_POWER = 3
"""How steeply a question token loses weight that many sentences of an article say."""

DATE_BONUS = 0.02
"""Added to the score of a sentence with a number when the question asks for a time. It decides only near ties."""

_TITLE = -(2**31)
"""Start of the title's segment: the title's tokens have places before the passage's first character."""

_SMALLEST = 1e-6

_UNSPACED = regex.compile(f"[{UNSPACED_CHARACTERS}]")


def gather(
    question: Tokens,
    batch: TokenBatch,
    centres: Centres,
    passages: Sequence[Passage],
    phonetic_matches: Sequence[Sequence[PhoneticMatch]] = (),
    *,
    asks_time: bool = False,
) -> Evidence:
    """Compare a question with passages.

    Args:
        question: The question's tokens.
        batch: The passages' tokens.
        centres: What to subtract from each passage's tokens.
        passages: The passages.
        phonetic_matches: For each passage, the question's names that it spells in another script; none by default.
        asks_time: Whether the question asks when something happens.
    """
    similarity = similarities(question, batch, centres)
    for place, matches in enumerate(phonetic_matches):
        _apply_phonetic_matches(matches, similarity, question, batch, place, passages[place].text)
    # The segments of a passage are its title and its sentences.
    segments = [[_TITLE, *(sentence.start for sentence in passage.own_sentences)] for passage in passages]
    segment_agreements = agreement(best_matches(similarity, segment_starts(batch, segments)))
    titles = np.cumsum([0, *map(len, segments)])[:-1]
    sentences = np.delete(segment_agreements, titles, axis=0)
    offsets = np.cumsum([0] + [len(passage.sentences) for passage in passages])
    for place, header in (*_rows(passages, offsets), *_below_headings(passages, offsets)):
        sentences[place] = np.maximum(sentences[place], sentences[header])
    of_passage = np.repeat(np.arange(len(passages)), np.diff(offsets))
    articles = np.unique([passage.article_id for passage in passages], return_inverse=True)[1]
    leads = _leads(sentences[offsets[:-1]], passages, articles)
    subject = np.maximum(segment_agreements[titles], LEAD_SHARE * leads)
    shares = question.shares
    asked = shares * (1 - subject) * (1 - _usual(sentences, articles[of_passage]))[articles] ** USUAL_POWER
    beyond_subject = (sentences * asked[of_passage]).sum(axis=1)
    if asks_time:
        beyond_subject += DATE_BONUS * _has_number(passages)
    best = np.array([int(beyond_subject[start:end].argmax()) for start, end in pairwise(offsets)])
    chosen = offsets[:-1] + best
    return Evidence(
        passage_score=weighted(np.maximum(np.maximum.reduceat(sentences, offsets[:-1], axis=0), subject), shares),
        best_sentence_score=weighted(np.maximum(sentences[chosen], subject), shares),
        best_sentence=best,
        best_beyond_subject=beyond_subject[chosen],
        beyond_subject=beyond_subject,
        sentence_offsets=offsets,
        question_coverage=(sentences[chosen] * asked).sum(axis=1) / np.maximum(asked.sum(axis=1), _SMALLEST),
        articles=articles,
        similarity=similarity,
        batch=batch,
    )


def _apply_phonetic_matches(
    matches: Sequence[PhoneticMatch], similarity: Matrix, question: Tokens, batch: TokenBatch, place: int, text: str
) -> None:
    """Set the similarity of the tokens of names that sound alike to 1, as if both were spelt alike."""
    start, end = batch.starts[place], batch.starts[place + 1]
    tokens, of_passage = question.offsets, batch.offsets[start:end]
    for match in matches:
        in_question = np.flatnonzero((tokens[:, 0] < match.end) & (tokens[:, 1] > match.start))
        for found in re.finditer(re.escape(match.name), text):
            in_passage = np.flatnonzero((of_passage[:, 0] < found.end()) & (of_passage[:, 1] > found.start()))
            similarity[np.ix_(start + in_passage, in_question)] = 1.0


def _rows(passages: Sequence[Passage], offsets: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield each sentence that is a row of a table, with the table's header: a cell says little without it."""
    for passage, first in zip(passages, offsets.tolist(), strict=False):
        if CELL_SEPARATOR not in passage.text:
            continue
        spans = passage.own_sentences
        for number, span in enumerate(spans):
            header = table_header_of(passage.text, span)
            if header in spans:
                yield first + number, first + spans.index(header)


def _below_headings(passages: Sequence[Passage], offsets: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield each sentence below a heading, with that heading: "switch it off" says little without it."""
    for passage, first in zip(passages, offsets.tolist(), strict=False):
        for number, heading in enumerate(headings_above(passage)):
            if heading is not None:
                yield first + number, first + heading


def _leads(first_sentences: Matrix, passages: Sequence[Passage], articles: NDArray[np.int64]) -> Matrix:
    """Return what the first sentence of each passage's article says; zeros where that sentence is in no candidate."""
    leads = np.zeros((articles.max() + 1, first_sentences.shape[1]), np.float32)
    for number, passage in enumerate(passages):
        if passage.start == 0:
            leads[articles[number]] = first_sentences[number]
    of_passage: Matrix = leads[articles]
    return of_passage


def _usual(sentences: Matrix, articles: NDArray[np.int64]) -> Matrix:
    """Return how much the sentences of each article say each question token on average, without the highest one.

    What most sentences of an article say does not tell them apart: this serves as an inverse sentence frequency.

    Args:
        sentences: Shape `(sentences, question tokens)`.
        articles: The number of each sentence's article, shape `(sentences,)`.

    Returns:
        Shape `(articles, question tokens)`.
    """
    count = np.bincount(articles)
    total = np.zeros((len(count), sentences.shape[1]), np.float32)
    most = np.zeros_like(total)
    np.add.at(total, articles, sentences)
    np.maximum.at(most, articles, sentences)
    usual: Matrix = (total - most) / np.maximum(count - 1, 1).astype(np.float32)[:, None]
    return usual


def highest_of_article(values: Vector, articles: NDArray[np.int64]) -> Vector:
    """Return for each passage the highest value among the passages of its article, shape `(passages,)`.

    Args:
        values: A value for each passage, shape `(passages,)`.
        articles: The number of each passage's article, shape `(passages,)`.
    """
    highest = np.full(articles.max() + 1, -np.inf, np.float32)
    np.maximum.at(highest, articles, values)
    of_passage: Vector = highest[articles]
    return of_passage


def weighted(agreements: Matrix, shares: Vector) -> Vector:
    """Return the weighted sum of each row, shape `(rows,)`.

    BLAS is not used: on AVX-512, its product of a small matrix and a vector sometimes warns of invalid values where
    there are none.

    Args:
        agreements: Shape `(rows, question tokens)`.
        shares: The weight of each question token, shape `(question tokens,)`.
    """
    sums: Vector = np.einsum("rt,t->r", agreements, shares)
    return sums


def shared_terms(terms: Sequence[str], text: str) -> float:
    """Return the share of a question's words that occur in a text of its language, also within longer words.

    Args:
        terms: The question's words and stems, as `assistant.language.terms.index_terms` gives them.
        text: Any text.

    Example:
        >>> shared_terms(["summit", "kazan"], "The summits were held in Moscow.")
        0.5
    """
    # Splitting the text into words and stemming these takes three times as long and ranks no better.
    normalised = _normalised(text)
    return sum(term in normalised for term in terms) / max(len(terms), 1)


@lru_cache(maxsize=1024)
def _normalised(text: str) -> str:
    return normalise(text)


def _has_number(passages: Sequence[Passage]) -> Vector:
    """Return 1 for each sentence that contains a digit, else 0, shape `(sentences,)`."""
    return np.array(
        [
            any(map(str.isdecimal, sentence.of(passage.text)))
            for passage in passages
            for sentence in passage.own_sentences
        ],
        np.float32,
    )


def matched_words(evidence: Evidence, question: Tokens, number: int, passage: Passage) -> tuple[Span, ...]:
    """Return the words that match the question's weightier tokens, as spans of the article's text, in reading order.

    Args:
        evidence: What was gathered for the question.
        question: The question's tokens.
        number: Index of the passage among the candidates.
        passage: The passage.
    """
    start, end = evidence.batch.starts[number], evidence.batch.starts[number + 1]
    # The tokens of the title and of a table's header come first, at places before the passage's first character.
    start += int((evidence.batch.offsets[start:end, 1] <= 0).sum())
    if start == end:
        return ()
    similarity = evidence.similarity[start:end]
    shares = question.shares
    matched = (shares >= shares.mean()) & (similarity.max(axis=0) >= CLOSE)
    offsets = evidence.batch.offsets[start:end]
    nearest = offsets[similarity[:, matched].argmax(axis=0)]
    spans = {_whole_word(passage.text, first, last) for first, last in nearest.tolist()}
    return tuple(Span(passage.start + first, passage.start + last) for first, last in sorted(spans) if first < last)


def _whole_word(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a token to its whole word; in a script without spaces between words, keep the token as it is."""
    while start < end and text[start].isspace():
        start += 1
    if _UNSPACED.search(text, start, end):
        return start, end
    for match in WORD.finditer(text, max(0, start - 64), min(len(text), end + 64)):
        if match.start() < end and start < match.end():
            return match.start(), match.end()
    return end, end
