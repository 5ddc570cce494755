"""`SecureHeaders`: the security headers of every response."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class SecureHeaders:
    """ASGI middleware that adds security headers; a response with its own policy keeps it.

    Args:
        app: The app.
    """

    _HEADERS = (
        (b"x-content-type-options", b"nosniff"),
        (
            b"content-security-policy",
            b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
        (b"referrer-policy", b"no-referrer"),
    )

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add the headers to its response."""

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                present = {name.lower() for name, _ in headers}
                headers += [(name, value) for name, value in self._HEADERS if name not in present]
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, complete)
