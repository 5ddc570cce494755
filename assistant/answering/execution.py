"""Answers are made by coroutines that are written once, and run either synchronously or on an event loop.

`AtOnce` does all work synchronously, so that a coroutine never pauses and needs no event loop: it runs where it is
called, in any thread, also inside a running loop, without overhead.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Generator, Iterator, Mapping
from contextlib import aclosing, closing
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from assistant import observability
from assistant.answering.events import Event, Finished
from assistant.answering.observing import observed

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage
    from langchain_core.runnables import Runnable

    from assistant.answering.answer import Answer
    from assistant.chat_models.chat_model import ChatModel
    from assistant.store.passage_store import Filters

Prompt = list[tuple[str, str]]
"""The messages for a chat model, each a role ("system" or "human") and a text."""

Make = Callable[["BaseChatModel"], "Runnable[Any, Any]"]
"""Makes something that can be run from a chat model: an agent, or the model itself."""

_Result = TypeVar("_Result")


class Execution(Protocol):
    """How the work that a coroutine waits for is run."""

    async def call(self, function: Callable[[], _Result]) -> _Result:
        """Run a function that computes for long, and return its result."""
        ...

    def run(self, model: "ChatModel", make: "Make", given: Any, options: Mapping[str, Any]) -> AsyncGenerator[Any]:
        """Yield what a chat model, or an agent made from it, streams. Closing the generator stops the model.

        Args:
            model: The chat model.
            make: Makes what is run from LangChain's model: an agent, or the model itself.
            given: The input.
            options: What else LangChain's `stream` takes.

        Raises:
            ModelError: the model cannot be had, or failed.
        """
        ...

    def write(self, model: "ChatModel", prompt: Prompt) -> "AsyncGenerator[AIMessage]":
        """Yield what a chat model writes, chunk by chunk; as `run`."""
        return self.run(model, lambda connected: connected, prompt, {})


class AtOnce(Execution):
    """Does all work synchronously, in the calling thread."""

    async def call(self, function: Callable[[], _Result]) -> _Result:
        """Call the function."""
        return function()

    async def run(
        self, model: "ChatModel", make: "Make", given: Any, options: Mapping[str, Any]
    ) -> AsyncGenerator[Any]:
        """Yield the pieces as they come."""
        with model.explained():
            running = make(model.connect()).stream(given, **_counted(model), **options)
            with closing(cast("Generator[Any]", running)) as pieces:
                for piece in pieces:
                    yield piece


class OnLoop(Execution):
    """Keeps the event loop free: computes in other threads, and reads chat models asynchronously."""

    async def call(self, function: Callable[[], _Result]) -> _Result:
        """Call the function in another thread."""
        return await asyncio.to_thread(function)

    async def run(
        self, model: "ChatModel", make: "Make", given: Any, options: Mapping[str, Any]
    ) -> AsyncGenerator[Any]:
        """Yield the pieces as they come. Cancelling the task that reads them stops the model."""
        with model.explained():
            connected = await asyncio.to_thread(model.connect)
            running = make(connected).astream(given, **_counted(model), **options)
            async with aclosing(cast("AsyncGenerator[Any]", running)) as pieces:
                async for piece in pieces:
                    yield piece


def _counted(model: "ChatModel") -> dict[str, Any]:
    """Return the option with which LangChain counts tokens, if observability is on."""
    if not observability.is_on():
        return {}
    from assistant.chat_models.usage import TokenCounter  # noqa: PLC0415 - LangChain, where a model is called anyway

    return {"config": {"callbacks": [TokenCounter(model.name)]}}


def at_once(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Run a coroutine that never pauses, and return its result."""
    try:
        work.send(None)
    except StopIteration as done:
        result: _Result = done.value
        return result
    raise RuntimeError("A coroutine paused that runs at once.")


def each_at_once(events: AsyncGenerator[_Result]) -> Iterator[_Result]:
    """Run an asynchronous generator that never pauses. Closing this one closes it."""
    try:
        while True:
            try:
                events.__anext__().send(None)
            except StopIteration as produced:
                event: _Result = produced.value
            except StopAsyncIteration:
                return
            yield event
    finally:
        at_once(events.aclose())


class QuestionAnswerer(ABC):
    """Answers questions at once or step by step, from synchronous and asynchronous code."""

    @abstractmethod
    def events(
        self, execution: Execution, question: str, *, k: int | None, filters: "Filters | None"
    ) -> AsyncGenerator[Event]:
        """Make an answer. All waiting is left to `execution`; the last event is `Finished`."""

    def ask(self, question: str, *, k: int | None = None, filters: "Filters | None" = None) -> "Answer":
        """Answer a question from the articles, with checked citations, or say that they do not answer it.

        Args:
            question: In any language; the answer speaks it too.
            k: How many passages to retrieve; without it, the setting counts.
            filters: Which passages may be used.

        Raises:
            ModelError: the settings name a chat model that is not there.
            StoreError: there is no store, or it cannot be read.
        """
        *_, last = each_at_once(observed(self.events(AtOnce(), question, k=k, filters=filters)))
        return cast("Finished", last).answer

    def stream(self, question: str, *, k: int | None = None, filters: "Filters | None" = None) -> Iterator[Event]:
        """Answer step by step; the last event, `Finished`, carries the checked answer. Closing it stops the model."""
        return each_at_once(observed(self.events(AtOnce(), question, k=k, filters=filters)))

    async def aask(self, question: str, *, k: int | None = None, filters: "Filters | None" = None) -> "Answer":
        """Do what `ask` does without blocking the event loop."""
        *_, last = [event async for event in self.astream(question, k=k, filters=filters)]
        return cast("Finished", last).answer

    def astream(self, question: str, *, k: int | None = None, filters: "Filters | None" = None) -> AsyncIterator[Event]:
        """Do what `stream` does without blocking the event loop. Cancelling the task that reads it stops the model."""
        return observed(self.events(OnLoop(), question, k=k, filters=filters))
