"""Rate limits for each address: for uploads and for wrong passwords."""

import time
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.web.addresses import network_of
from assistant.web.limits import path_of

_MOST_KEPT = 10_000
_HOUR = 3600.0


def client_of(scope: Scope) -> str:
    """Return the address that a request comes from, as `network_of` counts it."""
    client = scope.get("client")
    return network_of(client[0]) if client else ""


class FixedWindowRateLimit:
    """How much each address may take within a window of time; the window begins with its first request.

    Args:
        most: How much an address may take in a window.
        seconds: How long a window is.
        clock: Gives the time in seconds.
    """

    def __init__(self, most: float, seconds: float = _HOUR, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._taken: dict[str, tuple[float, float]] = {}

    def take(self, address: str, amount: float) -> float:
        """Take an amount, and return 0; where it is too much, take nothing and return the seconds to wait."""
        now = self._clock()
        began, taken = self._taken.pop(address, (now, 0.0))
        if now - began >= self._seconds:
            began, taken = now, 0.0
        wait = began + self._seconds - now if taken + amount > self._most else 0.0
        # The latest address is kept last, so that the one that was seen longest ago is forgotten first.
        self._taken[address] = began, taken if wait else taken + amount
        while len(self._taken) > _MOST_KEPT:
            del self._taken[next(iter(self._taken))]
        return wait

    def wait(self, address: str) -> float:
        """Return the seconds until an address that has taken all may take again; 0 where it may now."""
        began, taken = self._taken.get(address, (0.0, 0.0))
        left = began + self._seconds - self._clock()
        return left if taken >= self._most and left > 0 else 0.0


class LimitUploads:
    """ASGI middleware that holds what one address uploads in an hour within a limit.

    Args:
        app: The app.
        path: Where files are uploaded.
        most: Bytes.
    """

    def __init__(self, app: ASGIApp, path: str, most: int) -> None:
        self._app = app
        self._path = path
        self._quota = FixedWindowRateLimit(most)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http" or path_of(scope) != self._path:
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length")
        address = client_of(scope)
        if declared is None or not declared.isdecimal():
            await PlainTextResponse("Uploads must say how long they are.", 411)(scope, receive, send)
            return
        # uvicorn lets no more bytes through than are declared.
        wait = self._quota.take(address, int(declared))
        if wait:
            refusal = PlainTextResponse(
                "Too much was uploaded from your address within an hour: try again later.",
                429,
                {"Retry-After": str(round(wait) + 1)},
            )
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)
