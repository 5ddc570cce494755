"""`Checker`: which sentence of the articles, if any, supports each sentence of a written answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.answering.claims import Claim
from assistant.answering.grounding.facts import Evidence, FactKind, unsupported_facts
from assistant.answering.grounding.folding import bare_forms, fold
from assistant.answering.grounding.meaning import MeaningEncoder, Tokens, align, weighted_mean
from assistant.answering.grounding.names import is_named
from assistant.answering.prompting import Window
from assistant.embedding.encoder import Encoder, Vector
from assistant.passages.passage import Span

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How much support is enough, as cosines of late interaction.

    Attributes:
        news: At least this, on average, for the words of a claim that are not in the question.
        name: At least this for a name that the evidence has in translation only.
        asked_word_gap: How much less of any single word of the question, among those that say much, a supporting
            sentence may show than another sentence shown. The sentences just before it count too, because they say
            who "he" and what "it" is.
        news_gap: The same for the news, on average over its words, without the sentences before.
        asked_gap: The same for the question, on average over its words.
    """

    news: float
    name: float
    asked_word_gap: float
    news_gap: float = 0.08
    asked_gap: float = 0.06


# Chosen with `benchmarks/grounding.py`, which says what passes and what does not.
SAME_LANGUAGE = Thresholds(news=0.58, name=0.6, asked_word_gap=0.3)
ACROSS_LANGUAGES = Thresholds(news=0.42, name=0.5, asked_word_gap=0.25)
CONTEXT = 2
"""How many sentences before the supporting one may say who and what it speaks of."""


@dataclass(frozen=True, slots=True)
class Support:
    """The sentence that supports a claim.

    Attributes:
        window: Index of the window it stands in.
        sentence: Where it stands, as a span of the article's text.
        score: How well it supports the claim, between 0 and 1.
    """

    window: int
    sentence: Span
    score: float


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence that was shown, with the tokens of those just before it, shown or not."""

    window: int
    span: Span
    evidence: Evidence
    tokens: Tokens
    context: tuple[Tokens, ...]


@dataclass(frozen=True, slots=True)
class _Statement:
    """A claim behind the question it answers.

    Attributes:
        text: Both, as one text.
        language: BCP 47 code.
        tokens: Its tokens.
        asked: Which tokens are the question's.
        news: Which tokens the claim adds to it.
        words: The tokens of each word of the question.
    """

    text: str
    language: str
    tokens: Tokens
    asked: NDArray[np.bool_]
    news: NDArray[np.bool_]
    words: tuple[NDArray[np.intp], ...]


class Checker:
    """Checks claims against the sentences that a chat model was shown.

    A sentence supports a claim when it states every number, date and unit of it, names the same things, means what
    the claim adds to the question, and speaks of what is asked nearly as much as any sentence shown.

    Args:
        encoder: The embedding model, for comparing meaning across languages.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._meaning = MeaningEncoder(encoder)

    def check(
        self, claims: Sequence[Claim], question: str, language: str, windows: Sequence[Window]
    ) -> list[Support | None]:
        """Find the support of each claim: among the passages it cites, else (a repair) among the others.

        Args:
            claims: The sentences of the answer.
            question: What they answer.
            language: BCP 47 code of question and answer.
            windows: What the model was shown; `Claim.numbers` count them from 1.

        Returns:
            For each claim its support, or None where no sentence supports it.
        """
        sentences = self._sentences(windows)
        return [
            self._support(self._statement(claim, question, language, sentences), claim, question, sentences)
            for claim in claims
        ]

    def _sentences(self, windows: Sequence[Window]) -> list[_Sentence]:
        sentences: list[_Sentence] = []
        for index, window in enumerate(windows):
            article = window.hit.article
            earlier = [span for span in window.hit.passage.sentences if span.end <= window.sentences[0].start]
            spans = [*earlier[-CONTEXT:], *window.sentences]
            texts = [span.of(article.text) for span in spans]
            tokens = self._meaning.encode(texts, [article.language] * len(texts))
            for place in range(len(spans) - len(window.sentences), len(spans)):
                evidence = Evidence(texts[place], article.language, article.published)
                context = tuple(tokens[max(0, place - CONTEXT) : place])
                sentences.append(_Sentence(index, spans[place], evidence, tokens[place], context))
        return sentences

    def _statement(self, claim: Claim, question: str, language: str, sentences: Sequence[_Sentence]) -> _Statement:
        # A claim in an article's own words is in the article's language, whatever the question's.
        copied = [one.evidence.language for one in sentences if fold(claim.text).strip(" .") in fold(one.evidence.text)]
        spoken = copied[0] if copied else language
        text = f"{question} {claim.text}"
        tokens = self._meaning.encode([text], [spoken])[0]
        asked = tokens.offsets[:, 1] <= len(question)
        known = {form for word in _WORD.findall(fold(question)) for form in bare_forms(word)}
        news = ~asked & np.array(
            [_word_at(text, offset) not in known for offset in tokens.offsets.tolist()], dtype=bool
        )
        words = _question_words(text, tokens, asked)
        return _Statement(text, spoken, tokens, asked, news if news.any() else ~asked, words)

    def _support(
        self, statement: _Statement, claim: Claim, question: str, sentences: Sequence[_Sentence]
    ) -> Support | None:
        scores = [_score(statement, sentence) for sentence in sentences]
        if not scores:
            return None
        asked = max(score.asked for score in scores)
        news = max(score.news for score in scores)
        asked_words = np.max([score.asked_words for score in scores], axis=0)
        ranked = sorted(
            range(len(sentences)),
            key=lambda index: (sentences[index].window + 1 in claim.numbers, scores[index].asked + scores[index].news),
            reverse=True,
        )
        for index in ranked:
            sentence, score = sentences[index], scores[index]
            limits = SAME_LANGUAGE if sentence.evidence.language == statement.language else ACROSS_LANGUAGES
            lacking = np.max(asked_words - score.asked_words_in_context, initial=0.0)
            if (
                score.news >= max(limits.news, news - limits.news_gap)
                and score.asked >= asked - limits.asked_gap
                and lacking <= limits.asked_word_gap
                and self._states(statement, claim, question, sentence, score.similarities, limits.name)
            ):
                return Support(sentence.window, sentence.span, max(0.0, min(1.0, score.news)))
        return None

    @staticmethod
    def _states(
        statement: _Statement, claim: Claim, question: str, sentence: _Sentence, alignment: Vector, name_limit: float
    ) -> bool:
        for fact in unsupported_facts(claim.text, statement.language, sentence.evidence):
            if fact.kind is not FactKind.NAME:
                return False
            # The question names it, and retrieval found the passage for it: that is not the answer's claim.
            if is_named(fact.text, question):
                continue
            start = len(question) + 1 + claim.text.find(fact.text)
            inside = (statement.tokens.offsets[:, 0] >= start) & (
                statement.tokens.offsets[:, 1] <= start + len(fact.text)
            )
            closeness = weighted_mean(alignment, statement.tokens.weights, inside)
            if closeness is None or closeness < name_limit:
                return False
        return True


