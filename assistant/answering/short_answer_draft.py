"""`ShortAnswerDraft`: a short answer of a chat model, checked when it is complete."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from assistant.answering.answer import Answer
from assistant.answering.checked_answer import MAX_WRITTEN, REFUSAL_PATTERN, CheckedAnswer, Stopwatch
from assistant.answering.checking import Checker
from assistant.answering.claims import Claim, split_claims
from assistant.answering.confidence import SURE, SURE_ACROSS_LANGUAGES, Confidence
from assistant.answering.execution import Prompt
from assistant.answering.extractive import answer_extractively, quote_after_failure, refuse
from assistant.answering.marks import Mark, MarkParser, parse_marks
from assistant.answering.phrases import Phrase, phrase
from assistant.answering.prompting import Window, answer_prompt, choose_windows, prompt_size
from assistant.answering.relevance import is_well_relevant
from assistant.chat_models.chat_model import ChatModel
from assistant.retrieval.hit import Hit, SearchResult

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage


class ShortAnswerDraft:
    """Collects what a chat model writes, chunk by chunk, and makes the checked answer from it.

    Args:
        result: What retrieval found.
        model: The chat model that writes.
        checker: Finds the support of each sentence.
    """

    def __init__(self, result: SearchResult, model: ChatModel, checker: Checker) -> None:
        self._result = result
        self._model = model.name
        self._checker = checker
        self._size = prompt_size(model)
        self._shown = self._size.shown(result.hits)
        self._windows = choose_windows(self._shown, self._size.budget)
        self._marks = MarkParser(len(self._windows))
        self._written = ""
        self._confidence = Confidence()
        self._watch = Stopwatch()

    @property
    def windows(self) -> Sequence[Window]:
        """What the model is shown, numbered from 1 in its prompt."""
        return self._windows

    @property
    def prompt(self) -> Prompt:
        """What the model is shown."""
        best = self._shown[0].sentence_text if self._shown else ""
        return answer_prompt(self._size, self._result.question, self._result.language, self._windows, best)

    @property
    def is_long_enough(self) -> bool:
        """Whether the model has written more than any answer needs, and is to be stopped."""
        return len(self._written) > MAX_WRITTEN

    def take(self, chunk: "AIMessage") -> str:
        """Take the next chunk; return the text that can be shown by now."""
        text = str(chunk.text)
        self._watch.take(text)
        self._written += text
        self._confidence.take(chunk.response_metadata)
        return "".join(map(str, self._marks.feed(text)))

    def fail(self, error: Exception) -> Answer:
        """Return the extractive answer, with a note that the chat model failed and why."""
        return quote_after_failure(self._result, error)

    def finish(self) -> Answer:
        """Check what was written, and return the supported sentences as an answer.

        If none is supported, the answer is extractive, with a note, if its relevance is high; otherwise, and if the
        model found no answer, it is a refusal.
        """
        self._watch.end()
        language = self._result.language
        if REFUSAL_PATTERN.match(self._written):
            return refuse(self._result, self._model)
        claims = split_claims(self._written, language, len(self._windows))
        if self._is_unsure:
            return self._quote_instead_of(claims, Phrase.QUOTED_UNSURE)
        pointed = _pointed_at(self._written, len(self._windows))
        if pointed and not claims:
            passage = self._windows[pointed - 1].passage
            return answer_extractively(
                _led_by(next(hit for hit in self._shown if hit.passage == passage), self._result)
            )
        supports = self._checker.check(claims, self._result.question, language, self._windows)
        kept = [support for support in supports if support is not None]
        if not kept:
            return self._quote_instead_of(claims, Phrase.QUOTED_UNSUPPORTED)
        whole = sum(support.text == claim.text for claim, support in zip(claims, supports, strict=True) if support)
        checked = CheckedAnswer(language)
        for support in kept:
            checked.add([support], self._windows)
        return checked.answer(self._result, self._model, len(claims) - whole, self._watch.timings)

    @property
    def _is_unsure(self) -> bool:
        return self._confidence.is_below(SURE_ACROSS_LANGUAGES if self._result.crosses_languages else SURE)

    def _quote_instead_of(self, claims: Sequence[Claim], reason: Phrase) -> Answer:
        # A model without a supported answer is a sign that the articles have none.
        if not is_well_relevant(self._result):
            return replace(refuse(self._result, self._model), left_out=len(claims))
        quoted = answer_extractively(self._result, notes=(phrase(reason, self._result.language),))
        return replace(quoted, left_out=len(claims))


def _pointed_at(written: str, highest: int) -> int | None:
    """Return the first number that a text cites."""
    return next((piece.numbers[0] for piece in parse_marks(written, highest) if isinstance(piece, Mark)), None)


def _led_by(hit: Hit, result: SearchResult) -> SearchResult:
    """Return a search with this hit first: a model that writes only a mark has pointed to the answer."""
    return replace(result, hits=(hit, *(other for other in result.hits if other is not hit)))
