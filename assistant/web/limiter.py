"""`ConcurrencyLimiter`: lets a few through at once, in the order they came, and turns away those beyond a limit."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from assistant.errors import AssistantError


class BusyError(AssistantError):
    """Too many are waiting already."""


class ConcurrencyLimiter:
    """A first come, first served limit on work done at once. For one event loop.

    Args:
        limit: How many may be through at once.
        waiting: How many may wait.
    """

    def __init__(self, limit: int, waiting: int) -> None:
        self._free = limit
        self._waiting = waiting
        self._queue: deque[asyncio.Future[None]] = deque()

    @property
    def is_free(self) -> bool:
        """Whether one would pass without waiting."""
        return self._free > 0 and not self._queue

    @asynccontextmanager
    async def passing(self) -> AsyncIterator[None]:
        """Wait for one's turn, and give it on afterwards.

        Raises:
            BusyError: too many wait already.
        """
        if self.is_free:
            self._free -= 1
        else:
            await self._wait()
        try:
            yield
        finally:
            self._give_on()

    async def _wait(self) -> None:
        if len(self._queue) >= self._waiting:
            raise BusyError("Too many questions are waiting: try again in a moment.")
        turn = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give_on()
            elif turn in self._queue:  # it is not where the turn was freed since it was cancelled
                self._queue.remove(turn)
            raise

    def _give_on(self) -> None:
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
