"""The one HTML document and the files beside it: language, direction, cookie, first picture and security policy.

Gradio writes the document; what it lacks is put in here, on its way to the browser.
"""

import gzip
import re
import secrets
from collections.abc import Hashable, Iterable, Sequence
from http.cookies import SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.web.context import VISITOR_COOKIE, YEAR_SECONDS, locale_of
from assistant.web.limits import path_of
from assistant.web.locales import LOCALES
from assistant.web.locales.choice import LOCALE_COOKIE
from assistant.web.page.render import template

# No source but this server, no script that the server did not write: what an article or a model says can neither run
# nor fetch. Gradio makes functions of templates, which takes `unsafe-eval`, and styles elements, `unsafe-inline`.
_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)
# For previews elsewhere, and of an app that Gradio would make of the page at the top of the server, proxy or not.
_UNUSED = re.compile(r'<meta\s+(?:property="og:|name="twitter:)[^>]*>|<link rel="manifest"[^>]*>')
_SMALLEST_COMPRESSED = 1000
_ADDRESS = ("x-forwarded-host", "x-forwarded-proto", "x-forwarded-prefix", "x-gradio-server", "x-direct-url")
_MOST_KEPT = 32
_MOST_ASSETS = 200
# As Gradio chooses among them.
_CODINGS = ("br", "gzip")
_NONCE = secrets.token_urlsafe(16)
_KEPT = "public, max-age=31536000, immutable"
# What a page asks for first when it is drawn.
_EVENTS = ("/gradio_api/queue/", "/gradio_api/run/")


class Assets:
    """ASGI middleware for Gradio's files: browsers keep them, because they have a digest in their names.

    It learns which of them the page is made of, from what the first visitor's browser asks for until the page is drawn.
    Later ones ask for all of those at once, rather than find them one behind the other, and get them as they were
    compressed the first time.

    Args:
        app: The app.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: dict[tuple[str, str], list[Message]] = {}
        self._learned: dict[str, None] = {}
        self._is_learning = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        path = path_of(scope) if scope["type"] == "http" else ""
        if path.startswith(_EVENTS):
            self._is_learning = False
        scope.setdefault("state", {})["preloaded"] = () if self._is_learning else tuple(self._learned)
        if not path.startswith("/assets/") or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        accepted = Headers(scope=scope).get("accept-encoding", "")
        key = (path, next((coding for coding in _CODINGS if coding in accepted), ""))
        for message in self._kept.get(key) or await self._made(scope, receive, key):
            await send(message)

    async def _made(self, scope: Scope, receive: Receive, key: tuple[str, str]) -> list[Message]:
        messages: list[Message] = []

        async def take(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, take)
        if _is_whole(messages) and messages[0]["status"] == 200:
            MutableHeaders(scope=messages[0])["Cache-Control"] = _KEPT
            file = key[0].removeprefix("/")
            if self._is_learning and len(self._learned) < _MOST_ASSETS:
                self._learned[file] = None
            if file in self._learned:
                self._kept[key] = messages
        return messages


class Document:
    """ASGI middleware that completes the page's document.

    Args:
        app: The app.
        is_kept: Whether Gradio's part of the document stays as it is while the server runs; making it takes long.
    """

    def __init__(self, app: ASGIApp, *, is_kept: bool) -> None:
        self._app = app
        self._kept: dict[Hashable, tuple[Message, str]] | None = {} if is_kept else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; complete the document where that is asked for."""
        if scope["type"] != "http" or path_of(scope) not in ("", "/"):
            await self._app(scope, receive, send)
            return
        # The document names the address that the browser knows the server by; nothing else in it is a visitor's.
        request = Request(scope)
        locale, preloaded = locale_of(request), scope["state"]["preloaded"]
        address = (str(request.base_url), *(request.headers.get(name, "") for name in _ADDRESS))
        key = (locale, preloaded, address)
        made = (self._kept or {}).get(key) or await self._made(scope, receive, locale, preloaded)
        if made is None:
            return
        start, document = made
        if self._kept is not None and start["status"] == 200 and len(self._kept) < _MOST_KEPT:
            self._kept[key] = start, document
        await _send(request, start, document, locale, send)

    async def _made(
        self, scope: Scope, receive: Receive, locale: str, preloaded: tuple[str, ...]
    ) -> tuple[Message, str] | None:
        """Return what Gradio answers, uncompressed and completed; None where the browser left before it was whole."""
        headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        messages: list[Message] = []

        async def take(message: Message) -> None:
            messages.append(message)

        await self._app({**scope, "method": "GET", "query_string": b"", "headers": headers}, receive, take)
        if not _is_whole(messages):
            return None
        body = b"".join(message.get("body", b"") for message in messages[1:])
        return messages[0], complete(body.decode(), locale, preloaded)


