"""Limits of a request: the size of its body and of its numbers."""

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

# SQLite's largest integer: a larger one cannot be looked up.
MAX_ROW = 2**63 - 1


class LimitBody:
    """ASGI middleware that refuses a body over a limit before anything reads or parses it.

    Args:
        app: The app.
        limit: The most bytes.
        without: Paths that have a limit of their own.
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
