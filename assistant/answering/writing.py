"""`Writer`: lets a chat model write an answer, from the hits or from what it searches for by itself."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial

from assistant.answering.agent_tools import STREAMED, AgentTools, can_call_tools
from assistant.answering.answer import Citation
from assistant.answering.checking import Checker
from assistant.answering.events import Event, Finished, Step, Token
from assistant.answering.execution import Execution
from assistant.answering.library import Library
from assistant.answering.long_answer_draft import LongAnswerDraft
from assistant.answering.phrases import Phrase, phrase
from assistant.answering.short_answer_draft import ShortAnswerDraft
from assistant.answering.turns.kinds import ONE_SENTENCE, TurnKind
from assistant.chat_models.chat_model import ChatModel
from assistant.errors import ModelError
from assistant.retrieval.hit import SearchResult
from assistant.retrieval.retriever import Retriever
from assistant.store.passage_store import Filters


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be written.

    Attributes:
        kind: An explanation has several sentences.
        already_cited: Sentences that were cited before.
        filters: Which articles may be used.
    """

    kind: TurnKind
    already_cited: tuple[Citation, ...] = ()
    filters: Filters | None = None


class Writer:
    """Lets a chat model write answers, and keeps only what the articles support.

    Args:
        retriever: Searches and holds the articles.
        checker: Finds the support of each sentence.
        library: Lists articles.
        tool_calls: How many tools a model may call for one question; 0 for none.
    """

    def __init__(self, retriever: Retriever, checker: Checker, library: Library, tool_calls: int) -> None:
        self._retriever = retriever
        self._checker = checker
        self._library = library
        self._tool_calls = tool_calls
        # Names of chat models that turned out to call no tools.
        self._without_tools: set[str] = set()

    async def write(
        self, execution: Execution, result: SearchResult, model: ChatModel, task: Task
    ) -> AsyncGenerator[Event]:
        """Answer a search.

        Args:
            execution: Runs what is waited for.
            result: What retrieval found.
            model: The chat model that writes.
            task: What is to be written.

        Yields:
            Steps, text, and `Finished` at the end.
        """
        looks_further = self._tool_calls > 0 and model.name not in self._without_tools
        is_able = looks_further and await execution.call(partial(can_call_tools, model))
        making = (self._write_with_tools if is_able else self._write)(execution, result, model, task)
        async with aclosing(making) as events:
            async for event in events:
                yield event

    async def _write(
        self, execution: Execution, result: SearchResult, model: ChatModel, task: Task
    ) -> AsyncGenerator[Event]:
        yield Step("write")
        draft = self._draft(result, model, task)
        try:
            async with aclosing(execution.write(model, draft.prompt)) as chunks:
                async for chunk in chunks:
                    if shown := await execution.call(partial(draft.take, chunk)):
                        yield Token(shown)
                    if draft.is_long_enough:
                        break
        except ModelError as error:
            yield Finished(draft.fail(error))
            return
        yield Step("check")
        yield Finished(await execution.call(draft.finish))

    async def _write_with_tools(
        self, execution: Execution, result: SearchResult, model: ChatModel, task: Task
    ) -> AsyncGenerator[Event]:
        yield Step("write")
        draft = self._draft(result, model, task)
        tools = AgentTools(self._retriever, self._library, task.filters, draft.windows)
        (_, instructions), request = draft.prompt
        make = tools.agent(instructions, self._tool_calls)
        has_begun = False
        try:
            async with aclosing(execution.run(model, make, {"messages": [request]}, STREAMED)) as pieces:
                async for mode, piece in pieces:
                    has_begun = has_begun or mode == "messages"
                    if mode == "updates":
                        for step in tools.steps(piece):
                            yield step
                            # What it wrote before a tool call is not the answer.
                            draft = LongAnswerDraft(
                                result, model, self._checker, task.kind, task.already_cited, tools.windows
                            )
                    elif (chunk := tools.written(piece)) and (
                        shown := await execution.call(partial(draft.take, chunk))
                    ):
                        yield Token(shown)
                    if draft.is_long_enough:
                        break
        except ModelError as error:
            if has_begun:
                yield Finished(draft.fail(error))
                return
            # Perhaps it fails only with tools.
            async with aclosing(self._write(execution, result, model, task)) as events:
                async for event in events:
                    yield self._with_note_of_one_search(event, model)
            return
        yield Step("check")
        yield Finished(await execution.call(draft.finish))

    def _with_note_of_one_search(self, event: Event, model: ChatModel) -> Event:
        if not isinstance(event, Finished) or event.answer.model != model.name:
            return event
        self._without_tools.add(model.name)
        note = phrase(Phrase.SEARCHED_ONCE, event.answer.language)
        return Finished(replace(event.answer, notes=(*event.answer.notes, note)))

    def _draft(self, result: SearchResult, model: ChatModel, task: Task) -> ShortAnswerDraft | LongAnswerDraft:
        if task.kind in ONE_SENTENCE:
            return ShortAnswerDraft(result, model, self._checker)
        return LongAnswerDraft(result, model, self._checker, task.kind, task.already_cited)
