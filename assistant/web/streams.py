"""`Streams`: answers that are sent line by line, and ended with a word where the server stops."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

from fastapi.responses import StreamingResponse

from assistant.articles.display import printable
from assistant.errors import AssistantError

Event = dict[str, Any]

_LONGEST = 1000

log = logging.getLogger(__name__)


class Streams:
    """Sends events as JSON, one a line, as they come. For one event loop.

    What produces the events runs in a task of its own, which is cancelled when the visitor leaves or the server stops;
    that is what stops a chat model.
    """

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def respond(self, events: AsyncIterator[Event]) -> StreamingResponse:
        """Return the response. An error becomes its last event, in words where the visitor can act on it."""
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._lines(events), media_type="application/x-ndjson", headers=headers)

    def stop(self) -> None:
        """End all streams. May be called from a signal handler of the loop's thread."""
        for task in tuple(self._running):
            task.cancel()

    async def _lines(self, events: AsyncIterator[Event]) -> AsyncIterator[bytes]:
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        task = asyncio.create_task(_produce(events, queue))
        self._running.add(task)
        try:
            while (line := await queue.get()) is not None:
                yield line
        finally:
            task.cancel()
            self._running.discard(task)


async def _produce(events: AsyncIterator[Event], queue: "asyncio.Queue[bytes | None]") -> None:
    try:
        async for event in events:
            queue.put_nowait(_line(event))
    except AssistantError as error:
        queue.put_nowait(_error(str(error)))
    except asyncio.CancelledError:
        # Nobody reads this where the visitor has left.
        queue.put_nowait(_error("The server is stopping: ask again when it is back."))
        raise
    except Exception:
        # The last place where a fault of ours can be told: the visitor would wait for an end that never comes.
        log.exception("An answer failed.")
        queue.put_nowait(_error("Something went wrong in the server, and its log says what: try again."))
    finally:
        queue.put_nowait(None)


def _error(message: str) -> bytes:
    return _line({"type": "error", "message": printable(message, _LONGEST)})


def _line(event: Event) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode() + b"\n"
