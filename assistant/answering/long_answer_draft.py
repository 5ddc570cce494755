"""`LongAnswerDraft`: several sentences of a chat model on one question: an explanation, a list, a comparison."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from assistant.answering.answer import Answer, Citation
from assistant.answering.checked_answer import (
    REFUSAL_PATTERN,
    CheckedAnswer,
    Stopwatch,
    StreamingChecker,
    is_too_little,
)
from assistant.answering.checking import Checker
from assistant.answering.claims import Claim, parts_between_commas
from assistant.answering.execution import Prompt
from assistant.answering.explanations import explain
from assistant.answering.extractive import refuse
from assistant.answering.phrases import Phrase, failure_note, phrase
from assistant.answering.prompting import Window, answer_prompt, choose_windows, prompt_size
from assistant.answering.turns.kinds import BY_ARTICLE, TurnKind
from assistant.chat_models.chat_model import ChatModel
from assistant.retrieval.hit import SearchResult

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage

_FORMS = {
    TurnKind.LIST: "with a line for each thing that is asked for, beginning with “- ”",
    TurnKind.COMPARISON: "with one sentence for each of the things that are compared",
}
_EXPLANATION = "with two to five short sentences of one fact each"


class LongAnswerDraft:
    """Collects what a chat model writes, and makes an answer from the supported sentences.

    Each sentence is checked when it is complete, and only then shown. If too few are supported, or none answers the
    question, the articles are quoted instead.

    Args:
        result: What retrieval found.
        model: The chat model that writes.
        checker: Finds the support of each sentence.
        kind: What is wanted.
        already_cited: Sentences that were cited before.
        windows: What the model is shown, if it searches by itself: the list may grow. Then each sentence must be
            supported, but need not answer the question by itself.
    """

    def __init__(
        self,
        result: SearchResult,
        model: ChatModel,
        checker: Checker,
        kind: TurnKind,
        already_cited: Sequence[Citation] = (),
        windows: Sequence[Window] | None = None,
    ) -> None:
        self._result = result
        self._model = model.name
        self._checker = checker
        self._by_article = kind in BY_ARTICLE
        self._already_cited = already_cited
        self._form = _FORMS.get(kind, _EXPLANATION)
        size = prompt_size(model)
        self._size = replace(size, instructions=size.explaining, request="explain")
        self._looks_further = windows is not None
        self._windows = (
            choose_windows(size.shown(result.hits), size.budget, by_article=self._by_article)
            if windows is None
            else windows
        )
        self._checked = CheckedAnswer(result.language)
        cited_places = {(citation.article.id, citation.start) for citation in already_cited}
        self._streaming_checker = StreamingChecker(
            self._checked, checker, result.language, self._windows, cited_places=cited_places
        )
        self._watch = Stopwatch()

    @property
    def windows(self) -> Sequence[Window]:
        """What the model is shown, numbered from 1 in its prompt."""
        return self._windows

    @property
    def prompt(self) -> Prompt:
        """What the model is shown."""
        return answer_prompt(self._size, self._result.question, self._result.language, self._windows, form=self._form)

    @property
    def is_long_enough(self) -> bool:
        """Whether the model has written more than any answer needs, or repeats itself, and is to be stopped."""
        return self._streaming_checker.is_long_enough

    def take(self, chunk: "AIMessage") -> str:
        """Take the next chunk; return the supported ones of the sentences that are complete by now."""
        text = str(chunk.text)
        self._watch.take(text)
        return self._streaming_checker.take(text, chunk.response_metadata)

    def fail(self, error: Exception) -> Answer:
        """Return an answer of quotations, with a note why the chat model failed."""
        return self._quote(failure_note(Phrase.QUOTED_AFTER_FAILURE, self._result.language, error))

    def finish(self) -> Answer:
        """Return the supported sentences as an answer, or quotations with a note why."""
        self._watch.end()
        checked = self._checked
        if REFUSAL_PATTERN.match(self._streaming_checker.written):
            return refuse(self._result, self._model)
        self._streaming_checker.end()
        if is_too_little(checked) or not (self._looks_further or self._answers()):
            unsupported = phrase(Phrase.QUOTED_UNSUPPORTED, self._result.language)
            return replace(self._quote(unsupported), left_out=checked.left_out)
        return checked.answer(self._result, self._model, checked.left_out, self._watch.timings)

    def _answers(self) -> bool:
        """Return whether one of the sentences answers nearly as well as the best sentence that the model was shown."""
        parts = [
            part
            for sentence in self._checked.sentences
            for part in dict.fromkeys((sentence, *parts_between_commas(sentence)))
        ]
        claims = (Claim(part, ()) for part in parts)
        question, language = self._result.question, self._result.language
        return any(self._checker.check([claim], question, language, self._windows)[0] for claim in claims)

    def _quote(self, note: str) -> Answer:
        quoted = explain(self._result, by_article=self._by_article, already_cited=self._already_cited)
        return replace(quoted, notes=(*quoted.notes, note))