def _is_whole(messages: Sequence[Message]) -> bool:
    """Return whether a response ended: to a browser that leaves an app may answer by halves, or not at all."""
    return bool(messages) and messages[-1]["type"] == "http.response.body" and not messages[-1].get("more_body", False)


async def _send(request: Request, start: Message, document: str, locale: str, send: Send) -> None:
    headers = MutableHeaders(raw=list(start["headers"]))
    nonce = secrets.token_urlsafe(16)
    body = document.replace(_NONCE, nonce).encode()
    headers["Content-Security-Policy"] = _POLICY.format(nonce=nonce)
    headers["Cache-Control"] = "no-store"
    headers["Referrer-Policy"] = "no-referrer"
    headers["X-Content-Type-Options"] = "nosniff"
    for cookie in _cookies(request, locale):
        headers.append("Set-Cookie", cookie)
    if "gzip" in Headers(scope=request.scope).get("accept-encoding", "") and len(body) > _SMALLEST_COMPRESSED:
        body = gzip.compress(body, 5)
        headers["Content-Encoding"] = "gzip"
        headers["Vary"] = "Accept-Encoding"
    headers["Content-Length"] = str(len(body))
    await send({**start, "headers": headers.raw})
    await send({"type": "http.response.body", "body": body if request.method != "HEAD" else b""})


def complete(document: str, locale: str, preloaded: Iterable[str] = ()) -> str:
    """Return Gradio's document in a language and direction, with our files and a first picture.

    Args:
        document: As Gradio writes it.
        locale: Language of the page.
        preloaded: Files that the page is made of, to be asked for at once.
    """
    document = _UNUSED.sub("", document)
    document = re.sub(r'<html\s+lang="en"', f'<html lang="{locale}" dir="{LOCALES[locale]}"', document, count=1)
    document = document.replace("</head>", template("head", locale, preloaded=preloaded) + "</head>", 1)
    document = re.sub(r"(<body[^>]*>)", lambda found: found[1] + template("boot", locale), document, count=1)
    # Each visitor's scripts are known by a nonce of their own, which takes the place of this word.
    return re.sub(r"<script(?=[\s>])", f'<script nonce="{_NONCE}"', document)


def _cookies(request: Request, locale: str) -> list[str]:
    """Give the browser a secret to be known by, unless it has one, and keep the language that it was told to show."""
    cookies: SimpleCookie = SimpleCookie()
    if VISITOR_COOKIE not in request.cookies:
        cookies[VISITOR_COOKIE] = secrets.token_urlsafe(24)
        cookies[VISITOR_COOKIE]["httponly"] = True
    if request.query_params.get("lang") in LOCALES:
        cookies[LOCALE_COOKIE] = locale
    for morsel in cookies.values():
        morsel.update({"path": "/", "max-age": str(YEAR_SECONDS), "samesite": "lax"})
        if request.url.scheme == "https":
            morsel["secure"] = True
    return [morsel.OutputString() for morsel in cookies.values()]
