"""`ReadingLimits`: how much time and memory reading one source may take, and how much may come of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Self

from assistant.errors import Message
from assistant.settings import Settings

SECONDS_PER_MIB = 10.0
SMALL_MIB = 4
"""A file of so many MiB has no more time than a smaller one, except for pages that it turns out to have."""

SECONDS_PER_PAGE = 1.0


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """Limits of reading one file, or what one address answered; the settings of these names set them.

    Attributes:
        seconds: Time by the clock; `SECONDS_PER_MIB` are added for each MiB beyond `SMALL_MIB`.
        recognition_seconds: Time for recognising scanned pages, beside that.
        memory: MiB of address space, with what the reader itself needs.
        rows: How many articles a table may hold.
        characters: Of the text of all its articles together.
        lines: Of one article's text.
    """

    seconds: float = 25
    recognition_seconds: float = 3600
    memory: int = 1024
    rows: int = 200_000
    characters: int = 60_000_000
    lines: int = 200_000

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the limits that the settings ask for."""
        return cls(
            settings.reading_seconds,
            settings.reading_recognition_seconds,
            settings.reading_memory,
            settings.reading_rows,
            settings.reading_characters,
            settings.reading_lines,
        )

    def seconds_for(self, size: int) -> float:
        """Return how many seconds reading so many bytes may take."""
        return self.seconds + SECONDS_PER_MIB * max(size / 1024**2 - SMALL_MIB, 0)

    def more_seconds_for(self, size: int) -> dict[str, float]:
        """Return how many seconds reading so many bytes may take more for what turns out to take long.

        Pages have them by the size of the file, so that a small one cannot have any time by having any number of pages.
        """
        return {RECOGNITION: self.recognition_seconds, PAGES: SECONDS_PER_MIB * min(size / 1024**2, SMALL_MIB)}


RECOGNITION = "recognition"
PAGES = "pages"

Allow = Callable[[str, float], object]
"""Given what takes long, one of the two above, and how many seconds more it may take."""


class LimitExceededError(Exception):
    """More comes of a source than may. It is no `ReadError`, after which a table is read on with the next row.

    Attributes:
        reason: What to say of the source.
    """

    def __init__(self, reason: Message) -> None:
        super().__init__(reason)
        self.reason = reason


class _Account:
    """What has come of one source so far."""

    def __init__(self, limits: ReadingLimits, allow: Allow) -> None:
        self.allow = allow
        self._limits = limits
        self._rows = 0
        self._characters = 0

    def add(self, text: str) -> None:
        limits = self._limits
        self._rows += 1
        self._characters += len(text)
        if self._rows > limits.rows:
            raise LimitExceededError(
                Message(
                    "it has more than {limit:,} rows; split it, or raise ASSISTANT_READING_ROWS.", limit=limits.rows
                )
            )
        if self._characters > limits.characters:
            raise LimitExceededError(
                Message(
                    "its text has more than {limit:,} characters; split it, or raise ASSISTANT_READING_CHARACTERS.",
                    limit=limits.characters,
                )
            )
        if text.count("\n") >= limits.lines:
            raise LimitExceededError(
                Message(
                    "its text has more than {limit:,} lines; split it, or raise ASSISTANT_READING_LINES.",
                    limit=limits.lines,
                )
            )


_account: ContextVar[_Account | None] = ContextVar("_account", default=None)


@contextmanager
def counting(limits: ReadingLimits, allow: Allow = lambda *_: None) -> Iterator[None]:
    """Hold what `count` is told within the limits, while one source is read.

    Args:
        limits: The limits.
        allow: Told what takes long and how many seconds more a source may take for it, when that turns out.
    """
    token = _account.set(_Account(limits, allow))
    try:
        yield
    finally:
        _account.reset(token)


def count(text: str) -> None:
    """Count the text of an article.

    Raises:
        LimitExceededError: with it, its source gives more than it may.
    """
    account = _account.get()
    if account is not None:
        account.add(text)


def allow_time(purpose: str, seconds: float) -> None:
    """Let the source that is being read take so many seconds more: what is done now is known to take long."""
    account = _account.get()
    if account is not None:
        account.allow(purpose, seconds)
