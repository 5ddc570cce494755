"""`BoundedConnection`: a connection that may neither idle nor send by halves for long, nor be one of too many."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from assistant.web.addresses import LOOPBACK_ADDRESSES, network_of

HEAD_SECONDS = 15.0
"""How long a client may take until the head of a request is complete."""

BODY_SILENCE_SECONDS = 30.0
BODY_SECONDS = 600.0
"""How long it may be silent within a body, and how long it may take for the whole body."""

MOST_CONNECTIONS = 1000
MOST_OF_ADDRESS = 100
"""How many connections are kept open, in total and of one address. A proxy on this machine may use them all."""

_SAME_LOG = 5
_LOG_SECONDS = 60.0


class BoundedConnection(H11Protocol):
    """uvicorn's connection within bounds; those beyond are closed without an answer."""

    _of_address: ClassVar[Counter[str]] = Counter()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, unless there are too many."""
        super().connection_made(transport)
        self._waiting: asyncio.TimerHandle | None = None
        self._body_began = 0.0
        self._network = network_of(self.client[0] if self.client else "")
        self._of_address[self._network] += 1
        is_limited = self._network not in LOOPBACK_ADDRESSES
        if len(self.connections) > MOST_CONNECTIONS or (
            is_limited and self._of_address[self._network] > MOST_OF_ADDRESS
        ):
            transport.abort()
            return
        self._wait(HEAD_SECONDS)

    def data_received(self, data: bytes) -> None:
        """Take what a client sends."""
        super().data_received(data)
        self._bound()

    def on_response_complete(self) -> None:
        """Go on with the next request."""
        super().on_response_complete()
        self._bound()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        super().connection_lost(exc)
        self._end_wait()
        self._of_address[self._network] -= 1
        if self._of_address[self._network] <= 0:
            del self._of_address[self._network]

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection, unless a request has come while the server was busy: closing would reset it."""
        self.timeout_keep_alive_task = self._after_reading(super().timeout_keep_alive_handler)

    def _after_reading(self, close: Callable[[], None]) -> asyncio.TimerHandle:
        """Close after what already lies in the sockets has been read; reading it cancels this."""
        # In each round the loop reads the sockets before it runs the timers that are due.
        return self.loop.call_later(0, close)

    def _bound(self) -> None:
        """Bound the wait for what the client has to send next; what the server takes to answer has no bound here."""
        state = self.conn.their_state
        if state is h11.SEND_BODY:
            self._body_began = self._body_began or time.monotonic()
            left = BODY_SECONDS - (time.monotonic() - self._body_began)
            self._end_wait()
            self._wait(min(BODY_SILENCE_SECONDS, max(left, 0.0)))
            return
        self._body_began = 0.0
        is_answering = self.cycle is not None and not self.cycle.response_complete
        if state is not h11.IDLE or is_answering:
            self._end_wait()
        elif self._waiting is None:
            # Each further byte of a head does not start it anew.
            self._wait(HEAD_SECONDS)

    def _wait(self, seconds: float) -> None:
        self._waiting = self.loop.call_later(seconds, self._expire)

    def _expire(self) -> None:
        self._waiting = self._after_reading(self._give_up)

    def _end_wait(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.abort()


class RateLimitedLog(logging.Filter):
    """Lets a message through a few times a minute, whatever its values, and says once that more of it are left out."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[tuple[str, Any], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to log a record."""
        key = (record.name, record.msg)
        now = time.monotonic()
        began, count = self._seen.get(key, (now, 0))
        if now - began > _LOG_SECONDS:
            began, count = now, 0
        if len(self._seen) > MOST_CONNECTIONS:
            self._seen.clear()
        self._seen[key] = began, count + 1
        if count == _SAME_LOG:
            record.msg, record.args = f"{record.getMessage()} (More of these are left out for a minute.)", ()
        return count <= _SAME_LOG
