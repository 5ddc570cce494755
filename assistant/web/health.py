"""`Health`: whether the store can be read and written, for whoever watches the server."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from assistant.assistant import Assistant
from assistant.errors import AssistantError

_PATIENCE_SECONDS = 2.0
_KEPT_SECONDS = 1.0
"""Anybody may ask, and as often as they like."""


class Health:
    """Answers `GET /health`.

    The body is `{"status": "ok", "store": …}` for as long as the process lives. The store is `"ok"`, `"read-only"`
    where nothing can be added (no space, no permission), `"unreadable"`, or `"busy"` where it does not answer in time.

    Args:
        assistant: Its store is looked at.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        # Of its own: the threads that answer questions may all be busy.
        self._thread = ThreadPoolExecutor(1, "health")
        self._looking: asyncio.Future[str] | None = None
        self._looked = 0.0

    async def answer(self, request: Request) -> Response:
        """Answer a request."""
        del request
        is_old = time.monotonic() - self._looked > _KEPT_SECONDS
        if self._looking is None or (self._looking.done() and is_old):
            self._looking = asyncio.get_running_loop().run_in_executor(self._thread, self._look)
        try:
            store = await asyncio.wait_for(asyncio.shield(self._looking), _PATIENCE_SECONDS)
        except TimeoutError:
            store = "busy"
        return JSONResponse({"status": "ok", "store": store})

    def _look(self) -> str:
        try:
            return "ok" if self._assistant.is_writable() else "read-only"
        except AssistantError:
            return "unreadable"
        finally:
            self._looked = time.monotonic()
