"""`Responder`: from a question to a checked answer, at once or step by step."""

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from contextlib import aclosing, closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from assistant.answering.answer import Answer
from assistant.answering.checking import Checker
from assistant.answering.drafting import Draft
from assistant.answering.events import Event, Finished, Retrieved, Step, Token
from assistant.answering.extractive import answer_extractively
from assistant.answering.prompting import LARGE, SMALL
from assistant.answering.relevance import is_relevant
from assistant.chat_models.registry import AUTO, EXTRACTIVE, load_chat_model
from assistant.errors import ModelError
from assistant.retrieval.hit import SearchResult
from assistant.retrieval.retriever import Retriever
from assistant.settings import Settings
from assistant.store.passage_store import Filters

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage

# The registry's models raise `ModelError` alone; one that a Python user brings may time out or lose its server, and
# LangChain itself raises a `ValueError` where a model writes nothing at all.
MODEL_FAILURES = (ModelError, OSError, ValueError)


class Responder:
    """Answers questions: retrieves, lets the chat model write, and keeps only what the articles support.

    Where nothing relevant is found, or the model is known to answer worse than quotations do, it is not asked. Where it
    fails, or nothing of what it wrote holds, the answer is the extractive one, with a note that says so.

    Args:
        retriever: Finds the passages.
        settings: Names the chat model.
        model: A chat model to use instead.
    """

    def __init__(self, retriever: Retriever, settings: Settings, model: "BaseChatModel | None" = None) -> None:
        self._retriever = retriever
        self._settings = settings
        self._model = model
        self._loaded = model is not None
        self._loading = threading.Lock()
        self._checker = Checker(retriever.encoder)

    @property
    def model(self) -> "BaseChatModel | None":
        """The chat model that answers, or None where answers are extractive.

        Raises:
            ModelError: the settings name a model that is not there.
        """
        with self._loading:
            if not self._loaded:
                self._model = load_chat_model(self._settings.chat_model, self._settings)
                self._loaded = True
            return self._model

    @property
    def rewriting_model(self) -> "BaseChatModel | None":
        """The chat model that may be asked to rewrite questions: a hosted one; a small one is no better than a rule."""
        return None if self.model is None or _name(self.model).startswith("local") else self.model

    def ask(self, question: str, *, k: int | None = None, filters: Filters | None = None) -> Answer:
        """Answer a question.

        Args:
            question: In any language; the answer speaks it too.
            k: How many passages to retrieve; without it, the setting counts.
            filters: Which passages may be used.

        Raises:
            ModelError: the settings name a chat model that is not there.
        """
        return _last([event for event in self.stream(question, k=k, filters=filters) if isinstance(event, Finished)])

    def stream(
        self,
        question: str,
        *,
        k: int | None = None,
        filters: Filters | None = None,
        language: str = "",
        query: str = "",
        lead: int = 0,
    ) -> Iterator[Event]:
        """Answer a question step by step; the last event is `Finished`. Closing the iterator stops the model.

        Args:
            question: In any language.
            k: How many passages to retrieve; without it, the setting counts.
            filters: Which passages may be used.
            language: BCP 47 code of the language to answer in, where it is not to be told from the question.
            query: What to retrieve with, where the question alone does not say it.
            lead: How many characters at its beginning only say what it is about.
        """
        yield Step("search")
        result = replace(self.search(query or question, k, filters, language, lead=lead), question=question)
        yield Retrieved(result.hits)
        model = self._model_for(result)
        if model is None:
            yield Finished(answer_extractively(result))
            return
        yield Step("write")
        draft = self._draft(result, model)
        try:
            with closing(cast("Generator[AIMessage]", draft.chain.stream(draft.values))) as chunks:
                for chunk in chunks:
                    if shown := draft.take(chunk):
                        yield Token(shown)
                    if draft.is_long_enough:
                        break
        except MODEL_FAILURES as error:
            yield Finished(draft.fail(error))
            return
        yield Step("check")
        yield Finished(draft.finish())

    async def aask(self, question: str, *, k: int | None = None, filters: Filters | None = None) -> Answer:
        """Do what `ask` does without blocking the event loop."""
        events = self.astream(question, k=k, filters=filters)
        return _last([event async for event in events if isinstance(event, Finished)])

    async def astream(
        self,
        question: str,
        *,
        k: int | None = None,
        filters: Filters | None = None,
        language: str = "",
        query: str = "",
        lead: int = 0,
    ) -> AsyncIterator[Event]:
        """Do what `stream` does without blocking the event loop."""
        yield Step("search")
        found = await asyncio.to_thread(self.search, query or question, k, filters, language, lead=lead)
        result = replace(found, question=question)
        yield Retrieved(result.hits)
        model = await asyncio.to_thread(self._model_for, result)
        if model is None:
            yield Finished(answer_extractively(result))
            return
        yield Step("write")
        draft = await asyncio.to_thread(self._draft, result, model)
        try:
            async with aclosing(cast("AsyncGenerator[AIMessage]", draft.chain.astream(draft.values))) as chunks:
                async for chunk in chunks:
                    if shown := draft.take(chunk):
                        yield Token(shown)
                    if draft.is_long_enough:
                        break
        except MODEL_FAILURES as error:
            yield Finished(draft.fail(error))
            return
        yield Step("check")
        yield Finished(await asyncio.to_thread(draft.finish))

    def search(
        self,
        question: str,
        k: int | None = None,
        filters: Filters | None = None,
        language: str = "",
        *,
        lead: int = 0,
    ) -> SearchResult:
        """Return what a question retrieves.

        Args:
            question: In any language.
            k: How many passages; without it, the setting counts.
            filters: Which passages may be found.
            language: BCP 47 code of what the answer is to speak, if not the question's own language.
            lead: How many characters at the question's beginning only say what it is about.
        """
        result = self._retriever.search(question, k, filters, lead=lead)
        return replace(result, language=language) if language else result

    def close(self) -> None:
        """Stop the chat model, if one runs. It starts again with the next question."""
        with self._loading:
            stop: Any = getattr(self._model, "close", None)
            if stop is not None:
                stop()

    def _model_for(self, result: SearchResult) -> "BaseChatModel | None":
        """Return the chat model, or None where there is nothing for one to do."""
        # A model that was named and is not there is told of at once, not at the first question that needs it.
        named = self._settings.chat_model not in (AUTO, EXTRACTIVE)
        relevant = is_relevant(result)
        model = self.model if named or relevant else None
        return None if model is None or not relevant or _is_better_quoted(result, model) else model

    def _draft(self, result: SearchResult, model: "BaseChatModel") -> Draft:
        from assistant.answering.chain import answer_chain  # noqa: PLC0415 - LangChain, which extractive answers spare

        name = _name(model)
        size = SMALL if name.startswith("local") else LARGE
        return Draft(result, answer_chain(model, size), name, self._checker, size.budget)


def _is_better_quoted(result: SearchResult, model: "BaseChatModel") -> bool:
    """Return whether quoting was measured to answer better than the model, in the language of question and article."""
    language = result.language.partition("-")[0]
    return not result.crosses_languages and language in getattr(model, "quotes_in", ())


def _last(events: list[Finished]) -> Answer:
    return events[-1].answer


def _name(model: "BaseChatModel") -> str:
    return str(getattr(model, "label", model._llm_type))  # noqa: SLF001 - LangChain's own name for a model
