"""How much of a statement, a claim behind the question it answers, a sentence shows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.answering.grounding.meaning import MeaningEncoder, Tokens, align, weighted_mean, without
from assistant.answering.grounding.names import find_names, is_named
from assistant.embedding.encoder import Vector
from assistant.language.normalise import fold
from assistant.language.words import bare_forms

_WORD = re.compile(r"\w+")
_SHORTEST_WORD = 4
"""Letters of a word that is looked at by itself; most shorter ones say little."""
_ASKED = 0.8
"""From this similarity to a word of the question on, a word is a form of it ("lived", "live"), or as common as it."""
_SPELT = np.float32(0.9)
"""The similarity of a name to its spelling in another script, of which the embedding model knows little."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim behind the question it answers.

    Attributes:
        question: The question.
        claim: What is said.
        language: BCP 47 code of the claim.
        tokens: The tokens of both, as one text.
        asked: Which tokens are the question's, shape `(tokens,)`.
        news: Which tokens the claim adds to it.
        adds: Whether it adds a word.
        words: The tokens of each word of the question.
        news_words: The tokens of each longer word that the claim adds, and that is like none of the question.
        names: The tokens of each name in the claim.
        asked_names: The names in the question.
    """

    question: str
    claim: str
    language: str
    tokens: Tokens
    asked: NDArray[np.bool_]
    news: NDArray[np.bool_]
    adds: bool
    words: tuple[NDArray[np.intp], ...]
    news_words: tuple[NDArray[np.intp], ...]
    names: dict[str, NDArray[np.bool_]]
    asked_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """How much of a statement a sentence shows, as cosines.

    Attributes:
        news: On average over the news.
        weakest: Of the word among the news that finds least; 1 where none of them is long enough to tell.
        asked: On average over the question.
        asked_words: For each word of the question that says much, shape `(words,)`.
        asked_words_in_context: The same with the sentences before.
        names: For each name in the claim.
    """

    news: float
    weakest: float
    asked: float
    asked_words: Vector
    asked_words_in_context: Vector
    names: dict[str, float]


def make_statement(meaning: MeaningEncoder, question: str, claim: str, language: str) -> Statement:
    """Encode a claim with its question, and tell which of its tokens say something new.

    Args:
        meaning: Encodes the two as one text, so that a claim of a few words is understood.
        question: The question.
        claim: What is said in answer.
        language: BCP 47 code of the claim.
    """
    text = f"{question} {claim}"
    tokens = meaning.encode([text], [language])[0]
    asked = tokens.offsets[:, 1] <= len(question)
    known = {form for word in _WORD.findall(fold(question)) for form in bare_forms(word)}
    new = np.array([_word_at(text, offset) not in known for offset in tokens.offsets.tolist()], dtype=bool)
    news = ~asked & new
    names = {}
    for name in find_names(claim, language):
        start = len(question) + 1 + claim.find(name)
        names[name] = (tokens.offsets[:, 0] >= start) & (tokens.offsets[:, 1] <= start + len(name))
    return Statement(
        question=question,
        claim=claim,
        language=language,
        tokens=tokens,
        asked=asked,
        news=news,
        adds=any(known.isdisjoint(bare_forms(word)) for word in _WORD.findall(fold(claim))),
        words=_words(text, tokens, asked),
        news_words=_longer_news(text, tokens, asked, news),
        names=names,
        asked_names=tuple(find_names(question, language)),
    )


def score_statement(statement: Statement, sentence: str, tokens: Tokens, context: Sequence[Tokens]) -> Score:
    """Return how much of a statement a sentence shows.

    Args:
        statement: A claim with its question.
        sentence: The sentence.
        tokens: Its tokens.
        context: The tokens of each sentence before it that may say who and what it speaks of.
    """
    similarities = align(statement.tokens, tokens)
    for name, inside in statement.names.items():
        if is_named(name, sentence):
            similarities = np.where(inside, np.maximum(similarities, _SPELT), similarities)
        else:
            others = [other for other in (*statement.names, *statement.asked_names) if other != name]
            free = without(tokens, _spelling(others, sentence, tokens))
            similarities = np.where(inside, align(statement.tokens, free), similarities)
    weights = statement.tokens.weights
    in_context = np.max([similarities, *(align(statement.tokens, other) for other in context)], axis=0)
    return Score(
        news=weighted_mean(similarities, weights, statement.news) or 0.0,
        weakest=min((_mean(similarities, weights, word) for word in statement.news_words), default=1.0),
        asked=weighted_mean(similarities, weights, statement.asked) or 0.0,
        asked_words=_by_word(similarities, statement),
        asked_words_in_context=_by_word(in_context, statement),
        names={name: weighted_mean(similarities, weights, inside) or 0.0 for name, inside in statement.names.items()},
    )


def _spelling(names: Sequence[str], sentence: str, tokens: Tokens) -> NDArray[np.bool_]:
    """Return which tokens of a sentence spell one of `names`, and so can stand for no other name.

    Without this, an invented "Karakalpazov" finds its pieces in the word for "Kyrgyz".
    """
    taken = np.zeros(len(tokens.offsets), dtype=bool)
    for word in _WORD.finditer(sentence):
        if any(is_named(name, word[0]) for name in names):
            taken |= (tokens.offsets[:, 0] < word.end()) & (tokens.offsets[:, 1] > word.start())
    return taken


def _by_word(similarities: Vector, statement: Statement) -> Vector:
    """Return the mean similarity of each word of the question, for the half of them that say most."""
    weights = statement.tokens.weights
    totals = np.array([weights[word].mean() for word in statement.words], np.float32)
    means = np.array([_mean(similarities, weights, word) for word in statement.words], np.float32)
    heavy: Vector = means[totals >= np.median(totals)] if len(totals) else means
    return heavy


def _mean(similarities: Vector, weights: Vector, word: NDArray[np.intp]) -> float:
    return float(np.average(similarities[word], weights=weights[word] + 1e-6))


def _longer_news(
    text: str, tokens: Tokens, asked: NDArray[np.bool_], news: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], ...]:
    familiar = (tokens.vectors @ tokens.vectors[asked].T).max(axis=1, initial=0.0)
    return tuple(
        word
        for word in _words(text, tokens, news)
        if _is_long(text, tokens, word) and _mean(familiar, tokens.weights, word) < _ASKED
    )


def _is_long(text: str, tokens: Tokens, word: NDArray[np.intp]) -> bool:
    """Return whether a word has so many letters, and no digit: numbers are compared as facts."""
    said = text[tokens.offsets[word[0], 0] : tokens.offsets[word[-1], 1]].strip()
    return len(said) >= _SHORTEST_WORD and not any(map(str.isdigit, said)) and any(map(str.isalpha, said))


def _words(text: str, tokens: Tokens, chosen: NDArray[np.bool_]) -> tuple[NDArray[np.intp], ...]:
    """Return the chosen tokens, those of one word together."""
    words: list[list[int]] = []
    end = -1
    for index in np.flatnonzero(chosen).tolist():
        start, behind = tokens.offsets[index].tolist()
        if words and start == end and text[start - 1 : start].isalnum() and text[start : start + 1].isalnum():
            words[-1].append(index)
        else:
            words.append([index])
        end = behind
    return tuple(np.array(word, dtype=np.intp) for word in words)


def _word_at(text: str, offset: Sequence[int]) -> str:
    """Return the folded word that a token is part of."""
    start, end = offset
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return bare_forms(fold(text[start:end].strip()))[-1]
