"""How many threads to work with."""

import os


def worker_count(threads: int) -> int:
    """Return `threads`, or the number of cores this process may use where it is 0."""
    if threads:
        return threads
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
