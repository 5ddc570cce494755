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
    """How much support is enough, as mean cosine of late interaction.

    Attributes:
        news: For the words of a claim that are not in the question.
        name: For a name that is in the evidence in translation only.
    """

    news: float
    name: float


# Chosen on 150 XQuAD questions (seed 7) with `benchmarks/grounding.py`: true answers in the gold sentence pass 19 times
# of 20; see docs/evaluation.md for what else passes.
SAME_LANGUAGE = Thresholds(news=0.62, name=0.6)
ACROSS_LANGUAGES = Thresholds(news=0.37, name=0.4)
# How much less of the question than the best sentence shows a supporting sentence may show.
QUESTION_GAP = 0.1


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
    window: int
    span: Span
    evidence: Evidence
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class _Statement:
    """A claim with the question it answers: which of its tokens are the question's, and which are news."""

    text: str
    language: str
    tokens: Tokens
    asked: NDArray[np.bool_]
    news: NDArray[np.bool_]


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
        listed = [(index, window, span) for index, window in enumerate(windows) for span in window.sentences]
        texts = [span.of(window.hit.article.text) for _, window, span in listed]
        languages = [window.hit.article.language for _, window, _ in listed]
        encoded = self._meaning.encode(texts, languages)
        return [
            _Sentence(index, span, Evidence(text, window.hit.article.language, window.hit.article.published), tokens)
            for (index, window, span), text, tokens in zip(listed, texts, encoded, strict=True)
        ]

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
        return _Statement(text, spoken, tokens, asked, news if news.any() else ~asked)

    def _support(
        self, statement: _Statement, claim: Claim, question: str, sentences: Sequence[_Sentence]
    ) -> Support | None:
        alignments = [align(statement.tokens, sentence.tokens) for sentence in sentences]
        asked = [weighted_mean(one, statement.tokens.weights, statement.asked) or 0.0 for one in alignments]
        news = [weighted_mean(one, statement.tokens.weights, statement.news) or 0.0 for one in alignments]
        enough = max(asked, default=0.0) - QUESTION_GAP
        ranked = sorted(
            (index for index in range(len(sentences)) if asked[index] >= enough),
            key=lambda index: (sentences[index].window + 1 in claim.numbers, asked[index] + news[index]),
            reverse=True,
        )
        for index in ranked:
            sentence = sentences[index]
            same = sentence.evidence.language == statement.language
            limits = SAME_LANGUAGE if same else ACROSS_LANGUAGES
            if news[index] >= limits.news and self._states(
                statement, claim, question, sentence, alignments[index], limits.name
            ):
                return Support(sentence.window, sentence.span, max(0.0, min(1.0, news[index])))
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


def _word_at(text: str, offset: Sequence[int]) -> str:
    """Return the folded word that a token is part of."""
    start, end = offset
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return bare_forms(fold(text[start:end].strip()))[-1]
