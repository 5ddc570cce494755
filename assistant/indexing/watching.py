"""`watch`: sync again whenever files change."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import watchfiles

from assistant.articles.registry import is_looked_at
from assistant.errors import ReadError
from assistant.indexing.sync import Indexer, SyncReport

_QUIET_MS = 500
"""How long it must be quiet before a sync, so that a file that is being written is read once."""
_LONGEST_MS = 5_000
"""How long a sync waits for that at most, where files change all the time."""


def watch(
    indexer: Indexer, paths: Sequence[str | Path], *, without: Path, stop: threading.Event | None = None
) -> Iterator[SyncReport]:
    """Sync now, and again whenever something changes; yield what each sync did.

    Args:
        indexer: Syncs.
        paths: Files and folders.
        without: A folder whose changes do not count: the store's own, which each sync changes.
        stop: Ends the watching when it is set.

    Raises:
        ReadError: a path does not exist.
        StoreError: the store cannot be written.
    """
    yield indexer.sync(paths)
    ignored = without.resolve()

    def counts(_: watchfiles.Change, path: str) -> bool:
        return is_looked_at(Path(path)) and not Path(path).resolve().is_relative_to(ignored)

    changes = watchfiles.watch(
        *paths,
        watch_filter=counts,
        debounce=_LONGEST_MS,
        step=_QUIET_MS,
        stop_event=stop,
        rust_timeout=1_000,
        yield_on_timeout=False,
        raise_interrupt=True,
    )
    for _ in changes:
        try:
            yield indexer.sync(paths)
        except ReadError as error:
            # A disk that is not mounted just now, say: the next change is looked at again.
            yield SyncReport(problems=(error,))
