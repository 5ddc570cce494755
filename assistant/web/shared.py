"""`/shared/TOKEN`: one answer with its sources, to read, for whoever has its link. Only where the owner allows it."""

import secrets

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from assistant.web.context import Context, locale_of
from assistant.web.page.render import template
from assistant.web.page_json import turn_json

# Nothing runs, nothing is fetched, and no search engine or other site learns of the link.
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
_POLICY = "default-src 'none'; style-src 'nonce-{}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def shared_routes(context: Context) -> APIRouter:
    """Return the route of shared answers: 404 where none is shared, or not any more, or none may be."""
    router = APIRouter()

    @router.api_route("/shared/{token}", methods=["GET", "HEAD"], response_class=HTMLResponse)
    def shared(token: str, request: Request) -> HTMLResponse:
        stored = context.conversations.shared(token) if context.allow_sharing else None
        locale, nonce = locale_of(request), secrets.token_urlsafe(16)
        turn = turn_json(stored, locale) if stored else None
        html = template("shared", locale, turn=turn, nonce=nonce)
        headers = {**_HEADERS, "Content-Security-Policy": _POLICY.format(nonce)}
        return HTMLResponse(html, 200 if stored else 404, headers)

    return router
