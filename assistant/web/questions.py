"""`Questions`: questions that are being answered, whether or not anybody reads along."""

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import count

from assistant.errors import AssistantError
from assistant.web.streams import STOPPING, Event, error_event, produce

UNATTENDED_SECONDS = 300.0
GRACE_SECONDS = 2.0


class StillAnsweringError(AssistantError):
    """A conversation is asked while its question before is being answered."""


class Asked:
    """A question on its way to an answer: what has happened by now can be read again, what comes is waited for.

    Attributes:
        conversation: The id of the conversation it belongs to.
        question: As it was asked.
        replaces: The turn that gives way to it, if any.
        is_ended: Whether its last event has come.
    """

    def __init__(self, conversation: str, question: str, replaces: int | None = None) -> None:
        self.conversation = conversation
        self.question = question
        self.replaces = replaces
        self.is_ended = False
        self._forget: Callable[[], None] = lambda: None
        self._task: asyncio.Task[None] | None = None
        self._events: list[Event] = []
        self._news = asyncio.Event()
        self._readers = 0
        self._abandoning: asyncio.TimerHandle | None = None

    def begin(self, events: AsyncIterator[Event], forget: Callable[[], None]) -> asyncio.Task[None]:
        """Answer in a task of its own; `forget` is called when nobody will want to read this any more."""
        self._forget = forget
        self._task = asyncio.create_task(produce(events, self._take))
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

    def keep(self) -> None:
        """Go on without a reader: the visitor is elsewhere on the page, and has asked how far this is."""
        self._attend(0)

    def stop(self, last: Event) -> None:
        """Stop the answer, and with it the chat model; `last` is what readers get to know of it."""
        self._take(last)
        self._take(None)
        if self._task is not None:
            self._task.cancel()
        if not self._readers:
            self._leave()

    def _take(self, event: Event | None) -> None:
        if self.is_ended:
            return
        if event is None:
            self.is_ended = True
            # An answer is kept with its conversation; a failure waits for a reader who comes back.
            if not self._readers and self._events and self._events[-1]["type"] == "finished":
                self._leave()
        else:
            self._events.append(event)
        news, self._news = self._news, asyncio.Event()
        news.set()

    def _attend(self, readers: int) -> None:
        self._readers += readers
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
        """
        key = (visitor, asked.conversation)
        other = self._asked.get(key)
        if other is not None and not other.is_ended:
            raise StillAnsweringError(
                "This conversation waits for an answer already, in another tab perhaps: wait for it, or stop it."
            )
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

    def stop_one(self, visitor: str, conversation: str) -> None:
        """Stop what a conversation waits for, if anything."""
        if asked := self.find(visitor, conversation):
            asked.stop({"type": "stopped"})

    def stop(self) -> None:
        """Stop all answers, because the server stops. May be called from a signal handler of the loop's thread."""
        for asked in tuple(self._asked.values()):
            asked.stop(error_event(STOPPING))

    async def finish(self) -> None:
        """Wait until nothing is being answered, but no longer than `GRACE_SECONDS`."""
        self.stop()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE_SECONDS)
