"""`ConcurrencyLimiter`: limits work done at once, first come, first served, and refuses what exceeds the queue."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from assistant.errors import AssistantError

AT_ONCE = 4
"""How many questions are answered at once by default."""

MOST_WAITING = 128
"""How many may wait by default."""


class BusyError(AssistantError):
    """Too many are waiting already."""


class ConcurrencyLimiter:
    """A first come, first served limit on work done at once. For one event loop.

    Args:
        limit: How many may be through at once.
        waiting: How many may wait.
    """

    def __init__(self, limit: int, waiting: int) -> None:
        self._turns = asyncio.Semaphore(limit)
        self._most_waiting = waiting
        self._waiting = 0
        self._through = 0

    @property
    def is_free(self) -> bool:
        """Whether one would pass without waiting."""
        return not self._turns.locked()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return self._waiting

    @property
    def through(self) -> int:
        """How many are through."""
        return self._through

    @asynccontextmanager
    async def passing(self) -> AsyncIterator[None]:
        """Wait for one's turn, and give it on afterwards.

        Raises:
            BusyError: too many wait already.
        """
        if not self.is_free and self._waiting >= self._most_waiting:
            raise BusyError("Too many questions are waiting: try again in a moment.")
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1
        self._through += 1
        try:
            yield
        finally:
            self._through -= 1
            self._turns.release()
