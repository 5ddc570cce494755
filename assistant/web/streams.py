"""`Streams`: answers that are sent line by line, and ended with a word where the server stops."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi.responses import StreamingResponse

from assistant.errors import AssistantError, ConversationError
from assistant.text.controls import printable
from assistant.text.paths import without_paths
from assistant.web.locales.messages import translate

Event = dict[str, Any]

STOPPING = "The server is stopping: ask again when it is back."
_WRONG = "Something went wrong in the server, and its log says what: try again."
_LONGEST = 1000

log = logging.getLogger(__name__)


class Streams:
    """Sends events as JSON, one a line, as they come. For one event loop.

    What produces the events runs in a task of its own, which is cancelled when the visitor leaves or the server stops.
    """

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def respond(self, events: AsyncIterator[Event], locale: str) -> StreamingResponse:
        """Return the response. An error becomes its last event, in the visitor's language (see `produce`)."""
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._lines(events, locale), media_type="application/x-ndjson", headers=headers)

    def stop(self) -> None:
        """End all streams. May be called from a signal handler of the loop's thread."""
        for task in tuple(self._running):
            task.cancel()

    async def _lines(self, events: AsyncIterator[Event], locale: str) -> AsyncIterator[bytes]:
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()

        def put(event: Event | None) -> None:
            queue.put_nowait(None if event is None else _line(event, locale))

        task = asyncio.create_task(produce(events, put))
        self._running.add(task)
        try:
            while (line := await queue.get()) is not None:
                yield line
        finally:
            task.cancel()
            self._running.discard(task)


async def produce(events: AsyncIterator[Event], put: Callable[[Event | None], None]) -> None:
    """Put each event, then None. An error becomes the last event, in words where the visitor can act on it."""
    try:
        async for event in events:
            put(event)
    except AssistantError as error:
        if type(error) is ConversationError:
            # The disk is the owner's to free; changes of the library tell them by themselves.
            log.warning("An answer could not be kept: %s", error)
        put(error_event(str(error)))
    except asyncio.CancelledError:
        # Nobody reads this where the visitor has left.
        put(error_event(STOPPING))
        raise
    except Exception:
        # The last place where a fault of ours can be told: the visitor would wait for an end that never comes.
        log.exception("An answer failed.")
        put(error_event(_WRONG))
    finally:
        put(None)


def error_event(message: str) -> Event:
    """Return the event that says what went wrong, without the server's folders."""
    return {"type": "error", "message": printable(without_paths(message), _LONGEST)}


def _line(event: Event, locale: str) -> bytes:
    if event["type"] == "error":
        event = {**event, "message": translate(event["message"], locale)}
    return json.dumps(event, ensure_ascii=False).encode() + b"\n"
