"""`Questions`: questions that are being answered, whether or not anybody reads along."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from itertools import count
from typing import Any, TypeVar

from assistant.errors import AssistantError, ConversationError, Message, message_of
from assistant.web.locales.messages import for_visitors

Event = dict[str, Any]

STOPPING = Message("The server is stopping: ask again when it is back.")
WRONG = Message("Something went wrong in the server, and its log says what: try again.")

UNATTENDED_SECONDS = 300.0
ALIVE_SECONDS = 2.0
GRACE_SECONDS = 2.0
MOST_OF_A_VISITOR = 4
MOST_UNATTENDED = 16
_STOPPED: Event = {"type": "stopped"}

_Result = TypeVar("_Result")

log = logging.getLogger(__name__)


class StillAnsweringError(AssistantError):
    """A conversation is asked while its question before is being answered."""


class TooManyOwnError(AssistantError):
    """A visitor asks while many questions of theirs have no answer yet."""


class Asked:
    """A question that is being answered: past events can be read again, further ones are waited for.

    Attributes:
        conversation: The id of the conversation it belongs to.
        question: As it was asked.
        replaces: The turn that gives way to it, if any.
        is_ended: Whether its last event has come.
        seen: When a reader left or its visitor asked after it, by the loop's clock.
    """

    def __init__(self, conversation: str, question: str, replaces: int | None = None) -> None:
        self.conversation = conversation
        self.question = question
        self.replaces = replaces
        self.is_ended = False
        self.seen = 0.0
        self._readers = 0
        self._answering: asyncio.Task[None] | None = None
        self._last: Event | None = None
        self._events: list[Event] = []
        self._news = asyncio.Event()

    async def run(self, events: AsyncIterator[Event]) -> None:
        """Answer, until that is done, stopped, or nobody wants it any more."""
        self.keep()
        self._answering = asyncio.create_task(produce(events, self._take))
        if self._last is not None:
            self._answering.cancel()
        while not self._answering.done():
            await asyncio.wait([self._answering], timeout=self._patience())
            if self._patience() == 0:
                self.stop()
        self.is_ended = True
        if self._last is not None and not self._has_answer:
            self._events.append(self._last)
        self._tell()

    async def follow(self) -> AsyncGenerator[Event]:
        """Give all events, from the first. Who stops reading leaves the answer to be made all the same.

        Where nothing happens for `ALIVE_SECONDS`, that is said (`{"type": "alive"}`): Gradio lets go of a generator
        whose visitor has left only when it gives something.
        """
        self._readers += 1
        try:
            for position in count():
                while position == len(self._events):
                    if self.is_ended:
                        return
                    try:
                        async with asyncio.timeout(ALIVE_SECONDS):
                            await self._news.wait()
                    except TimeoutError:
                        yield {"type": "alive"}
                yield self._events[position]
        finally:
            self._readers -= 1
            self.keep()

    @property
    def is_unattended(self) -> bool:
        """Whether it is being answered and nobody reads along."""
        return not self.is_ended and self._last is None and not self._readers

    def keep(self) -> None:
        """Go on without a reader: the visitor is elsewhere on the page, and has asked how far this is."""
        self.seen = asyncio.get_running_loop().time()

    def stop(self, last: Event = _STOPPED) -> None:
        """Stop the answer, and with it the chat model.

        Readers get `last` when it has ended, unless it was being kept already: then they get to know that it is there.
        """
        if self._last is None:
            self._last = last
            if self._answering is not None:
                self._answering.cancel()

    async def wait_until_ended(self) -> None:
        """Wait until the question has ended, with or without an answer."""
        while not self.is_ended:
            await self._news.wait()

    @property
    def _has_answer(self) -> bool:
        return bool(self._events) and self._events[-1]["type"] == "finished"

    def _patience(self) -> float | None:
        """Return how many seconds to look for a reader; None where it is being stopped."""
        if self._last is not None:
            return None
        if self._readers:
            return UNATTENDED_SECONDS
        return max(0.0, self.seen + UNATTENDED_SECONDS - asyncio.get_running_loop().time())

    def _take(self, event: Event | None) -> None:
        if event is not None and (self._last is None or event["type"] == "finished"):
            self._events.append(event)
            self._tell()

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()


class Questions:
    """The questions being answered, one of a conversation at a time. For one event loop.

    A question goes on when its visitor reloads the page or turns to another conversation. It ends by itself, when it is
    stopped, or when nobody has read along or asked after it for `UNATTENDED_SECONDS`: no model should write for a
    visitor who has gone. Only what was left counts as unattended: from the moment it begins, whoever asked reads along.
    """

    def __init__(self) -> None:
        self._asked: dict[tuple[str, str], Asked] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, visitor: str, asked: Asked, events: AsyncIterator[Event]) -> AsyncGenerator[Event]:
        """Begin to answer a visitor's question as the first event is waited for; give what happens.

        Closing this, or cancelling whoever waits for it, leaves the answer to be made: `find` it again and `follow` it,
        or `stop_one`.

        Args:
            visitor: Whose question it is.
            asked: The question.
            events: Makes the answer.

        Raises:
            StillAnsweringError: the conversation's question before has no answer yet.
            TooManyOwnError: `MOST_OF_A_VISITOR` of the visitor's have none.
        """
        self._begin(visitor, asked, events)
        # Nothing else runs between these two steps, so that there is a reader before readers are counted.
        async with aclosing(asked.follow()) as happening:
            async for event in happening:
                yield event

    @property
    def are_any(self) -> bool:
        """Whether any question is being answered."""
        return bool(self._asked)

    def of(self, visitor: str) -> list[Asked]:
        """Return a visitor's questions that are being answered, latest first."""
        return [asked for (whose, _), asked in reversed(self._asked.items()) if whose == visitor]

    def find(self, visitor: str, conversation: str) -> Asked | None:
        """Return the question that a conversation waits for."""
        return self._asked.get((visitor, conversation))

    async def stop_one(self, visitor: str, conversation: str) -> bool:
        """Stop what a conversation waits for, and wait until it has stopped; return whether there was anything."""
        asked = self.find(visitor, conversation)
        if asked is None:
            return False
        asked.stop()
        await asked.wait_until_ended()
        return True

    def stop(self) -> None:
        """Stop all answers, because the server stops. May be called from a signal handler of the loop's thread."""
        for asked in self._asked.values():
            asked.stop(error_event(STOPPING))

    async def finish(self) -> None:
        """Wait until nothing is being answered, but no longer than `GRACE_SECONDS`."""
        self.stop()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE_SECONDS)

    def _begin(self, visitor: str, asked: Asked, events: AsyncIterator[Event]) -> None:
        key = (visitor, asked.conversation)
        if key in self._asked:
            raise StillAnsweringError(
                "This conversation waits for an answer already, in another tab perhaps: wait for it, or stop it."
            )
        if len(self.of(visitor)) >= MOST_OF_A_VISITOR:
            raise TooManyOwnError(
                "{count} of your questions are being answered already: wait for one, or stop it.",
                count=MOST_OF_A_VISITOR,
            )
        self._stop_longest_unattended()
        self._asked[key] = asked
        task = asyncio.create_task(self._run(key, asked, events))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, key: tuple[str, str], asked: Asked, events: AsyncIterator[Event]) -> None:
        try:
            await asked.run(events)
        finally:
            del self._asked[key]

    def _stop_longest_unattended(self) -> None:
        """Make room where many are answered without a reader: visitors who read along should not wait for them."""
        unattended = sorted(
            (asked for asked in self._asked.values() if asked.is_unattended), key=lambda asked: asked.seen
        )
        for asked in unattended[: max(0, len(unattended) - MOST_UNATTENDED + 1)]:
            asked.stop()


async def produce(events: AsyncIterator[Event], put: Callable[[Event | None], None]) -> None:
    """Put each event, then None. An error becomes the last event, in words where the visitor can act on it."""
    try:
        async for event in events:
            put(event)
    except AssistantError as error:
        if type(error) is ConversationError:
            # The disk is the owner's to free; changes of the library tell them by themselves.
            log.warning("An answer could not be kept: %s", error)
        put(error_event(message_of(error)))
    except asyncio.CancelledError:
        # Nobody reads this where the visitor has left.
        put(error_event(STOPPING))
        raise
    except Exception:
        # The last place where a fault of ours can be told: the visitor would wait for an end that never comes.
        log.exception("An answer failed.")
        put(error_event(WRONG))
    finally:
        put(None)


def error_event(message: Message) -> Event:
    """Return the event that says what went wrong, without the server's folders."""
    return {"type": "error", "message": for_visitors(message)}


async def finish_uncancelled(work: Awaitable[_Result]) -> _Result:
    """Return the result of work that is finished even if waiting for it is cancelled, because threads go on anyway."""
    task = asyncio.ensure_future(work)
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([task])
    return task.result()
