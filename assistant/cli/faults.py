"""What goes wrong around a command: the streams that it writes to, the memory that it has, and faults of our own."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from assistant.errors import AssistantError, message_of
from assistant.text.controls import printable

_LEAST_ADDRESS_SPACE = 1280 * 1024**2
"""Models are mapped, and libraries written in other languages end the process where they get no memory."""


class ProgramError(AssistantError):
    """The program cannot run as it was started, or has a fault."""


@contextmanager
def explained() -> Iterator[None]:
    """Raise what goes wrong as an error of one line; where Python runs in its development mode, as it is.

    Raises:
        ProgramError: see there.
        BrokenPipeError: nobody reads the output any more, which is no fault.
    """
    _prepare_streams()
    _check_memory()
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except AssistantError:
        raise
    except BrokenPipeError:
        _forget(sys.stdout)
        raise
    except Exception as error:
        if sys.flags.dev_mode:
            raise
        raise _told(error) from error


def _told(error: Exception) -> ProgramError:
    match error:
        case UnicodeEncodeError():
            shown = ascii(error.object[error.start : error.end])
            return ProgramError(f"A name or text is not valid UTF-8 ({shown}): give it in UTF-8.")
        case MemoryError():
            return ProgramError("There is not enough memory: end other programs, or raise the limit (ulimit -v).")
        case OSError(filename=None):
            _forget(sys.stdout)
            reason = error.strerror or message_of(error)
            return ProgramError(f"The output cannot be written ({reason}): free some space, or send it elsewhere.")
        case OSError():
            reason = error.strerror or message_of(error)
            return ProgramError(
                f"{printable(error.filename)} cannot be read or written ({reason}): free space or change permissions."
            )
    kind, said = type(error).__name__, message_of(error)
    return ProgramError(f"The program has a fault ({kind}: {said}): report it, with what PYTHONDEVMODE=1 shows.")


def _prepare_streams() -> None:
    """Let a terminal that lacks characters show them escaped, and say where there is no output at all.

    Raises:
        ProgramError: the standard output is closed.
    """
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - for as long as the program runs
    if sys.stdout is None:
        raise ProgramError("The standard output is closed: leave it open, or send it to a file.")
    for stream in (sys.stdout, sys.stderr):
        if not _knows_all(stream) and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _knows_all(stream: TextIO) -> bool:
    return (stream.encoding or "").lower().replace("-", "").startswith("utf")


def _check_memory() -> None:
    """Raise ProgramError where the system gives less address space than models need."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not on Windows

    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft != resource.RLIM_INFINITY and soft < _LEAST_ADDRESS_SPACE:
        raise ProgramError(
            f"The system lets this program have {soft // 1024**2:,} MiB of memory (ulimit -v), and it needs "
            f"{_LEAST_ADDRESS_SPACE // 1024**2:,}: raise that limit."
        )


def _forget(stream: TextIO) -> None:
    """Let what is still to be written vanish: Python would try again when it ends, and complain."""
    with suppress(OSError, ValueError):
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, stream.fileno())
        os.close(devnull)
