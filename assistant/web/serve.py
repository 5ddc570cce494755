"""`build_app`: the page, the endpoints for programs and, if asked for, the MCP tools, in one server process."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

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
from assistant.errors import AssistantError, NotInStoreError, message_of
from assistant.settings import Settings
from assistant.web.basic_auth import OWNER, BasicAuth
from assistant.web.context import Context, NoVisitorError, locale_of
from assistant.web.document import Assets, Document
from assistant.web.downloads import download_routes
from assistant.web.gauges import watch_server
from assistant.web.headers import SecureHeaders
from assistant.web.health import Health
from assistant.web.lifecycle import CountRequests, EndStreams, Lifecycle
from assistant.web.limiter import BusyError, ConcurrencyLimiter
from assistant.web.limits import LimitBody, explain_malformed
from assistant.web.locales.messages import for_visitors, translate
from assistant.web.owner import Owner
from assistant.web.path_allowlist import PathAllowlist
from assistant.web.questions import StillAnsweringError, TooManyOwnError
from assistant.web.rate_limits import LimitUploads
from assistant.web.refreshing import keep_fresh
from assistant.web.running_server import RunningServer
from assistant.web.same_origin import GUARDED, SameOriginOnly
from assistant.web.serve_options import ServeOptions
from assistant.web.shared import shared_routes
from assistant.web.unhandled_errors import UnhandledErrors

# Gradio also serves uploads, files, a monitor and more, none of which anybody needs here.
_GRADIO = (
    "info",
    "openapi.json",
    "cancel",
    "reset",
    "startup-events",
    "upload",
    "upload_progress",
    "run/predict",
    # By which a page that has lost its server finds it again.
    "app_id",
)
PATHS = ("/", "/health", "/ready", "/mcp", "/config", "/theme.css", *(f"/gradio_api/{name}" for name in _GRADIO))
BEGINNINGS = (
    OWNER,
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
LAST_WORD_SECONDS = 1

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


def build_app(
    assistant: Assistant, options: ServeOptions | None = None, server: RunningServer | None = None
) -> FastAPI:
    """Return the whole server as an ASGI app.

    Args:
        assistant: Answers; it is closed when the server stops.
        options: How to serve.
        server: Answer the commands of the owner of this server too, who knows its key.

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
    index = watch_server(assistant, context.answer_limiter)

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
    if server is not None:
        app.router.routes += Owner(assistant, context.answer_limiter, lifecycle, server).routes()
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
    app.add_middleware(UnhandledErrors)
    app.add_middleware(Document, is_kept=True)
    app.add_middleware(Assets)
    if settings.upload_mib_per_hour and not options.is_private:
        most = settings.upload_mib_per_hour * 1024**2
        app.add_middleware(LimitUploads, path=UPLOAD_PATH, most=most)
    app.add_middleware(LimitBody, without=(UPLOAD_PATH,))
    app.add_middleware(SameOriginOnly, beginnings=GUARDED)
    app.add_middleware(PathAllowlist, paths=PATHS, beginnings=BEGINNINGS)
    app.add_middleware(EndStreams, running=running)
    if account := options.account():
        app.add_middleware(BasicAuth, account=account)
    if options.is_private:
        # Else a site could have its own name resolve to this machine, and read the library through its visitor.
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=["localhost", "127.0.0.1", "[::1]"])
    app.add_middleware(SecureHeaders)


def chat_model_line(settings: Settings) -> str:
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
