"""`limit_memory`: for processes that read what others have made."""

import contextlib
import sys


def limit_memory(most: int) -> None:
    """Limit the memory of this process to `most` bytes, where the system can: Windows cannot, and macOS may refuse."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not on Windows

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
