"""`serve`: the page, the endpoints for programs and, if asked for, the MCP tools, in one server process."""

import asyncio
import logging
import math
import signal
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles

from assistant import observability
from assistant.assistant import Assistant
from assistant.chat_models.registry import AUTO, resolve
from assistant.conversation.history import Conversations
from assistant.conversation.history_database import NoConversationError, ReplacedError
from assistant.errors import AssistantError, NotInStoreError, SettingsError, message_of
from assistant.settings import Settings
from assistant.web.access import Account, OnlyKnownPaths, RequireAccount
from assistant.web.connections import BoundedConnection, RateLimitedLog
from assistant.web.context import Context, NoVisitorError, locale_of
from assistant.web.document import Assets, Document
from assistant.web.downloads import download_routes
from assistant.web.gauges import watch_server
from assistant.web.headers import SecureHeaders
from assistant.web.health import Health
from assistant.web.lifecycle import CountRequests, Lifecycle
from assistant.web.limiter import AT_ONCE, MOST_WAITING, BusyError, ConcurrencyLimiter
from assistant.web.limits import GUARDED, EndStreams, LimitBody, OnlyThisSite, explain_malformed
from assistant.web.locales.messages import for_visitors, translate
from assistant.web.questions import StillAnsweringError, TooManyOwnError
from assistant.web.quotas import LimitUploads
from assistant.web.refreshing import keep_fresh
from assistant.web.shared import shared_routes
from assistant.web.unforeseen import ExplainUnforeseen

# Gradio also serves uploads, files, a monitor and more, none of which anybody needs here.
_GRADIO = ("info", "openapi.json", "cancel", "reset", "startup-events", "upload", "upload_progress", "run/predict")
PATHS = ("/", "/health", "/ready", "/mcp", "/config", "/theme.css", *(f"/gradio_api/{name}" for name in _GRADIO))
BEGINNINGS = (
    "/page/",
    "/assets/",
    "/shared/",
    "/static/",
    "/svelte/",
    "/gradio_api/queue/",
    "/gradio_api/call/",
    "/gradio_api/heartbeat/",
)
UPLOAD_PATH = "/gradio_api/upload"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
DEFAULT_PORT = 7860
SHUTDOWN_SECONDS = 3
LAST_WORD_SECONDS = 1
BACKLOG = 2048

_CODES: dict[type[Exception], int] = {
    NoVisitorError: 401,
    NoConversationError: 404,
    NotInStoreError: 404,
    BusyError: 503,
    StillAnsweringError: 409,
    ReplacedError: 409,
    TooManyOwnError: 429,
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """How to serve.

    Attributes:
        host: Address to listen on. Beyond loopback, an account is needed, or `no_auth`.
        port: Port to listen on; 0 takes a free one.
        auth: `USER:HASH` of the account that may come in; empty for none.
        no_auth: Let anybody in who can reach the address.
        root_path: Path under which a proxy publishes the server, "/assistant" for instance.
        mcp: Serve the MCP tools at `/mcp` too.
        limit: How many questions are answered at once.
        waiting: How many may wait; more are turned away.
        allow_sharing: Let visitors share an answer by a link, as the setting of that name does too.
    """

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    auth: str = ""
    no_auth: bool = False
    root_path: str = ""
    mcp: bool = False
    limit: int = AT_ONCE
    waiting: int = MOST_WAITING
    allow_sharing: bool = False

    @property
    def is_private(self) -> bool:
        """Whether only people at this machine are meant: no account, no proxy, and nobody let in on purpose."""
        return self.host in LOOPBACK and not (self.auth or self.no_auth or self.root_path)

    def account(self) -> Account | None:
        """Return the account that may come in, or None where anybody may.

        Raises:
            SettingsError: the address is open to others, and neither an account nor `no_auth` is given.
        """
        if self.auth:
            return Account.parse(self.auth)
        if self.host not in LOOPBACK and not self.no_auth:
            raise SettingsError(
                f"--host {self.host} lets others in: give --auth USER:HASH (make the hash with `assistant serve "
                "--hash-password`), or --no-auth if anybody may read and change the library."
            )
        return None


def build_app(assistant: Assistant, options: ServeOptions | None = None) -> FastAPI:
    """Return the whole server as an ASGI app.

    Args:
        assistant: Answers; it is closed when the server stops.
        options: How to serve.

    Raises:
        SettingsError: the options let others in without an account.
        ConversationError: the conversations cannot be opened.
    """
    # Gradio takes a second to import, which nothing else needs.
    import gradio as gr  # noqa: PLC0415

    from assistant.web.page.build import build_page, serving_options  # noqa: PLC0415

    options = options or ServeOptions()
    options.account()  # before anything is opened
    context = Context(
        assistant,
        Conversations(assistant.settings.store),
        ConcurrencyLimiter(options.limit, options.waiting),
        allow_sharing=options.allow_sharing or assistant.settings.allow_sharing,
    )
    lifecycle = Lifecycle(assistant, context)
    index = watch_server(assistant, context.answering)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.callback(assistant.close)
            stack.callback(index.forget)
            stack.callback(observability.flush)
            stack.push_async_callback(context.changes.finish)
            stack.push_async_callback(context.questions.finish)
            if options.mcp:
                await stack.enter_async_context(app.state.mcp.session_manager.run())
            threading.Thread(target=_warm, args=(assistant, lifecycle), daemon=True).start()
            refreshing = asyncio.create_task(keep_fresh(assistant, context.changes))
            stack.callback(refreshing.cancel)
            yield

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None, root_path=options.root_path)
    running: set[asyncio.Task[Any]] = set()

    def stop() -> None:
        """End what goes on. Browsers keep a connection for as long as the page is open; they hear a last word."""
        context.stop()
        loop = asyncio.get_running_loop()
        loop.call_soon_threadsafe(loop.call_later, LAST_WORD_SECONDS, lambda: [task.cancel() for task in set(running)])

    async def drain(seconds: float) -> None:
        await lifecycle.drain(seconds)
        stop()

    app.state.stop, app.state.drain = stop, drain
    for routes in (download_routes, shared_routes):
        app.include_router(routes(context))
    app.add_route("/health", Health(assistant).answer)
    app.add_api_route("/ready", lifecycle.ready, response_model=None)
    app.mount("/page/static", StaticFiles(packages=[("assistant.web.page", "static")]), name="static")
    app.add_exception_handler(AssistantError, _explain)
    app.add_exception_handler(HTTPException, _explain)
    app.add_exception_handler(RequestValidationError, explain_malformed)
    if options.mcp:
        from assistant.web.mcp import build_mcp  # noqa: PLC0415 - an extra that only --mcp needs

        app.state.mcp = build_mcp(assistant)
        app.router.routes += app.state.mcp.streamable_http_app(streamable_http_path="/mcp", host=options.host).routes
    page = build_page(context, options.limit, options.waiting)
    gr.mount_gradio_app(app, page, path="/", root_path=options.root_path or None, **serving_options())
    app.add_middleware(CountRequests, requests=lifecycle.requests)
    _protect(app, assistant.settings, options, running)
    return app


