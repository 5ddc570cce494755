"""`UnhandledErrors`: answers an unhandled error with one line, instead of a bare 500 and a broken connection."""

import logging

from fastapi.responses import JSONResponse
from gradio.route_utils import FnIndexInferError
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.web.context import locale_of
from assistant.web.limits import path_of
from assistant.web.locales.messages import translate
from assistant.web.questions import WRONG

_CALLS = ("/gradio_api/call/", "/gradio_api/queue/join", "/gradio_api/run/predict")
_UPLOAD = "/gradio_api/upload"

log = logging.getLogger(__name__)


class UnhandledErrors:
    """ASGI middleware that answers if a route raises an error that nothing handles.

    Gradio does not check whether an endpoint or an upload exists. Such an error is the caller's mistake, and is not
    logged; all others are logged with their traceback.

    Args:
        app: The app.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and answer it where that fails before an answer has begun."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        held: list[Message] = []
        has_begun = False

        async def hold(message: Message) -> None:
            """Keep the bare 500 that Starlette sends before it lets an error through."""
            nonlocal has_begun
            if held or (message["type"] == "http.response.start" and message["status"] == 500):
                held.append(message)
            else:
                has_begun = True
                await send(message)

        try:
            await self._app(scope, receive, hold)
        except Exception as error:
            if has_begun:
                raise
            await _answer(Request(scope), error)(scope, receive, send)
            return
        for message in held:
            await send(message)


def _answer(request: Request, error: Exception) -> JSONResponse:
    path = path_of(request.scope)
    if path.startswith(_CALLS) and _names_no_endpoint(error):
        return JSONResponse({"detail": "There is no such endpoint: see /gradio_api/info."}, 404)
    if path == _UPLOAD and isinstance(error, TypeError):
        return JSONResponse({"detail": "A file has no name: give it one."}, 400)
    log.error("%s %s failed.", request.method, path, exc_info=error)
    return JSONResponse({"detail": translate(WRONG, locale_of(request))}, 500)


def _names_no_endpoint(error: Exception) -> bool:
    """Return whether a name (`/call/NAME`) or a number (`fn_index`) is no endpoint's."""
    is_number = isinstance(error, KeyError) and len(error.args) == 1 and isinstance(error.args[0], int)
    return isinstance(error, FnIndexInferError) or is_number
