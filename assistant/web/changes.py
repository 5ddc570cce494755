"""`Changes`: work on the library, one at a time, that tells how far it is."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from assistant.errors import AssistantError
from assistant.progress import Progress

Event = dict[str, Any]
_Result = TypeVar("_Result")

GRACE_SECONDS = 2.0

log = logging.getLogger(__name__)


class StoppingError(AssistantError):
    """The server stops before the work is done."""


class Changes:
    """Does one change of the library at a time, in a thread. For one event loop.

    A change goes on where the visitor who asked for it leaves. Where the server stops, it is interrupted between two
    articles or passages, as a command would be by Ctrl-C: what is done by then stays. What comes to no such place in
    time, because a site does not answer, is left to end with the process.
    """

    def __init__(self) -> None:
        self._one = asyncio.Lock()
        self._stopping = threading.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._told: set[asyncio.Queue[Event | None]] = set()

    async def run(self, work: Callable[[Progress], _Result]) -> AsyncIterator[Event | _Result]:
        """Do work; give its progress as it goes on, and its result last. Raises what the work raises."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[Event | None] = asyncio.Queue()

        def progress(stage: str, done: int, total: int) -> None:
            if self._stopping.is_set():
                raise _stopping_error()
            event = {"type": "progress", "stage": stage, "done": done, "total": total}
            loop.call_soon_threadsafe(queue.put_nowait, event)

        async def alone() -> _Result:
            async with self._one:
                if self._stopping.is_set():
                    raise _stopping_error()
                return await _in_daemon_thread(lambda: work(progress))

        if self._one.locked():
            yield {"type": "progress", "stage": "waiting", "done": 0, "total": 0}
        task = asyncio.create_task(alone())
        self._tasks.add(task)
        task.add_done_callback(self._done)
        task.add_done_callback(lambda _: queue.put_nowait(None))
        self._told.add(queue)
        try:
            while (event := await queue.get()) is not None:
                yield event
        finally:
            self._told.discard(queue)
        if not task.done():
            # What cannot be interrupted holds up nobody who waits for it.
            raise _stopping_error()
        yield await task

    def stop(self) -> None:
        """Interrupt what is going on. May be called from a signal handler."""
        self._stopping.set()
        for queue in tuple(self._told):
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
        if error is not None:
            # The visitor may have left; whoever runs the server should know.
            log.warning("A change of the library failed: %s", error)


async def _in_daemon_thread(work: Callable[[], _Result]) -> _Result:
    """Do work in a thread that, unlike those of `asyncio.to_thread`, the process does not wait for when it ends."""
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