@dataclass(frozen=True, slots=True)
class _Score:
    """How much of a statement a sentence shows.

    Attributes:
        similarities: For each token, shape `(tokens,)`.
        news: On average over the news.
        asked: On average over the question.
        asked_words: For each word of the question that says much, shape `(words,)`.
        asked_words_in_context: The same with the sentences before.
    """

    similarities: Vector
    news: float
    asked: float
    asked_words: Vector
    asked_words_in_context: Vector


def _score(statement: _Statement, sentence: _Sentence) -> _Score:
    similarities = align(statement.tokens, sentence.tokens)
    weights = statement.tokens.weights
    in_context = np.max([similarities, *(align(statement.tokens, tokens) for tokens in sentence.context)], axis=0)
    return _Score(
        similarities=similarities,
        news=weighted_mean(similarities, weights, statement.news) or 0.0,
        asked=weighted_mean(similarities, weights, statement.asked) or 0.0,
        asked_words=_by_word(similarities, statement),
        asked_words_in_context=_by_word(in_context, statement),
    )


def _by_word(similarities: Vector, statement: _Statement) -> Vector:
    """Return the mean similarity of each word of the question, for the half of them that say most."""
    weights = statement.tokens.weights
    totals = np.array([weights[word].mean() for word in statement.words], np.float32)
    means = np.array([np.average(similarities[word], weights=weights[word] + 1e-6) for word in statement.words])
    heavy: Vector = means[totals >= np.median(totals)].astype(np.float32) if len(totals) else means.astype(np.float32)
    return heavy


def _question_words(text: str, tokens: Tokens, asked: NDArray[np.bool_]) -> tuple[NDArray[np.intp], ...]:
    """Return the tokens of each word of the question."""
    words: list[list[int]] = []
    end = -1
    for index in np.flatnonzero(asked).tolist():
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
