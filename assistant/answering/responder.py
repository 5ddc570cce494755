"""`Responder`: from a question to a checked answer, at once or step by step."""

import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING

from assistant.answering.answer import Answer
from assistant.answering.checking import Checker
from assistant.answering.drafting import Draft
from assistant.answering.events import Event, Finished, Retrieved, Step, Token
from assistant.answering.execution import Answering, Execution
from assistant.answering.extractive import answer_extractively
from assistant.answering.grounding.entailment import load_verifier
from assistant.answering.parts import search_parts
from assistant.answering.relevance import is_relevant
from assistant.answering.rows import Rows
from assistant.answering.subjects import Subjects
from assistant.answering.turns.kinds import load_classifier
from assistant.answering.turns.replies import reply_to
from assistant.answering.versions import Versions
from assistant.chat_models.chat_model import ChatModel, Runs, own_chat_model
from assistant.chat_models.registry import load_chat_model
from assistant.errors import ModelError
from assistant.language.tags import primary_subtag
from assistant.retrieval.hit import SearchResult
from assistant.retrieval.retriever import Retriever
from assistant.settings import Settings
from assistant.store.passage_store import Filters

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


class Responder(Answering):
    """Answers questions: retrieves, lets the chat model write, and keeps only what the articles support.

    Where nothing relevant is found, or the model is known to answer worse than quotations do, it is not asked. Where it
    fails, or nothing of what it wrote holds, the answer is the extractive one, with a note that says so.

    Args:
        retriever: Finds the passages.
        settings: Names the chat model and the verifier.
        model: A chat model to use instead, LangChain's or the assistant's own kind.

    Raises:
        ModelError: the verifier cannot be loaded.
    """

    def __init__(
        self, retriever: Retriever, settings: Settings, model: "ChatModel | BaseChatModel | None" = None
    ) -> None:
        self.retriever = retriever
        self._settings = settings
        self._model = model if model is None or isinstance(model, ChatModel) else own_chat_model(model)
        self._is_loaded = model is not None
        self._loading = threading.Lock()
        subjects = Subjects(retriever)
        self._rows, self._versions = Rows(subjects), Versions(subjects)
        self._turns = load_classifier(retriever.encoder.name, retriever.encoder.dimension)
        self._checker = Checker(retriever, load_verifier(settings.verifier))

    @property
    def model(self) -> ChatModel | None:
        """The chat model that answers, or None where answers are extractive.

        Raises:
            ModelError: the settings name a model that is not there.
        """
        with self._loading:
            if not self._is_loaded:
                self._model = load_chat_model(self._settings.chat_model, self._settings)
                self._is_loaded = True
            return self._model

    @property
    def rewriting_model(self) -> ChatModel | None:
        """The chat model that may be asked to rewrite questions: a hosted one; a small one is no better than a rule."""
        return None if self.model is None or self.model.runs is Runs.HERE else self.model

    def reply(self, text: str, earlier: str | None = None) -> Answer | None:
        """Return the reply to a greeting, thanks and the like; `None` to what the articles are to answer.

        Args:
            text: What was said.
            earlier: BCP 47 code of the language spoken before, if any.
        """
        return reply_to(text, self._turns, self.retriever, earlier)

    async def events(
        self, execution: Execution, question: str, *, k: int | None, filters: Filters | None
    ) -> AsyncGenerator[Event]:
        """Make an answer (see `Answering`)."""
        reply = await execution.call(partial(self.reply, question))
        if reply is not None:
            yield Finished(reply)
            return
        search = partial(search_parts, partial(self.retriever.search, k=k, filters=filters), question)
        async with aclosing(self.answer(execution, partial(execution.call, search))) as events:
            async for event in events:
                yield event

    async def answer(self, execution: Execution, find: Callable[[], Awaitable[SearchResult]]) -> AsyncGenerator[Event]:
        """Answer from what is retrieved.

        Args:
            execution: How what is waited for is done.
            find: Retrieves. The answer is to the question of what it returns, and speaks its language.

        Yields:
            The steps, with `Retrieved` among them, and `Finished` at the end.

        Raises:
            ModelError: the settings name a chat model that is not there.
        """
        yield Step("search")
        result = await execution.call(partial(self._settle, await find()))
        yield Retrieved(result.hits)
        model = await execution.call(partial(self._model_for, result))
        if model is None:
            yield Finished(await execution.call(partial(answer_extractively, result)))
            return
        yield Step("write")
        draft = Draft(result, model, self._checker)
        try:
            async with aclosing(execution.write(model, draft.prompt)) as chunks:
                async for chunk in chunks:
                    if shown := draft.take(chunk):
                        yield Token(shown)
                    if draft.is_long_enough:
                        break
        except ModelError as error:
            yield Finished(draft.fail(error))
            return
        yield Step("check")
        yield Finished(await execution.call(draft.finish))

    def close(self) -> None:
        """Stop the chat model, if one runs. It starts again with the next question."""
        with self._loading:
            if self._model is not None:
                self._model.close()

    def _settle(self, result: SearchResult) -> SearchResult:
        """Return a search with the rows of tables that answer, and of old and new statements the newest first."""
        return self._versions.newest_first(self._rows.choose(result))

    def _model_for(self, result: SearchResult) -> ChatModel | None:
        """Return the chat model, or None where there is nothing for one to do."""
        # First of all: a model that is not there is told of at once, not at the first question that needs it.
        model = self.model
        return None if model is None or not is_relevant(result) or _is_better_quoted(result, model) else model


def _is_better_quoted(result: SearchResult, model: ChatModel) -> bool:
    """Return whether quoting was measured to answer better than the model, in the language of question and article."""
    return not result.crosses_languages and primary_subtag(result.language) in model.quotes_in
