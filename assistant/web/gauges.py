"""`watch_server`: what observability may read of a server now and then: how many wait, how old the index is."""

import time

from assistant import observability
from assistant.assistant import Assistant
from assistant.errors import AssistantError
from assistant.web.limiter import ConcurrencyLimiter


def watch_server(assistant: Assistant, limiter: ConcurrencyLimiter) -> "IndexAge":
    """Let the queue and the index be watched.

    Args:
        assistant: Holds the index.
        limiter: The queue.

    Returns:
        What watches the index, to be told when that closes.
    """
    index = IndexAge(assistant)
    observability.watch("assistant.queue.waiting", lambda: limiter.waiting)
    observability.watch("assistant.queue.answering", lambda: limiter.through)
    observability.watch("assistant.index.generation", lambda: index.generation)
    observability.watch("assistant.index.age", lambda: index.seconds)
    return index


class IndexAge:
    """How long ago this process saw the store change, by whichever process.

    Args:
        assistant: Holds the store.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant: Assistant | None = assistant
        self._seen: int | None = None
        self._since = time.monotonic()

    def forget(self) -> None:
        """Look no more: the store is being closed, and would be opened again."""
        self._assistant = None

    @property
    def generation(self) -> int | None:
        """The store's generation; None where there is no store."""
        try:
            return self._assistant.generation if self._assistant else None
        except AssistantError:
            return None

    @property
    def seconds(self) -> float | None:
        """Seconds since the generation was another one, or since the server began; None where there is no store."""
        generation = self.generation
        if generation is None:
            return None
        if self._seen not in (None, generation):
            self._since = time.monotonic()
        self._seen = generation
        return time.monotonic() - self._since
