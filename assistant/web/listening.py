"""`serve`: listens at once, loads the app, and ends without cutting off answers.

It imports little, so that whoever starts a server need not wait to reach it.
"""

import asyncio
import logging
import math
import signal
import socket
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from assistant.errors import SettingsError
from assistant.web.addresses import LOOPBACK_ADDRESSES, network_of
from assistant.web.connections import BoundedConnection, RateLimitedLog
from assistant.web.starting import Starting

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI

    from assistant.assistant import Assistant
    from assistant.web.running_server import RunningServer
    from assistant.web.serve_options import ServeOptions

SHUTDOWN_SECONDS = 3
BACKLOG = 2048

log = logging.getLogger(__name__)


def serve(open_assistant: "Callable[[], Assistant]", options: "ServeOptions") -> None:
    """Serve until interrupted; then let answers end, stop the chat model and close the store.

    Args:
        open_assistant: Makes what answers, while the server listens already; it is closed in the end.
        options: How to serve.

    Raises:
        SettingsError: the options let others in without an account, or the address cannot be listened on.
        AssistantError: what answers cannot be made.
    """
    options.account()
    listening = _listen(options.host, options.port)
    server = _Server(open_assistant, options, listening)
    try:
        server.run(sockets=[listening])
    finally:
        server.leave()
    if server.failure is not None:
        raise server.failure


class _Server(uvicorn.Server):
    """A server that ends what it is sending before it waits for connections to end.

    Told by SIGTERM, as by whatever restarts it, it first lets answers go on for a while. Connections are taken no more
    from the first moment on, so that a proxy sends visitors elsewhere. A second signal ends that.
    """

    def __init__(
        self, open_assistant: "Callable[[], Assistant]", options: "ServeOptions", listening: socket.socket
    ) -> None:
        self._open_assistant = open_assistant
        self._options = options
        self._host, self._port = listening.getsockname()[:2]
        self._starting = Starting(self._load, self._tell, self._end)
        self._chat_model = ""
        self._running: RunningServer | None = None
        self._folder = Path()
        self._drain_seconds = 0.0
        self._draining: asyncio.Task[None] | None = None
        config = uvicorn.Config(
            self._starting,
            http=BoundedConnection,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
            server_header=False,
        )
        super().__init__(config)

    @property
    def failure(self) -> BaseException | None:
        """Why the app could not be loaded."""
        return self._starting.failure

    def leave(self) -> None:
        """Let no command of the owner ask this server any more."""
        if self._running is not None:
            self._running.remove(self._folder)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        is_first = not self.should_exit
        self.leave()
        super().handle_exit(sig, frame)
        if self._starting.app is None:
            self._starting.stop()
            return
        state = self._starting.app.state
        if is_first and sig == signal.SIGTERM and self._drain_seconds:
            self._draining = asyncio.get_running_loop().create_task(state.drain(self._drain_seconds))
        else:
            state.stop()

    def _load(self) -> "FastAPI":
        from assistant.web.serve import build_app, chat_model_line  # noqa: PLC0415 - what takes long to import

        assistant = self._open_assistant()
        settings = assistant.settings
        self._drain_seconds = settings.drain_seconds
        self.config.timeout_graceful_shutdown = SHUTDOWN_SECONDS + math.ceil(settings.drain_seconds)
        try:
            self._running = self._running_server(assistant)
            app = build_app(assistant, self._options, self._running)
        except BaseException:
            assistant.close()
            raise
        once = RateLimitedLog()
        for logger in (logging.getLogger(), logging.getLogger("uvicorn")):
            for handler in logger.handlers:
                handler.addFilter(once)
        if not self._options.is_private and settings.allow_private_addresses:
            log.warning("ASSISTANT_ALLOW_PRIVATE_ADDRESSES lets visitors have the server's own network read.")
        self._chat_model = chat_model_line(settings)
        return app

    def _tell(self) -> None:
        if self._options.is_open:
            log.warning("Anybody who can reach %s may read and change the library.", self._options.host)
        log.warning("%s", self._chat_model)
        shown = f"[{self._host}]" if ":" in self._host else self._host
        log.warning("Serving on http://%s:%d - Ctrl-C stops.", shown, self._port)
        if self._running is not None:
            self._running.write(self._folder)

    def _running_server(self, assistant: "Assistant") -> "RunningServer | None":
        """Return what commands of the owner ask: a server of a folder, that this machine reaches by loopback."""
        from assistant.web.running_server import RunningServer  # noqa: PLC0415 - as in `_load`

        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._host, self._host)  # noqa: S104 - told from others
        if network_of(host) not in LOOPBACK_ADDRESSES or not isinstance(assistant.settings.store, Path):
            return None
        self._folder = assistant.settings.store.absolute()
        return RunningServer.of_this_process(host, self._port, assistant.settings)

    def _end(self) -> None:
        self.should_exit = True


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        # From here on, whoever reads the address can connect; the server answers as soon as it is up.
        listening.listen(BACKLOG)
    except OSError as error:
        raise SettingsError(f"Cannot listen on {host}:{port} ({error.strerror}): choose another --port.") from error
    return listening
