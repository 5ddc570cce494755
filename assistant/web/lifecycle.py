"""`Lifecycle`: whether a server may be sent visitors, and how it ends without cutting off answers."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from enum import StrEnum
from typing import Any

from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.assistant import Assistant
from assistant.errors import AssistantError
from assistant.web.context import Context
from assistant.web.limits import path_of

STORE_CHECK_SECONDS = 2.0
"""The store counts as unavailable if it does not answer within this time."""

_TICK_SECONDS = 0.1
# Browsers keep this open for as long as a page is shown.
_KEPT_OPEN = "/gradio_api/heartbeat/"


class State(StrEnum):
    """Where a server is on its way.

    Attributes:
        STARTING: It opens its models and its store.
        READY: It answers.
        STOPPING: It ends what it is answering, and takes nothing new.
        UNAVAILABLE: It runs, but its store cannot be read.
    """

    STARTING = "starting"
    READY = "ready"
    STOPPING = "stopping"
    UNAVAILABLE = "unavailable"


class Lifecycle:
    """Where a server is on its way, for whoever balances visitors between several.

    Args:
        assistant: Holds the store.
        context: Knows what is being answered.
    """

    def __init__(self, assistant: Assistant, context: Context) -> None:
        self._assistant = assistant
        self._context = context
        self._is_warm = threading.Event()
        self._is_stopping = False
        # Of its own: all others may be busy, and a server is no less ready for that.
        self._looking = ThreadPoolExecutor(1, thread_name_prefix="ready")
        self._look: asyncio.Future[bool] | None = None
        self.requests: set[int] = set()

    def warmed(self) -> None:
        """Note that models and store have been opened, as far as they can be."""
        self._is_warm.set()

    async def state(self) -> State:
        """Return where the server is."""
        if self._is_stopping:
            return State.STOPPING
        if not self._is_warm.is_set():
            return State.STARTING
        if self._look is None or self._look.done():
            self._look = asyncio.get_running_loop().run_in_executor(self._looking, self._is_readable)
        # A database that does not answer is asked once, not by a thread for each question whether it is there.
        done, _ = await asyncio.wait([self._look], timeout=STORE_CHECK_SECONDS)
        return State.READY if done and self._look.result() else State.UNAVAILABLE

    async def ready(self) -> JSONResponse:
        """Answer `/ready`: 200 where visitors may come, 503 where they are to be sent elsewhere."""
        state = await self.state()
        return JSONResponse({"status": state}, 200 if state is State.READY else 503)

    async def drain(self, seconds: float) -> None:
        """Wait until nothing is being answered or sent, but no longer than that; `/ready` says so from now on."""
        self._is_stopping = True
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while loop.time() < end and (self.requests or self._context.questions.are_any):  # noqa: ASYNC110 - once, at the end
            await asyncio.sleep(_TICK_SECONDS)

    def _is_readable(self) -> bool:
        try:
            return self._assistant.generation >= 0
        except AssistantError:
            return False


class CountRequests:
    """ASGI middleware that knows which requests are being answered, but for those that a page keeps open.

    Args:
        app: The app.
        requests: Where they are noted.
    """

    def __init__(self, app: ASGIApp, requests: set[int]) -> None:
        self._app = app
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or path_of(scope).startswith(_KEPT_OPEN):
            await self._app(scope, receive, send)
            return
        self._requests.add(id(scope))
        try:
            await self._app(scope, receive, send)
        finally:
            self._requests.discard(id(scope))


class EndStreams:
    """ASGI middleware that ends open streams cleanly when the server stops.

    Args:
        app: The app.
        running: What is being answered; whoever stops the server cancels it.
    """

    def __init__(self, app: ASGIApp, running: set[asyncio.Task[Any]]) -> None:
        self._app = app
        self._running = running

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        task = asyncio.current_task()
        if scope["type"] != "http" or task is None:
            await self._app(scope, receive, send)
            return
        self._running.add(task)
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            with suppress(RuntimeError):  # where nothing had been sent
                await send({"type": "http.response.body", "body": b""})
        finally:
            self._running.discard(task)
