"""What a request may bring: how long its body is, how large its numbers are, and from which site it comes."""

import asyncio
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.text.controls import printable

MAX_QUESTION = 2000
MAX_K = 100
MAX_BODY_BYTES = 64 * 1024
_MOST_REASONS = 10
# Beginnings of the paths that another site may not send requests to in the name of a visitor.
GUARDED = ("/page/", "/gradio_api/", "/config", "/mcp")

# SQLite's largest integer: a larger one cannot be looked up.
MAX_ROW = 2**63 - 1


class LimitBody:
    """ASGI middleware that refuses a body over a limit before anything reads or parses it.

    Args:
        app: The app.
        limit: The most bytes.
        without: Paths that keep a limit of their own.
    """

    def __init__(self, app: ASGIApp, limit: int = MAX_BODY_BYTES, without: tuple[str, ...] = ()) -> None:
        self._app = app
        self._limit = limit
        self._without = without

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its body, or refuse it."""
        if scope["type"] != "http" or path_of(scope) in self._without:
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        body = b""
        is_whole = False
        while not is_whole and int(declared) <= self._limit and len(body) <= self._limit:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            is_whole = not message.get("more_body", False)
        if not is_whole or len(body) > self._limit:
            refusal = PlainTextResponse(f"The request is larger than {self._limit} bytes.", 413)
            await refusal(scope, receive, send)
            return
        read: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return read.pop() if read else await receive()

        await self._app(scope, again, send)


class OnlyThisSite:
    """ASGI middleware that refuses requests, and questions whether they are allowed, that another site's page sends.

    Args:
        app: The app.
        beginnings: Beginnings of the paths that are for the page alone.
    """

    def __init__(self, app: ASGIApp, beginnings: tuple[str, ...]) -> None:
        self._app = app
        self._beginnings = beginnings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        is_guarded = scope["type"] == "http" and path_of(scope).startswith(self._beginnings)
        if is_guarded and _is_foreign(Headers(scope=scope)):
            await PlainTextResponse("This request comes from another site.", 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)


class EndStreams:
    """ASGI middleware that lets what is still being sent when the server stops end as if it had come to its end.

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


def path_of(scope: Scope) -> str:
    """Return the path of a request below the one that a proxy publishes the server under."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


async def explain_malformed(request: Request, error: Exception) -> Response:
    """Say what is wrong with a request without repeating what it brought, which may be long or not be text."""
    del request
    reasons = error.errors()[:_MOST_REASONS] if isinstance(error, RequestValidationError) else []
    return JSONResponse(
        {
            "detail": [
                {"type": reason["type"], "loc": [printable(part) for part in reason["loc"]], "msg": reason["msg"]}
                for reason in reasons
            ]
        },
        422,
    )


def _is_foreign(headers: Headers) -> bool:
    origin = headers.get("origin")
    # Browsers know best, also behind a proxy that gives another host; they say it wherever the connection is safe.
    site = headers.get("sec-fetch-site")
    if origin is None:
        # A link from another site may be followed; its scripts and pictures may not be what is here.
        return site in ("cross-site", "same-site") and headers.get("sec-fetch-mode") != "navigate"
    if site:
        return site != "same-origin"
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        return True
    return not host or host not in (headers.get("host"), headers.get("x-forwarded-host"))
