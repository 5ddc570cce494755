"""How much of a statement, a claim behind the question it answers, a sentence shows."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assistant.answering.grounding.names import find_names, is_named
from assistant.answering.grounding.subject import find_subject
from assistant.embedding.encoder import Vector
from assistant.language.normalise import fold
from assistant.language.words import bare_forms
from assistant.retrieval.late_interaction import Tokens, best_cosines

_WORD = re.compile(r"\w+")
_SHORTEST_WORD = 4
"""Letters of a word that is looked at by itself; most shorter ones say little."""
_FAMILIAR = 0.8
"""From this similarity to a word of the question on, a word is a form of it ("lived", "live"), or as common as it."""
_SMALLEST = np.float32(1e-6)
_SPELT = np.float32(0.9)
"""The similarity of a name to its spelling in another script, of which the embedding model knows little."""
_TRANSLATED = 0.6
"""From this similarity on, a name that the embedding model knows only in pieces is shown in translation."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim behind the question it answers.

    Attributes:
        question: The question.
        claim: What is said.
        language: BCP 47 code of the claim.
        tokens: The tokens of both, as one text.
        in_question: Which tokens are the question's, shape `(tokens,)`.
        novel: Which tokens the claim adds to it.
        adds_words: Whether it adds a word.
        question_words: The tokens of each word of the question.
        novel_words: The tokens of each longer word that the claim adds, and that is like none of the question.
        names: The tokens of each name in the claim.
        question_names: The names in the question.
        subject: How much of each token of the question the article's title says, as cosines, shape `(tokens,)`; 0 for
            the claim's own.
        subject_names: The names in the claim that only name the article's subject.
    """

    question: str
    claim: str
    language: str
    tokens: Tokens
    in_question: NDArray[np.bool_]
    novel: NDArray[np.bool_]
    adds_words: bool
    question_words: tuple[NDArray[np.intp], ...]
    novel_words: tuple[NDArray[np.intp], ...]
    names: dict[str, NDArray[np.bool_]]
    question_names: tuple[str, ...]
    subject: Vector
    subject_names: frozenset[str] = frozenset()

    def in_light_of(self, title: str, tokens: Tokens) -> "Statement":
        """Return the statement as the sentences of one article are to show it.

        These say "the museum" or "it" for what the title names. So what the title says of the question counts as said
        by each of them; and where the claim calls the article's subject by the title's words, that is nothing new,
        unless it says nothing else.

        Args:
            title: The article's title.
            tokens: The title's tokens.
        """
        shown_by_title = np.where(self.in_question, np.clip(best_cosines(self.tokens, tokens), 0, 1), np.float32(0))
        begin = len(self.question) + 1
        offsets = self.tokens.offsets
        named = np.zeros(len(offsets), dtype=bool)
        for start, end in find_subject(self.claim, self.question, title):
            named |= (offsets[:, 0] < begin + end) & (offsets[:, 1] > begin + start)
        if not (self.novel & ~named).any():
            return replace(self, subject=shown_by_title)
        return replace(
            self,
            subject=shown_by_title,
            novel=self.novel & ~named,
            novel_words=tuple(word for word in self.novel_words if not named[word].all()),
            subject_names=frozenset(name for name, inside in self.names.items() if named[inside].all()),
        )


@dataclass(frozen=True, slots=True)
class Score:
    """How much of a statement a sentence shows, as cosines.

    Attributes:
        novel: On average over the novel tokens.
        weakest_word: Of the novel word that finds least; 1 where none of them is long enough to tell.
        question: On average over what the question asks beyond the article's subject.
        question_words: For each word of the question that says much, by the sentence or the title, shape `(words,)`.
        question_words_in_context: The same with the sentences before.
        names: For each name in the claim.
    """

    novel: float
    weakest_word: float
    question: float
    question_words: Vector
    question_words_in_context: Vector
    names: dict[str, float]


def make_statement(encode: Callable[[str, str], Tokens], question: str, claim: str, language: str) -> Statement:
    """Encode a claim with its question, and tell which of its tokens say something new.

    Args:
        encode: Gives the tokens of a text in a language. It gets the two as one text, so that a claim of a few words is
            understood.
        question: The question.
        claim: What is said in answer.
        language: BCP 47 code of the claim.
    """
    text = f"{question} {claim}"
    tokens = encode(text, language)
    in_question = tokens.offsets[:, 1] <= len(question)
    known = {form for word in _WORD.findall(fold(question)) for form in bare_forms(word)}
    new = np.array([_word_at(text, offset) not in known for offset in tokens.offsets.tolist()], dtype=bool)
    novel = ~in_question & new
    names = {}
    for name in find_names(claim, language):
        start = len(question) + 1 + claim.find(name)
        names[name] = (tokens.offsets[:, 0] >= start) & (tokens.offsets[:, 1] <= start + len(name))
    return Statement(
        question=question,
        claim=claim,
        language=language,
        tokens=tokens,
        in_question=in_question,
        novel=novel,
        adds_words=any(known.isdisjoint(bare_forms(word)) for word in _WORD.findall(fold(claim))),
        question_words=_words(text, tokens, in_question),
        novel_words=_longer_novel_words(text, tokens, in_question, novel),
        names=names,
        question_names=tuple(find_names(question, language)),
        subject=np.zeros(len(tokens.offsets), np.float32),
    )


def score_statement(
    statement: Statement, sentence: str, tokens: Tokens, context: Sequence[Tokens], before: str | None = None
) -> Score:
    """Return how much of a statement a sentence shows.

    Args:
        statement: A claim with its question.
        sentence: The sentence.
        tokens: Its tokens.
        context: The tokens of each sentence before it that may say who and what it speaks of.
        before: Text that may name who and what it speaks of, if there is no question that does: names that stand there
            are nothing new, and words are found.
    """
    similarities = best_cosines(statement.tokens, tokens)
    novel = statement.novel
    for name, inside in statement.names.items():
        if before and is_named(name, before) and not is_named(name, sentence):
            novel = novel & ~inside
        if is_named(name, sentence):
            similarities = np.where(inside, np.maximum(similarities, _SPELT), similarities)
        else:
            others = [other for other in (*statement.names, *statement.question_names) if other != name]
            free = tokens.chosen(~_spelling(others, sentence, tokens))
            similarities = np.where(inside, best_cosines(statement.tokens, free), similarities)
    weights = statement.tokens.weights
    # What the title says does not tell the sentences of its article apart: what is asked beyond that does.
    asked = weights * (1 - statement.subject) ** 2
    in_light = np.maximum(similarities, statement.subject)
    in_context = np.max([in_light, *(best_cosines(statement.tokens, other) for other in context)], axis=0)
    return Score(
        novel=_mean(similarities, weights, novel),
        weakest_word=min(
            (_mean(similarities, weights, word) for word in _words_not_before(statement, sentence, before)), default=1.0
        ),
        question=_mean(similarities, asked, statement.in_question),
        question_words=_by_word(in_light, statement),
        question_words_in_context=_by_word(in_context, statement),
        names={name: _shown_of_name(similarities, weights, inside) for name, inside in statement.names.items()},
    )


def _words_not_before(statement: Statement, sentence: str, before: str | None) -> Sequence[NDArray[np.intp]]:
    """Return the longer new words of a statement; without a question those that neither sentence nor `before` has."""
    if before is None:
        return statement.novel_words
    text = f"{statement.question} {statement.claim}"
    forms_before = {form for word in _WORD.findall(fold(f"{before}\n{sentence}")) for form in bare_forms(word)}
    offsets = statement.tokens.offsets
    return [word for word in statement.novel_words if _word_at(text, offsets[word[-1]].tolist()) not in forms_before]


def _spelling(names: Sequence[str], sentence: str, tokens: Tokens) -> NDArray[np.bool_]:
    """Return which tokens of a sentence spell one of `names`, and so can stand for no other name.

    Without this, an invented "Karakalpazov" finds its pieces in the word for "Kyrgyz".
    """
    taken = np.zeros(len(tokens.offsets), dtype=bool)
    for word in _WORD.finditer(sentence):
        if any(is_named(name, word[0]) for name in names):
            taken |= (tokens.offsets[:, 0] < word.end()) & (tokens.offsets[:, 1] > word.start())
    return taken


def _shown_of_name(similarities: Vector, weights: Vector, inside: NDArray[np.bool_]) -> float:
    """Return how much of a name is shown, 0 where only its pieces are: those of invented names resemble any name's."""
    shown = _mean(similarities, weights, inside)
    return shown if np.count_nonzero(inside) == 1 or shown >= _TRANSLATED else 0.0


