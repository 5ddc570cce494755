"""`read_in_process`: runs a reader in a process of its own, which its source can neither slow down nor bring down."""

import atexit
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from json import loads
from typing import TYPE_CHECKING, Any

from assistant.articles.limits import ReadingLimits
from assistant.articles.reading import Reading, ReadOptions, problem
from assistant.articles.reading_frames import load_article, load_problem, read_frame, write_frame
from assistant.errors import ReadError

if TYPE_CHECKING:
    from assistant.articles.article import Article

AT_ONCE = max(2, min(4, os.cpu_count() or 1))
"""So many sources are read at once, whoever asks."""

_LOOK_SECONDS = 0.2
_CLOSING_SECONDS = 5
# Starting Python is no fault of the source, and takes long where the machine is busy.
_STARTING_SECONDS = 120
_ROOM_BESIDE_TEXT = 16 * 1024**2
_BYTES_PER_CHARACTER = 12  # of one beyond the basic plane, as JSON escapes it

# Threads of libraries' own, one for each core, would take address space and bring nothing here.
_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}

log = logging.getLogger(__name__)

Tick = Callable[[], object]


def never() -> None:
    """Nothing to look after while a source is read."""


def read_in_process(
    content: bytes, source: str, suffix: str, charset: str | None, options: ReadOptions, tick: Tick = never
) -> Reading:
    """Read a source in a process of its own.

    Args:
        content: Its bytes.
        source: Where they are from.
        suffix: The file name suffix of their format.
        charset: The encoding that the sender declared.
        options: How it is read, and how much time, memory and output that may take.
        tick: Called now and then while it is read; what it raises ends the reading.

    Raises:
        ReadError: it could not be read within its limits, or its reader crashed.

    Example:
        >>> from assistant.articles.reading import AS_USUAL
        >>> read_in_process(b"The weir opens.", "/a.txt", ".txt", None, AS_USUAL).articles[0].text
        'The weir opens.'
    """
    request = {"source": source, "suffix": suffix, "charset": charset, "options": asdict(options)}
    seconds = options.limits.seconds_for(len(content))
    for _ in range(2):
        with _processes.one(tick) as process:
            try:
                return process.read({**request, "seconds": seconds}, content, options.limits, tick)
            except _EndedError:
                # One that has waited may have ended by itself just now; the source is to blame for a new one's end.
                if process.is_new:
                    break
    raise problem(source, "its reader ended, perhaps for want of memory; split it, or save it in another format.")


class _EndedError(Exception):
    """A process ended before it has answered."""


class _Process:
    """One process that reads, one source after another."""

    def __init__(self) -> None:
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "assistant.articles.reading_worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **_ENVIRONMENT, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                # Ctrl-C is for whoever waits, who ends the reader and what it has started.
                start_new_session=True,
            )
        except OSError as error:
            raise ReadError(
                "No process can be started to read articles ({reason}): end other programs.", reason=error.strerror
            ) from error
        self.is_ready = self.is_new = True
        self._has_started = False
        self._exchanging: threading.Thread | None = None

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def read(self, request: dict[str, Any], content: bytes, limits: ReadingLimits, tick: Tick) -> Reading:
        """Return what comes of a source; see `read_in_process`."""
        source, seconds = request["source"], request["seconds"]
        deadline = time.monotonic() + (seconds if self._has_started else _STARTING_SECONDS)
        # Recognising scanned pages takes far longer than any other reading, and whether there are some is found late.
        allowance = limits.more_seconds_for(len(content))
        self.is_ready = False
        frames: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._exchanging = threading.Thread(target=self._exchange, args=(request, content, limits, frames), daemon=True)
        self._exchanging.start()
        articles: list[Article] = []
        problems: list[ReadError] = []
        while True:
            try:
                frame = frames.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                tick()
                if time.monotonic() > deadline:
                    raise problem(
                        source,
                        "it took longer than {seconds:.0f} seconds to read; split it, or raise "
                        "ASSISTANT_READING_SECONDS.",
                        seconds=seconds,
                    ) from None
                continue
            match frame:
                case {"article": dumped}:
                    articles.append(load_article(dumped))
                case {"problem": dumped}:
                    problems.append(load_problem(dumped))
                    if "traceback" in frame:
                        log.debug("%s", frame["traceback"])
                case {"started": True}:
                    self._has_started = True
                    deadline = time.monotonic() + seconds
                case {"more_seconds": more, "purpose": purpose} if purpose in allowance:
                    more = min(float(more), allowance[purpose])
                    allowance[purpose] -= more
                    deadline += more
                case {"end": state}:
                    self.is_ready, self.is_new = state == "ready", False
                    return Reading(tuple(articles), tuple(problems), is_final=bool(frame["is_final"]))
                case _:
                    raise _EndedError

    def _exchange(
        self, request: dict[str, Any], content: bytes, limits: ReadingLimits, frames: "queue.SimpleQueue[Any]"
    ) -> None:
        """Send a request, and put what is answered in a queue; an empty one where no further answer comes."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        longest = _BYTES_PER_CHARACTER * limits.characters + _ROOM_BESIDE_TEXT
        try:
            write_frame(self._process.stdin, request)
            write_frame(self._process.stdin, content)
            self._process.stdin.flush()
            frame: dict[str, Any] = {}
            while "end" not in frame:
                frame = loads(read_frame(self._process.stdout, longest))
                frames.put(frame)
        except (OSError, EOFError, ValueError):
            frames.put({})

    def end(self) -> None:
        """End it, and what it has started."""
        if sys.platform == "win32":
            self._process.kill()
        else:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._exchanging is not None:
            self._exchanging.join(_CLOSING_SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                pipe.close()  # type: ignore[union-attr]


class _Processes:
    """The processes that wait for a source. They end by themselves where none comes, or this process ends."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._waiting: list[_Process] = []

    @contextmanager
    def one(self, tick: Tick) -> Iterator[_Process]:
        """Lend a process; one that has not answered to the end is ended."""
        while not self._places.acquire(timeout=_LOOK_SECONDS):
            tick()
        try:
            process = self._taken() or _Process()
            try:
                yield process
            finally:
                if process.is_ready:
                    self._waiting.append(process)
                else:
                    process.end()
        finally:
            self._places.release()

    def _taken(self) -> _Process | None:
        while True:
            try:
                process = self._waiting.pop()
            except IndexError:
                return None
            if process.is_alive():
                return process
            process.end()

    def end(self) -> None:
        """End those that wait."""
        while self._waiting:
            self._waiting.pop().end()

    def forget(self) -> None:
        """Leave the processes to whom they belong, in a process that was forked."""
        self.__init__()  # type: ignore[misc]


_processes = _Processes()
atexit.register(_processes.end)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_processes.forget)
