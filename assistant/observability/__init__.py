"""What the program tells of its work to whoever runs it: spans, metrics and a request id. Nothing, unless asked for.

Stages of work are marked where they happen, by `stage` or `begin`; what is counted, by `count`. Without an endpoint
(`ASSISTANT_OTLP_ENDPOINT`) each of these does nothing and imports nothing. Attributes are numbers and labels, never a
text of a question, an article or an answer: a label has no spaces and few characters, and whatever else comes is left
out.
"""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Protocol

Value = str | int | float | bool

FLUSH_SECONDS = 3.0


class Stage:
    """A stage of work that goes on, from `begin` to `end`. This one is told to nobody."""

    def note(self, **attributes: Value) -> None:
        """Say more of it."""

    def end(self, failure: type[BaseException] | None = None) -> None:
        """End it; of a failure, the name of its kind is told."""

    def around(self) -> AbstractContextManager[object]:
        """Let what begins within the block be a part of this stage."""
        return nullcontext()


class Recorder(Protocol):
    """Takes what is told."""

    def begin(self, name: str, attributes: dict[str, Value]) -> Stage:
        """Begin a stage, a part of the one that it begins in."""
        ...

    def count(self, name: str, amount: int, attributes: dict[str, Value]) -> None:
        """Add to a counter."""
        ...

    def record(self, name: str, seconds: float, attributes: dict[str, Value]) -> None:
        """Add a time to a distribution."""
        ...

    def watch(self, name: str, read: Callable[[], float | None]) -> None:
        """Let a value be read now and then, None where there is none."""
        ...

    def flush(self) -> None:
        """Send what is waiting."""
        ...


_NOBODY = Stage()
_starting = threading.Lock()
_recorder: Recorder | None = None
_request: ContextVar[str] = ContextVar("request", default="")


def start(endpoint: str) -> None:
    """Tell an OTLP/HTTP endpoint of all that follows in this process; empty for nobody.

    Args:
        endpoint: The collector's address without a signal's path, "http://127.0.0.1:4318" for instance. The first one
            that a process names counts.

    Raises:
        SettingsError: the extra `otel` is not installed.
    """
    global _recorder  # noqa: PLW0603 - one process has one recorder
    if not endpoint or _recorder is not None:
        return
    with _starting:
        if _recorder is None:
            from assistant.observability.otlp import OtlpRecorder  # noqa: PLC0415 - an extra that few need

            _recorder = OtlpRecorder(endpoint)


def is_on() -> bool:
    """Return whether anybody is told."""
    return _recorder is not None


def begin(name: str, **attributes: Value) -> Stage:
    """Begin a stage, whose `end` is to be called; see `stage`."""
    return _NOBODY if _recorder is None else _recorder.begin(name, attributes)


@contextmanager
def stage(name: str, **attributes: Value) -> Iterator[Stage]:
    """Tell that a stage of work goes on within the block, or in the function that this decorates.

    Example:
        >>> with stage("encode_passages", passages=64) as going_on:
        ...     going_on.note(tokens=8000)
    """
    if _recorder is None:
        yield _NOBODY
        return
    going_on = _recorder.begin(name, attributes)
    failure: type[BaseException] | None = None
    try:
        with going_on.around():
            yield going_on
    except BaseException as error:
        failure = type(error)
        raise
    finally:
        going_on.end(failure)


def count(name: str, amount: int = 1, **attributes: Value) -> None:
    """Add to one of `instruments.COUNTERS`."""
    if _recorder is not None and amount:
        _recorder.count(name, amount, attributes)


def record(name: str, seconds: float, **attributes: Value) -> None:
    """Add a time to one of `instruments.TIMES`."""
    if _recorder is not None:
        _recorder.record(name, seconds, attributes)


def watch(name: str, read: Callable[[], float | None]) -> None:
    """Let one of `instruments.GAUGES` be read now and then, None where there is nothing to tell."""
    if _recorder is not None:
        _recorder.watch(name, read)


def flush() -> None:
    """Send what is waiting, because the process ends by a signal; for `FLUSH_SECONDS` at most."""
    if _recorder is not None:
        sending = threading.Thread(target=_recorder.flush, daemon=True)
        sending.start()
        sending.join(FLUSH_SECONDS)


def request_id() -> str:
    """Return the id of the request that is being worked for; empty for none."""
    return _request.get()


@contextmanager
def working_for(request: str) -> Iterator[None]:
    """Let logs within the block name a request."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


def new_request_id() -> str:
    """Draw the id of a request."""
    return secrets.token_hex(8)
