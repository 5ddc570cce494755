"""`Starting`: an app that answers at once, and is another one as soon as that has been loaded."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from html import escape
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from assistant.web.locales import LOCALES, words
from assistant.web.locales.choice import LOCALE_COOKIE, choose_locale

if TYPE_CHECKING:
    from fastapi import FastAPI

WAIT_SECONDS = 60.0
"""So long is a request held until the app is there; then its sender is asked to come again."""

_RETRY_SECONDS = 2
_PAGE = (
    '<!doctype html><html lang="{locale}" dir="{direction}"><meta charset="utf-8"><meta name="color-scheme" '
    'content="light dark"><meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="1">'
    '<title>{title}</title><p role="status">{starting}</p></html>'
)
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "retry-after": str(_RETRY_SECONDS),
    "x-content-type-options": "nosniff",
}

_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Starting:
    """The ASGI app of a server that listens before its app has been imported and built.

    Until then `/health` and `/ready` say that it starts, a browser that opens the page is shown a line of text that
    asks again by itself, and whatever else is asked waits. Then all goes to the app, over the same connections.

    Args:
        load: Makes the app, in a thread. What it raises ends the server, and is kept as `failure`.
        ready: Called when the app answers.
        end: Called when it could not be loaded.

    Attributes:
        app: The app, once it answers.
        failure: Why it could not be loaded.
    """

    def __init__(self, load: Callable[[], "FastAPI"], ready: Callable[[], None], end: Callable[[], None]) -> None:
        self._load = load
        self._ready = ready
        self._end = end
        self._is_over = asyncio.Event()
        self._is_stopping = asyncio.Event()
        self.app: FastAPI | None = None
        self.failure: BaseException | None = None

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """Answer a request, or let the app answer it."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self.app is not None:
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await send({"type": "websocket.close"})

    def stop(self) -> None:
        """Hold requests no more, because the server stops."""
        self._is_over.set()

    async def _live(self, receive: _Receive, send: _Send) -> None:
        """Load the app from when the server starts to listen, and let it live until the server stops."""
        await receive()
        living = asyncio.create_task(self._run())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._is_stopping.set()
        if self.app is not None:
            await living
        await send({"type": "lifespan.shutdown.complete"})

    async def _run(self) -> None:
        """Load the app, and enter and leave its own lifespan, in one task as that may ask for."""
        try:
            app = await _in_thread(self._load)
            async with app.router.lifespan_context(app):
                self.app = app
                self._is_over.set()
                self._ready()
                await self._is_stopping.wait()
        except Exception as error:  # noqa: BLE001 - raised again by whoever runs the server
            self.failure = error
            self._is_over.set()
            self._end()

    async def _answer(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        state = "stopping" if self._is_over.is_set() else "starting"
        if path in ("/health", "/ready"):
            status = HTTPStatus.OK if path == "/health" else HTTPStatus.SERVICE_UNAVAILABLE
            await _send(send, status, "application/json", json.dumps({"status": state}))
        elif _is_opened_in_browser(scope, headers):
            locale = _locale_of(scope, headers)
            texts = {name: escape(words(locale)[name]) for name in ("title", "starting")}
            page = _PAGE.format(locale=locale, direction=LOCALES[locale], **texts)
            await _send(send, HTTPStatus.SERVICE_UNAVAILABLE, "text/html; charset=utf-8", page)
        else:
            await self._hold(scope, receive, send)

    async def _hold(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._is_over.wait(), WAIT_SECONDS)
        if self.app is not None:
            await self.app(scope, receive, send)
            return
        status = HTTPStatus.SERVICE_UNAVAILABLE
        await _send(send, status, "text/plain; charset=utf-8", "The server is not ready: try again in a moment.")


def _is_opened_in_browser(scope: _Scope, headers: dict[str, str]) -> bool:
    """Return whether somebody opens the page, who sees the answer; behind a proxy they wait, as for any other."""
    is_direct = "x-forwarded-for" not in headers
    return is_direct and scope["method"] == "GET" and "text/html" in headers.get("accept", "")


def _locale_of(scope: _Scope, headers: dict[str, str]) -> str:
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(headers.get("cookie", ""))
    except CookieError:
        cookies.clear()
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[0]
    kept = cookies[LOCALE_COOKIE].value if LOCALE_COOKIE in cookies else ""
    return choose_locale(asked or kept, headers.get("accept-language", ""))


async def _send(send: _Send, status: HTTPStatus, kind: str, text: str) -> None:
    body = text.encode()
    headers = {**_HEADERS, "content-type": kind, "content-length": str(len(body))}
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status.value, "headers": encoded})
    await send({"type": "http.response.body", "body": body})


async def _in_thread(load: Callable[[], "FastAPI"]) -> "FastAPI":
    """Return what `load` returns. Its thread is left behind where the server stops before that."""
    loop = asyncio.get_running_loop()
    loaded: asyncio.Future[FastAPI] = loop.create_future()

    def tell(app: "FastAPI | None", error: BaseException | None) -> None:
        if loaded.cancelled():
            return
        if error is not None:
            loaded.set_exception(error)
        elif app is not None:
            loaded.set_result(app)

    def run() -> None:
        try:
            app, error = load(), None
        except BaseException as caught:  # noqa: BLE001 - told to the loop
            app, error = None, caught
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, app, error)

    threading.Thread(target=run, name="load", daemon=True).start()
    return await loaded
