"""`Progress`: how long-running work tells its caller how far it is."""

from typing import Protocol


class Progress(Protocol):
    """Called as work goes on; a caller draws what it likes with it."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Report that `done` of `total` units of `stage` (a short verb such as "encoding") are finished."""
        ...


def no_progress(stage: str, done: int, total: int) -> None:
    """Report nothing: for callers that do not watch."""