def _by_word(similarities: Vector, statement: Statement) -> Vector:
    """Return the mean similarity of each word of the question, for the half of them that say most."""
    weights, words = statement.tokens.weights, statement.question_words
    totals = np.array([weights[word].mean() for word in words], np.float32)
    means = np.array([_mean(similarities, weights, word) for word in words], np.float32)
    heavy: Vector = means[totals >= np.median(totals)] if len(totals) else means
    return heavy


def _mean(similarities: Vector, weights: Vector, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> float:
    """Return the weighted mean similarity of the chosen tokens, 0 where none is chosen."""
    counted = weights[chosen] + _SMALLEST
    return float(similarities[chosen] @ counted / counted.sum()) if len(counted) else 0.0


def _longer_novel_words(
    text: str, tokens: Tokens, in_question: NDArray[np.bool_], novel: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], ...]:
    familiar = best_cosines(tokens, tokens.chosen(in_question))
    return tuple(
        word
        for word in _words(text, tokens, novel)
        if _is_long(text, tokens, word) and _mean(familiar, tokens.weights, word) < _FAMILIAR
    )


def _is_long(text: str, tokens: Tokens, word: NDArray[np.intp]) -> bool:
    """Return whether a word has so many letters, and no digit: numbers are compared as facts."""
    written = text[tokens.offsets[word[0], 0] : tokens.offsets[word[-1], 1]].strip()
    return len(written) >= _SHORTEST_WORD and not any(map(str.isdigit, written)) and any(map(str.isalpha, written))


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
