"""`run_child`: a module of this package in a process of its own, within limits, for files that others have made."""

import os
import subprocess
import sys

_MOST_MEMORY = 1024**3
_SECONDS = 60.0
_SECONDS_PER_MIB = 10.0


def run_child(module: str, content: bytes, *arguments: str) -> bytes:
    """Return what a module writes when it is given a file on its standard input.

    Args:
        module: Its name in this package. Its first argument is the number of bytes of memory that it may use.
        content: The file. The larger it is, the longer may it take.
        arguments: Its further arguments.

    Raises:
        subprocess.TimeoutExpired: it takes too long; `timeout` says how many seconds it had.
        subprocess.CalledProcessError: it fails, perhaps for want of memory.
    """
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-P", "-m", f"{__package__}.{module}", str(_MOST_MEMORY), *arguments],
        input=content,
        capture_output=True,
        check=True,
        timeout=_SECONDS + _SECONDS_PER_MIB * len(content) / 1024**2,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    return done.stdout
