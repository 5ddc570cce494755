"""`SameOriginOnly`: no other site may send requests in the name of a visitor."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.web.limits import path_of

# Beginnings of the paths that another site may not send requests to in the name of a visitor.
GUARDED = ("/page/", "/gradio_api/", "/config", "/mcp")


class SameOriginOnly:
    """ASGI middleware that refuses what a page of another site sends, also its questions whether it may send (CORS).

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
