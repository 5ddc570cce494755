"""`Checker`: which sentence of the articles, if any, supports each sentence of a written answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.answering.claims import Claim, parts_between_commas, without_insertions
from assistant.answering.grounding.contradiction import NegationVerifier, Verifier
from assistant.answering.grounding.facts import Fact, FactKind, Premise, unsupported_facts
from assistant.answering.grounding.names import is_named
from assistant.answering.grounding.statement import Score, Statement, make_statement, score_statement
from assistant.answering.prompting import Window
from assistant.language.normalise import fold
from assistant.language.sentences import QUESTION_MARKS
from assistant.passages.passage import Span
from assistant.retrieval.late_interaction import Tokens
from assistant.retrieval.retriever import Retriever


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How much support is enough, as cosines of late interaction.

    Attributes:
        novel: At least this, on average, for the words of a claim that are not in the question.
        word: At least this for each of them of some length: "solar" for "nuclear" is one wrong word among many right.
        name: At least this for a name that the evidence has in translation only.
        question_word_gap: How much less of any single word of the question, among those that say much, a supporting
            sentence may show than another sentence shown. The sentences just before it count too, because they say
            who "he" and what "it" is.
        novel_gap: The same for the novel words, on average, without the sentences before.
        question_gap: The same for the question, on average over its words.
    """

    novel: float
    word: float
    name: float
    question_word_gap: float
    novel_gap: float = 0.08
    question_gap: float = 0.05


# Chosen with `benchmarks/grounding.py`, which says what passes and what does not.
SAME_LANGUAGE = Thresholds(novel=0.62, word=0.56, name=0.62, question_word_gap=0.28)
ACROSS_LANGUAGES = Thresholds(novel=0.46, word=0.4, name=0.52, question_word_gap=0.25)
CONTEXT = 2
"""How many sentences before the supporting one may say who and what it speaks of."""


@dataclass(frozen=True, slots=True)
class Support:
    """The sentence that supports a claim.

    Attributes:
        text: What it supports: the claim, or what holds of it.
        window: Index of the window it stands in.
        sentence: Where it stands, as a span of the article's text.
        score: How well it supports the claim, between 0 and 1.
    """

    text: str
    window: int
    sentence: Span
    score: float


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence that was shown, with its article's title and those just before it, shown or not."""

    window: int
    title: str
    span: Span
    evidence: Premise
    tokens: Tokens
    context: tuple[Tokens, ...]
    before: str


