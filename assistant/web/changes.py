"""`Changes`: changes of the library, one after another; they report progress and can be cancelled."""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from assistant.errors import AssistantError
from assistant.progress import Progress
from assistant.web.limiter import BusyError

Event = dict[str, Any]
_Result = TypeVar("_Result")

GRACE_SECONDS = 2.0
MOST_OF_ONE = 20
"""How many changes of one visitor may wait."""

_POLL_SECONDS = 0.2
_WAITING: Event = {"type": "progress", "stage": "waiting", "done": 0, "total": 0}

log = logging.getLogger(__name__)


class StoppingError(AssistantError):
    """The server stops before the work is done."""


class CancelledChangeError(AssistantError):
    """Whoever asked for a change has cancelled it."""


class WriteTurn:
    """The lock for changing the library: one thread holds it at a time, and threads get it in the order they came.

    Args:
        queue: The turns of the threads that wait, first the one that holds the lock; shared by all turns.
        tick: Called regularly while a thread waits; an exception from it ends the waiting.
    """

    def __init__(self, queue: "_WriteQueue", tick: Callable[[], object]) -> None:
        self._queue = queue
        self._tick = tick

    def __enter__(self) -> None:
        """Wait for it."""
        with self._queue.changed:
            self._queue.turns.append(self)
        try:
            while not self._queue.is_next(self):
                self._tick()
        except BaseException:
            self._release()
            raise

    def __exit__(self, *_: object) -> None:
        """Release it."""
        self._release()

    def _release(self) -> None:
        with self._queue.changed:
            self._queue.turns.remove(self)
            self._queue.changed.notify_all()


class _WriteQueue:
    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.turns: deque[WriteTurn] = deque()

    def is_next(self, turn: WriteTurn) -> bool:
        """Return whether a turn is the first; wait for that a short time."""
        with self.changed:
            return self.turns[0] is turn or self.changed.wait_for(lambda: self.turns[0] is turn, _POLL_SECONDS)


class Changes:
    """Runs changes of the library in threads, each of which waits for its turn to write. For one event loop.

    A visitor's changes are done one after another, and what one has read for long holds up nobody else. A change goes
    on where the visitor who asked for it leaves. Where it is cancelled or the server stops, it is interrupted between
    two articles or passages, or while an article is read, as a command would be by Ctrl-C: what is done by then stays.
    What comes to no such place in time, because a site does not answer, is left to end with the process.
    """

    def __init__(self) -> None:
        self._write_queue = _WriteQueue()
        self._stopping = threading.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._listeners: set[asyncio.Queue[Event | None]] = set()
        self._of_owner: dict[str, list[threading.Event]] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def run(self, work: Callable[[Progress], _Result], owner: str = "") -> AsyncIterator[Event | _Result]:
        """Run work in its turn; yield its progress, and its result last. Raises what the work raises.

        Args:
            work: The change.
            owner: Who asks for it, and may cancel it; empty for the server itself.
        """

        def in_turn(progress: Progress, turn: WriteTurn) -> _Result:
            with turn:
                return work(progress)

        async for event in self.run_with_write_turn(in_turn, owner):
            yield event

    async def run_with_write_turn(
        self, work: Callable[[Progress, WriteTurn], _Result], owner: str = ""
    ) -> AsyncIterator[Event | _Result]:
        """As `run`, but the work takes its turn by itself, when it begins to write.

        Raises:
            BusyError: too many changes of this owner wait already.
        """
        if owner and len(self._of_owner.get(owner, ())) >= MOST_OF_ONE:
            raise BusyError("Too many changes of yours are waiting: try again when some are done.")
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        cancelled = threading.Event()

        def progress(stage: str, done: int, total: int) -> None:
            self._check(cancelled)
            event = {"type": "progress", "stage": stage, "done": done, "total": total}
            loop.call_soon_threadsafe(queue.put_nowait, event)

        async def alone() -> _Result:
            lock = self._locks.setdefault(owner, asyncio.Lock()) if owner else asyncio.Lock()
            if lock.locked():
                queue.put_nowait(_WAITING)
            async with lock:
                self._check(cancelled)
                turn = WriteTurn(self._write_queue, lambda: progress("waiting", 0, 0))
                return await _in_daemon_thread(lambda: work(progress, turn))

        self._of_owner.setdefault(owner, []).append(cancelled)
        task = asyncio.create_task(alone())
        self._tasks.add(task)
        task.add_done_callback(self._done)
        task.add_done_callback(lambda _: self._forget(owner, cancelled))
        task.add_done_callback(lambda _: queue.put_nowait(None))
        self._listeners.add(queue)
        try:
            while (event := await queue.get()) is not None:
                yield event
        finally:
            self._listeners.discard(queue)
        if not task.done():
            # Nobody waits for work that cannot be interrupted.
            raise _stopping_error()
        yield await task

    def cancel(self, owner: str) -> None:
        """Cancel what an owner has asked for."""
        for cancelled in self._of_owner.get(owner, ()):
            cancelled.set()

    def is_busy(self, owner: str) -> bool:
        """Return whether something that an owner has asked for is going on or waits."""
        return owner in self._of_owner

    def _check(self, cancelled: threading.Event) -> None:
        if self._stopping.is_set():
            raise _stopping_error()
        if cancelled.is_set():
            raise CancelledChangeError("It was cancelled: what was added before stays.")

    def _forget(self, owner: str, cancelled: threading.Event) -> None:
        of_owner = self._of_owner[owner]
        of_owner.remove(cancelled)
        if not of_owner:
            del self._of_owner[owner]

    def stop(self) -> None:
        """Interrupt what is going on. May be called from a signal handler."""
        self._stopping.set()
        for queue in tuple(self._listeners):
            queue.put_nowait(None)

    async def finish(self) -> None:
        """Wait until nothing is going on, but no longer than `GRACE_SECONDS`."""
        if not self._tasks:
            return
        _, unfinished = await asyncio.wait(self._tasks, timeout=GRACE_SECONDS)
        if unfinished:
            log.warning("A change of the library was left unfinished: add those articles again.")

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, CancelledChangeError):
            # The visitor may have left; whoever runs the server should know.
            log.warning("A change of the library failed: %s", error)


async def _in_daemon_thread(work: Callable[[], _Result]) -> _Result:
    """Run work in a daemon thread: unlike with `asyncio.to_thread`, the process does not wait for it at its end."""
    outcome: Future[_Result] = Future()
    outcome.set_running_or_notify_cancel()

    def run() -> None:
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - raised where it is awaited
            outcome.set_exception(error)
        else:
            outcome.set_result(result)

    threading.Thread(target=run, name="change", daemon=True).start()
    return await asyncio.wrap_future(outcome)


def _stopping_error() -> StoppingError:
    return StoppingError("The server is stopping: try again when it is back.")
