"""`Changes`: work on the library, one at a time, that tells how far it is."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from assistant.errors import AssistantError
from assistant.progress import Progress

Event = dict[str, Any]
_Result = TypeVar("_Result")

log = logging.getLogger(__name__)


class StoppingError(AssistantError):
    """The server stops before the work is done."""


class Changes:
    """Does one change of the library at a time, in a thread. For one event loop.

    A change goes on where the visitor who asked for it leaves. Where the server stops, it is interrupted between two
    articles or passages, as a command would be by Ctrl-C: what is done by then stays.
    """

    def __init__(self) -> None:
        self._one = asyncio.Lock()
        self._stopping = threading.Event()
        self._tasks: set[asyncio.Task[Any]] = set()

    async def run(self, work: Callable[[Progress], _Result]) -> AsyncIterator[Event | _Result]:
        """Do work; give its progress as it goes on, and its result last. Raises what the work raises."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[Event | None] = asyncio.Queue()

        def progress(stage: str, done: int, total: int) -> None:
            if self._stopping.is_set():
                raise StoppingError("The server is stopping: try again when it is back.")
            event = {"type": "progress", "stage": stage, "done": done, "total": total}
            loop.call_soon_threadsafe(queue.put_nowait, event)

        async def alone() -> _Result:
            async with self._one:
                return await asyncio.to_thread(work, progress)

        if self._one.locked():
            yield {"type": "progress", "stage": "waiting", "done": 0, "total": 0}
        task = asyncio.create_task(alone())
        self._tasks.add(task)
        task.add_done_callback(self._done)
        task.add_done_callback(lambda _: queue.put_nowait(None))
        while (event := await queue.get()) is not None:
            yield event
        yield await task

    def stop(self) -> None:
        """Interrupt what is going on. May be called from a signal handler."""
        self._stopping.set()

    async def finish(self) -> None:
        """Wait until nothing is going on."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            # The visitor may have left; whoever runs the server should know.
            log.warning("A change of the library failed: %s", error)
