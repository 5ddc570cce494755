"""`LocalServer`: starts, watches, restarts and stops the child process that runs a local model."""

import dataclasses
import json
import logging
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO

from assistant.chat_models import local_server
from assistant.chat_models.local_server import ServerOptions
from assistant.errors import Message, ModelError, message_of

START_SECONDS = 180.0
STOP_SECONDS = 3.0
DEATH_SECONDS = 1.0

log = logging.getLogger(__name__)


class Stage(StrEnum):
    """How far a server is."""

    STOPPED = "stopped"
    LOADING = "loading"
    RUNNING = "running"
    FAILED = "failed"


class LocalServer:
    """A llama.cpp server for one GGUF file, on this machine only, behind a random key.

    It starts at the first `url()` and again at the next one after a crash; it ends with `close()`, with this object,
    and with this process, however that ends. Safe to share between threads.

    Args:
        model: The GGUF file.
        threads: Threads that compute; 0 takes one for each core.
    """

    def __init__(self, model: Path, threads: int = 0) -> None:
        self.model = model
        self.api_key = secrets.token_urlsafe(32)
        self._options = ServerOptions(str(model), self.api_key, threads=threads)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._stop: weakref.finalize[[subprocess.Popen[str]], LocalServer] | None = None
        self._address = ""
        self._is_loading = False
        self._failure = ""
        with _listing:
            _servers.add(self)

    @property
    def stage(self) -> Stage:
        """How far this server is, without waiting for it."""
        if self._is_loading:
            return Stage.LOADING
        if self._failure:
            return Stage.FAILED
        process = self._process
        if process is None:
            return Stage.STOPPED
        return Stage.RUNNING if process.poll() is None else Stage.FAILED

    @property
    def failure(self) -> str:
        """Why it is `FAILED`, in a line; empty where it is not."""
        if self.stage is not Stage.FAILED:
            return ""
        return self._failure or Message(
            "The local chat model {model} {death}; it starts again when asked.",
            model=self.model.name,
            death=self.death(),
        )

    def url(self) -> str:
        """The base URL of the OpenAI-compatible API, of a server that runs.

        Raises:
            ModelError: the file is missing or no GGUF file, or the server does not come up.
        """
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                with self._noting():
                    self._start()
            return f"{self._address}/v1"

    def death(self) -> str:
        """Say how the server ended, for people; empty while it runs."""
        process = self._process
        if process is None:
            return Message("was stopped")
        try:
            # A broken connection is often seen before the end of the process that broke it.
            code = process.wait(DEATH_SECONDS)
        except subprocess.TimeoutExpired:
            return ""
        if code >= 0:
            return Message("ended with code {code}", code=code)
        name = signal.Signals(-code).name
        if code == -signal.SIGKILL:
            return Message("was ended by {signal} (out of memory?)", signal=name)
        return Message("was ended by {signal}", signal=name)

    def close(self) -> None:
        """Stop the server, if it runs. A later `url()` starts it again."""
        with self._lock:
            if self._stop is not None:
                self._stop()
            self._process = self._stop = None
            self._failure = ""

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """Keep for `stage` that the server loads, or why it could not."""
        self._is_loading, self._failure = True, ""
        try:
            yield
        except ModelError as error:
            self._failure = message_of(error)
            raise
        finally:
            self._is_loading = False

    def _start(self) -> None:
        check_gguf(self.model)
        if self._stop is not None:
            self._stop()
        started = time.monotonic()
        with tempfile.TemporaryFile() as messages:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and file
                [sys.executable, "-P", local_server.__file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=messages,
                env=_environment(),
                text=True,
                encoding="utf-8",
            )
            self._stop = weakref.finalize(self, _end, process)
            address = self._handshake(process)
            if not address:
                self._stop()
                raise ModelError(
                    "llama.cpp could not run {model}: {reason}.", model=self.model, reason=_reason(messages)
                )
        self._process, self._address = process, address
        log.info("Loaded %s in %.1f s", self.model.name, time.monotonic() - started)

    def _handshake(self, process: subprocess.Popen[str]) -> str:
        """Send the options, and wait for the address; empty if the process ends or hangs instead."""
        assert process.stdin is not None
        assert process.stdout is not None
        watchdog = threading.Timer(START_SECONDS, process.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            process.stdin.write(json.dumps(dataclasses.asdict(self._options)) + "\n")
            process.stdin.flush()
            return process.stdout.readline().strip()
        except BrokenPipeError:
            return ""
        except BaseException:
            process.kill()  # Ctrl-C while the model loads
            raise
        finally:
            watchdog.cancel()


_servers: "weakref.WeakSet[LocalServer]" = weakref.WeakSet()
_listing = threading.Lock()


def servers_of(model: Path) -> list[LocalServer]:
    """Return this process's servers for a GGUF file, started or not."""
    with _listing:
        return [server for server in _servers if server.model == model]


def check_gguf(path: Path) -> None:
    """Make sure that `path` is a GGUF file.

    Raises:
        ModelError: it is missing, unreadable, or something else.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise ModelError(
            "Cannot read the chat model {path}: {reason}; check the path.", path=path, reason=error.strerror
        ) from error
    if magic != b"GGUF":
        raise ModelError(
            "{path} is not a GGUF file; the local chat model needs one, such as those llama.cpp makes.", path=path
        )


def _environment() -> dict[str, str]:
    # OpenMP threads that spin long at barriers take the core from the thread they wait for wherever a core is shared.
    # Sleeping at once costs a quarter of the speed at which a model writes, so libgomp's spin for some microseconds.
    return {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "1000"} | os.environ


def _end(process: subprocess.Popen[str]) -> None:
    """Close the child's input, at which it ends; insist where it does not."""
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _reason(messages: IO[bytes]) -> str:
    messages.seek(0)
    lines = [line.strip() for line in messages.read().decode("utf-8", "replace").splitlines() if line.strip()]
    if any("ModuleNotFoundError" in line for line in lines):
        return Message("the package xllamacpp is not installed")
    if lines:
        return lines[-1].rstrip(".")
    return Message("it said nothing within {seconds:.0f} seconds", seconds=START_SECONDS)
