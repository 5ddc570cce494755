"""`PathAllowlist`: only listed paths are served."""

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.web.limits import path_of


class PathAllowlist:
    """ASGI middleware that answers 404 for all other paths of a mounted app.

    Args:
        app: The app.
        paths: Paths that are served as they stand.
        beginnings: Beginnings of paths that are served.
    """

    def __init__(self, app: ASGIApp, paths: tuple[str, ...], beginnings: tuple[str, ...]) -> None:
        self._app = app
        self._paths = paths
        self._beginnings = beginnings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or say that there is nothing."""
        if scope["type"] == "lifespan" or self._is_known(path_of(scope)):
            await self._app(scope, receive, send)
            return
        await PlainTextResponse("There is nothing here.", 404)(scope, receive, send)

    def _is_known(self, path: str) -> bool:
        return path in self._paths or path.startswith(self._beginnings)