class Checker:
    """Checks claims against the sentences that a chat model was shown.

    A sentence supports a claim when it states every number, date and unit of it, names the same things, means what
    the claim adds to the question, denies no more and no less of it, and speaks of what is asked nearly as much as any
    sentence shown.

    Args:
        retriever: What found the passages; it knows their tokens, which tell meanings across languages.
        verifier: Says whether a sentence contradicts a claim; the rules for negation by default.
        gives_order: Says whether a sentence, in a language, gives an order to whoever answers: that supports nothing.
    """

    def __init__(
        self,
        retriever: Retriever,
        verifier: Verifier | None = None,
        gives_order: Callable[[str, str], bool] = lambda _text, _language: False,
    ) -> None:
        self._retriever = retriever
        self._gives_order = gives_order
        self._verifier = verifier or NegationVerifier()

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
            For each claim its support, or None where no sentence supports it. A claim that holds without something
            that commas set apart in it is supported without that.
        """
        sentences = self._sentences(windows)
        return [self._check(claim, question, language, sentences) for claim in claims]

    def check_without_question(
        self, claims: Sequence[Claim], language: str, windows: Sequence[Window]
    ) -> list[tuple[Support, ...]]:
        """Find the support of each sentence of a summary or an explanation: it need not answer, only hold.

        A sentence has to say all that a claim says, but for names: what the title or the sentences just before it name,
        it may call "she" or "the museum". Where none does, several of one article may, each all of one of the parts
        that commas set apart.

        Args:
            claims: Sentences that need not answer anything, such as those of a summary.
            language: BCP 47 code of the sentences.
            windows: What the model was shown; `Claim.numbers` count them from 1.

        Returns:
            For each claim its supports, all with the same text; none where it does not hold.
        """
        sentences = self._sentences(windows)
        return [self._check_without_question(claim, language, sentences, windows) for claim in claims]

    def _check_without_question(
        self, claim: Claim, language: str, sentences: Sequence[_Sentence], windows: Sequence[Window]
    ) -> tuple[Support, ...]:
        if whole := self._check_whole(claim, "", language, sentences):
            return (whole,)
        parts = parts_between_commas(claim.text)
        found = [self._check_whole(Claim(part, claim.numbers), "", language, sentences) for part in parts]
        supports = [support for support in found if support is not None]
        articles = {windows[support.window].article.id for support in supports}
        if len(supports) == len(parts) > 1 and len(articles) == 1:
            return tuple(replace(support, text=claim.text) for support in supports)
        shorter = self._check_shorter(claim, "", language, sentences)
        return (shorter,) if shorter else ()

    def _check(self, claim: Claim, question: str, language: str, sentences: Sequence[_Sentence]) -> Support | None:
        return self._check_whole(claim, question, language, sentences) or self._check_shorter(
            claim, question, language, sentences
        )

    def _check_whole(
        self, claim: Claim, question: str, language: str, sentences: Sequence[_Sentence]
    ) -> Support | None:
        if claim.text.endswith(QUESTION_MARKS):
            return None
        return self._support(self._statement(claim, question, language, sentences), claim, sentences)

    def _check_shorter(
        self, claim: Claim, question: str, language: str, sentences: Sequence[_Sentence]
    ) -> Support | None:
        forms = (Claim(text, claim.numbers) for text in without_insertions(claim.text))
        return next(filter(None, (self._check_whole(form, question, language, sentences) for form in forms)), None)

    def _sentences(self, windows: Sequence[Window]) -> list[_Sentence]:
        sentences: list[_Sentence] = []
        for index, window in enumerate(windows):
            article, passage = window.article, window.passage
            of_passage = self._retriever.passage_tokens(passage)
            before = [span for span in passage.sentences if span.end <= window.sentences[0].start][-CONTEXT:]
            spans = [*before, *window.sentences]
            tokens = [of_passage.within(span.start - passage.start, span.end - passage.start) for span in spans]
            for place in range(len(before), len(spans)):
                evidence = Premise(spans[place].of(article.text), article.language, article.published)
                context = tuple(tokens[max(0, place - CONTEXT) : place])
                texts_before = [
                    article.title,
                    *(span.of(article.text) for span in spans[max(0, place - CONTEXT) : place]),
                ]
                sentences.append(
                    _Sentence(
                        index, article.title, spans[place], evidence, tokens[place], context, "\n".join(texts_before)
                    )
                )
        return sentences

    def _statement(self, claim: Claim, question: str, language: str, sentences: Sequence[_Sentence]) -> Statement:
        # A claim in an article's own words is in the article's language, whatever the question's.
        copied = [
            sentence.evidence.language
            for sentence in sentences
            if fold(claim.text).strip(" .") in fold(sentence.evidence.text)
        ]
        return make_statement(self._retriever.statement_tokens, question, claim.text, copied[0] if copied else language)

    def _in_light_of(self, statement: Statement, title: str, language: str) -> Statement:
        return statement.in_light_of(title, self._retriever.statement_tokens(title, language)) if title else statement

    def _support(self, statement: Statement, claim: Claim, sentences: Sequence[_Sentence]) -> Support | None:
        # An answer that only repeats the question states nothing.
        if not statement.adds_words:
            return None
        if not sentences:
            return None
        lights = {title: self._in_light_of(statement, title, language) for title, language in _titles(sentences)}
        # Without a question, nothing but the text before says whom a sentence speaks of.
        named = [None if statement.question else sentence.before for sentence in sentences]
        scores = [
            score_statement(lights[sentence.title], sentence.evidence.text, sentence.tokens, sentence.context, before)
            for sentence, before in zip(sentences, named, strict=True)
        ]
        left = self._without_orders(sentences, scores)
        if not left:
            return None
        question = max(scores[index].question for index in left)
        novel = max(scores[index].novel for index in left)
        question_words = np.max([scores[index].question_words for index in left], axis=0)
        ranked = sorted(
            left,
            key=lambda index: (
                sentences[index].window + 1 in claim.numbers,
                scores[index].question + scores[index].novel,
            ),
            reverse=True,
        )
        for index in ranked:
            sentence, score = sentences[index], scores[index]
            limits = SAME_LANGUAGE if sentence.evidence.language == statement.language else ACROSS_LANGUAGES
            missing = question_words - score.question_words_in_context
            if (
                score.novel >= max(limits.novel, novel - limits.novel_gap)
                and score.weakest_word >= limits.word
                and score.question >= question - limits.question_gap
                and np.max(missing, initial=0.0) <= limits.question_word_gap
                and _states_facts(lights[sentence.title], score, sentence, limits.name, named[index])
                and not self._verifier.contradicts(statement, sentence.evidence, sentence.tokens)
                and not self._orders(sentence)
            ):
                return Support(claim.text, sentence.window, sentence.span, max(0.0, min(1.0, score.novel)))
        return None

    def _without_orders(self, sentences: Sequence[_Sentence], scores: Sequence[Score]) -> list[int]:
        """Return the sentences without orders that say more of a claim or its question than all others.

        An order that repeats the question would set a measure by which no sentence supports anything. To look at all
        would take too long.
        """
        left = list(range(len(sentences)))
        while left:
            most = {max(left, key=lambda at: scores[at].question), max(left, key=lambda at: scores[at].novel)}
            orders = {at for at in most if self._orders(sentences[at])}
            if not orders:
                break
            left = [at for at in left if at not in orders]
        return left

    def _orders(self, sentence: _Sentence) -> bool:
        return self._gives_order(sentence.evidence.text, sentence.evidence.language)


def _titles(sentences: Sequence[_Sentence]) -> set[tuple[str, str]]:
    return {(sentence.title, sentence.evidence.language) for sentence in sentences}


def _states_facts(
    statement: Statement, score: Score, sentence: _Sentence, name_limit: float, before: str | None
) -> bool:
    missing = unsupported_facts(statement.claim, statement.language, sentence.evidence)
    of_subject = _facts_of_subject(statement, sentence) if missing else set()
    for fact in missing:
        if fact.kind is FactKind.NAME:
            # A name that the question gives is not the answer's claim: retrieval found the passage for it.
            is_asked = fact.text in statement.subject_names or is_named(fact.text, statement.question)
            is_asked = is_asked or (before is not None and is_named(fact.text, before))
            if not is_asked and score.names.get(fact.text, 0.0) < name_limit:
                return False
        elif fact not in of_subject:
            return False
    return True


def _facts_of_subject(statement: Statement, sentence: _Sentence) -> set[Fact]:
    """Return the facts of a claim that question and title both state, such as the number of a metro line."""
    claim, language = statement.claim, statement.language
    by_question = Premise(statement.question, language)
    by_title = Premise(sentence.title, sentence.evidence.language, sentence.evidence.published)
    unshared = {*unsupported_facts(claim, language, by_question), *unsupported_facts(claim, language, by_title)}
    shared = set(unsupported_facts(claim, language, sentence.evidence)) - unshared
    # Said once more than in the question, it is the answer: "line 7 is 7 km long".
    folded = fold(claim), fold(statement.question)
    return {fact for fact in shared if folded[0].count(fold(fact.text)) <= max(1, folded[1].count(fold(fact.text)))}