def _protect(app: FastAPI, settings: Settings, options: ServeOptions, running: set[asyncio.Task[Any]]) -> None:
    """Put around the app what every request passes, the outermost last."""
    app.add_middleware(ExplainUnforeseen)
    app.add_middleware(Document, is_kept=True)
    app.add_middleware(Assets)
    if settings.upload_mib_per_hour and not options.is_private:
        most = settings.upload_mib_per_hour * 1024**2
        app.add_middleware(LimitUploads, path=UPLOAD_PATH, most=most)
    app.add_middleware(LimitBody, without=(UPLOAD_PATH,))
    app.add_middleware(OnlyThisSite, beginnings=GUARDED)
    app.add_middleware(OnlyKnownPaths, paths=PATHS, beginnings=BEGINNINGS)
    app.add_middleware(EndStreams, running=running)
    if account := options.account():
        app.add_middleware(RequireAccount, account=account)
    if options.is_private:
        # Else a site could have its own name resolve to this machine, and read the library through its visitor.
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=["localhost", "127.0.0.1", "[::1]"])
    app.add_middleware(SecureHeaders)


def serve(assistant: Assistant, options: ServeOptions) -> None:
    """Serve until interrupted; then let answers end, stop the chat model and close the store.

    Raises:
        SettingsError: the options let others in without an account, or the address cannot be listened on.
    """
    app = build_app(assistant, options)
    if options.host not in LOOPBACK and not options.auth:
        log.warning("Anybody who can reach %s may read and change the library.", options.host)
    if not options.is_private and assistant.settings.allow_private_addresses:
        log.warning("ASSISTANT_ALLOW_PRIVATE_ADDRESSES lets visitors have the server's own network read.")
    listening = _listen(options.host, options.port)
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    log.warning("%s", _chat_model_line(assistant.settings))
    log.warning("Serving on http://%s:%d - Ctrl-C stops.", shown, port)
    config = uvicorn.Config(
        app,
        http=BoundedConnection,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS + math.ceil(assistant.settings.drain_seconds),
        server_header=False,
    )
    once = RateLimitedLog()
    for logger in (logging.getLogger(), logging.getLogger("uvicorn")):
        for handler in logger.handlers:
            handler.addFilter(once)
    _Server(config, assistant.settings.drain_seconds).run(sockets=[listening])


class _Server(uvicorn.Server):
    """A server that ends what it is sending before it waits for connections to end.

    Told by SIGTERM, as by whatever restarts it, it first lets answers go on for a while. Connections are taken no more
    from the first moment on, so that a proxy sends visitors elsewhere. A second signal ends that.
    """

    def __init__(self, config: uvicorn.Config, drain_seconds: float) -> None:
        super().__init__(config)
        self._drain_seconds = drain_seconds
        self._draining: asyncio.Task[None] | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        is_first = not self.should_exit
        super().handle_exit(sig, frame)
        state = self.config.app.state  # type: ignore[union-attr]
        if is_first and sig == signal.SIGTERM and self._drain_seconds:
            self._draining = asyncio.get_running_loop().create_task(state.drain(self._drain_seconds))
        else:
            state.stop()


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


def _chat_model_line(settings: Settings) -> str:
    """Say at the start which chat model answers, and where it runs."""
    if settings.chat_model != AUTO:
        return f"Chat model: {settings.chat_model}"
    choice = resolve(settings)
    return f"Chat model: {choice.name} ({choice.reason.rstrip('.')})"


def _warm(assistant: Assistant, lifecycle: Lifecycle) -> None:
    """Let the first question find everything open; what is wrong is told now, and again to whoever asks."""
    try:
        assistant.warm()
    except AssistantError as error:
        log.warning("%s", error)
    lifecycle.warmed()


async def _explain(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else _CODES.get(type(error), 500)
    message = error.detail if isinstance(error, HTTPException) else message_of(error)
    if status == 500:
        log.warning("%s", message)
    return JSONResponse({"detail": translate(for_visitors(message), locale_of(request))}, status)
