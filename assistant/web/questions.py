"""`Questions`: questions that are being answered, whether or not anybody reads along."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from itertools import count
from typing import TypeVar

from assistant.errors import AssistantError
from assistant.web.streams import STOPPING, Event, error_event, produce

UNATTENDED_SECONDS = 300.0
GRACE_SECONDS = 2.0
MOST_OF_A_VISITOR = 4
MOST_UNATTENDED = 16

_Result = TypeVar("_Result")


class StillAnsweringError(AssistantError):
    """A conversation is asked while its question before is being answered."""


class TooManyOwnError(AssistantError):
    """A visitor asks while many questions of theirs have no answer yet."""


class Asked:
    """A question on its way to an answer: what has happened by now can be read again, what comes is waited for.

    Attributes:
        conversation: The id of the conversation it belongs to.
        question: As it was asked.
        replaces: The turn that gives way to it, if any.
        is_ended: Whether its last event has come.
        seen: When somebody began or ceased to read along, or asked after it, by the loop's clock.
    """

    def __init__(self, conversation: str, question: str, replaces: int | None = None) -> None:
        self.conversation = conversation
        self.question = question
        self.replaces = replaces
        self.is_ended = False
        self.seen = 0.0
        self._forget: Callable[[], None] = lambda: None
        self._task: asyncio.Task[None] | None = None
        self._last: Event | None = None
        self._events: list[Event] = []
        self._news = asyncio.Event()
        self._readers = 0
        self._abandoning: asyncio.TimerHandle | None = None

    def begin(self, events: AsyncIterator[Event], forget: Callable[[], None]) -> asyncio.Task[None]:
        """Answer in a task of its own; `forget` is called when nobody will want to read this any more."""
        self._forget = forget
        self._task = asyncio.create_task(produce(events, self._take))
        # One that is stopped before its first step says nothing itself.
        self._task.add_done_callback(lambda _: self._take(None))
        self._attend(0)
        return self._task

    async def follow(self) -> AsyncIterator[Event]:
        """Give all events, from the first. Who stops reading leaves the answer to be made all the same."""
        self._attend(1)
        try:
            for position in count():
                while position == len(self._events):
                    if self.is_ended:
                        return
                    await self._news.wait()
                yield self._events[position]
        finally:
            self._attend(-1)

    @property
    def is_unattended(self) -> bool:
        """Whether it is being answered and nobody reads along."""
        return not self.is_ended and self._last is None and not self._readers

    def keep(self) -> None:
        """Go on without a reader: the visitor is elsewhere on the page, and has asked how far this is."""
        self._attend(0)

    def stop(self, last: Event) -> None:
        """Stop the answer, and with it the chat model.

        Readers get `last` when it has ended, unless it was being kept already: then they get to know that it is there.
        """
        if self.is_ended and not self._readers:
            self._leave()
        elif self._task is not None and self._last is None:
            self._last = last
            self._task.cancel()

    async def settle(self) -> None:
        """Wait until it is certain whether there is an answer."""
        if self._task is not None:
            await asyncio.wait([self._task])

    def _take(self, event: Event | None) -> None:
        if self.is_ended:
            return
        if event is None:
            self._end()
        elif self._last is None or event["type"] == "finished":
            self._events.append(event)
        news, self._news = self._news, asyncio.Event()
        news.set()

    def _end(self) -> None:
        self.is_ended = True
        has_answer = bool(self._events) and self._events[-1]["type"] == "finished"
        if self._last is not None and not has_answer:
            self._events.append(self._last)
        # An answer is kept with its conversation; a failure waits for a reader who comes back.
        if not self._readers and (has_answer or self._last is not None):
            self._leave()

    def _attend(self, readers: int) -> None:
        self._readers += readers
        self.seen = asyncio.get_running_loop().time()
        if self._abandoning is not None:
            self._abandoning.cancel()
            self._abandoning = None
        if self._readers:
            return
        if readers < 0 and self.is_ended:
            self._leave()
        else:
            self._abandoning = asyncio.get_running_loop().call_later(UNATTENDED_SECONDS, self._abandon)

    def _abandon(self) -> None:
        self.stop({"type": "stopped"})

    def _leave(self) -> None:
        if self._abandoning is not None:
            self._abandoning.cancel()
        self._forget()


class Questions:
    """The questions being answered, one of a conversation at a time. For one event loop.

    A question goes on when its visitor reloads the page or turns to another conversation. It ends by itself, when it is
    stopped, or when nobody has read along or asked after it for `UNATTENDED_SECONDS`: no model should write for a
    visitor who has gone.
    """

    def __init__(self) -> None:
        self._asked: dict[tuple[str, str], Asked] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, visitor: str, asked: Asked, events: AsyncIterator[Event]) -> None:
        """Begin to answer a visitor's question; `events` make the answer.

        Raises:
            StillAnsweringError: the conversation's question before has no answer yet.
            TooManyOwnError: `MOST_OF_A_VISITOR` of the visitor's have none.
        """
        key = (visitor, asked.conversation)
        other = self._asked.get(key)
        if other is not None and not other.is_ended:
            raise StillAnsweringError(
                "This conversation waits for an answer already, in another tab perhaps: wait for it, or stop it."
            )
        if sum(not one.is_ended for one in self.of(visitor)) >= MOST_OF_A_VISITOR:
            raise TooManyOwnError(
                "{count} of your questions are being answered already: wait for one, or stop it.",
                count=MOST_OF_A_VISITOR,
            )
        self._stop_longest_unattended()
        self._asked[key] = asked

        def forget() -> None:
            if self._asked.get(key) is asked:
                del self._asked[key]

        task = asked.begin(events, forget)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def of(self, visitor: str) -> list[Asked]:
        """Return a visitor's questions, latest first: those being answered, and those whose failure nobody has read."""
        return [asked for (whose, _), asked in reversed(self._asked.items()) if whose == visitor]

    def find(self, visitor: str, conversation: str) -> Asked | None:
        """Return the question that a conversation waits for, or whose failure nobody has read yet."""
        return self._asked.get((visitor, conversation))

    async def stop_one(self, visitor: str, conversation: str) -> bool:
        """Stop what a conversation waits for, and wait until it has stopped; return whether there was anything."""
        asked = self.find(visitor, conversation)
        if asked is None:
            return False
        asked.stop({"type": "stopped"})
        await asked.settle()
        return True

    def _stop_longest_unattended(self) -> None:
        """Make room where many are answered without a reader: visitors who read along should not wait for them."""
        unattended = sorted((one for one in self._asked.values() if one.is_unattended), key=lambda one: one.seen)
        for one in unattended[: max(0, len(unattended) - MOST_UNATTENDED + 1)]:
            one.stop({"type": "stopped"})

    def stop(self) -> None:
        """Stop all answers, because the server stops. May be called from a signal handler of the loop's thread."""
        for asked in tuple(self._asked.values()):
            asked.stop(error_event(STOPPING))

    async def finish(self) -> None:
        """Wait until nothing is being answered, but no longer than `GRACE_SECONDS`."""
        self.stop()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE_SECONDS)


async def settled(work: Awaitable[_Result]) -> _Result:
    """Return what comes of work that is done to its end, also where waiting for it is cancelled: threads go on."""
    task = asyncio.ensure_future(work)
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([task])
    return task.result()
