"""`Streams`: answers that are sent line by line, and ended with a word where the server stops."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi.responses import StreamingResponse

from assistant.errors import AssistantError

Event = dict[str, Any]


class Streams:
    """Sends events as JSON, one a line, as they come. For one event loop.

    What produces the events runs in a task of its own, which is cancelled when the visitor leaves or the server stops;
    that is what stops a chat model.
    """

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def respond(self, events: AsyncIterator[Event]) -> StreamingResponse:
        """Return the response. An error that the visitor can act on becomes its last event."""
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._lines(events), media_type="application/x-ndjson", headers=headers)

    def stop(self) -> None:
        """End all streams. May be called from a signal handler of the loop's thread."""
        for task in tuple(self._running):
            task.cancel()

    async def _lines(self, events: AsyncIterator[Event]) -> AsyncIterator[str]:
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        task = asyncio.create_task(_produce(events, queue))
        self._running.add(task)
        try:
            while (event := await queue.get()) is not None:
                yield _line(event)
        finally:
            task.cancel()
            self._running.discard(task)


async def _produce(events: AsyncIterator[Event], queue: "asyncio.Queue[Event | None]") -> None:
    try:
        async for event in events:
            queue.put_nowait(event)
    except AssistantError as error:
        queue.put_nowait({"type": "error", "message": str(error)})
    except asyncio.CancelledError:
        # Nobody reads this where the visitor has left.
        queue.put_nowait({"type": "error", "message": "The server is stopping: ask again when it is back."})
        raise
    finally:
        queue.put_nowait(None)


def _line(event: Event) -> str:
    return json.dumps(event, ensure_ascii=False) + "\n"
