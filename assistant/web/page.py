"""The page itself: one document, in the visitor's language, and the files it needs. Nothing comes from elsewhere."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.staticfiles import StaticFiles

from assistant.articles.registry import SUPPORTED_SUFFIXES
from assistant.web.context import LOCALE_COOKIE, YEAR_SECONDS, Context, know_visitor, locale_of
from assistant.web.locales import LOCALES, words

# No source but this server, no inline script, no frame: what an article or a model says can neither run nor fetch.
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class _Files(StaticFiles):
    """Files that browsers may keep, but ask about each time, so that none is older than the page."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """Return a file."""
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-cache"
        return response


_templates = Environment(loader=PackageLoader(__package__), autoescape=True, undefined=StrictUndefined)


def add_page(app: FastAPI, context: Context) -> None:
    """Add the page and its files to the server."""
    router = APIRouter()

    @router.api_route("/", methods=["GET", "HEAD"], response_class=HTMLResponse)
    def page(request: Request) -> Response:
        locale = locale_of(request)
        response = HTMLResponse(_html(locale), headers={**SECURITY_HEADERS, "Cache-Control": "no-store"})
        know_visitor(request, response)
        if request.query_params.get("lang") in LOCALES:
            response.set_cookie(LOCALE_COOKIE, locale, max_age=YEAR_SECONDS, samesite="lax")
        return response

    @router.get("/page/welcome")
    def welcome() -> dict[str, Any]:
        """Return what an empty conversation shows: how much there is to ask about, and questions to begin with."""
        ids = {summary.id for summary in context.assistant.articles()}
        examples = [question for article, questions in _examples().items() if article in ids for question in questions]
        return {"articles": len(ids), "examples": examples}

    @router.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    app.include_router(router)
    app.mount("/page/static", _Files(packages=[(__package__ or "", "static")]), name="static")


@cache
def _html(locale: str) -> str:
    other = next(code for code in LOCALES if code != locale)
    return _templates.get_template("page.html.j2").render(
        words=words(locale),
        locale=locale,
        direction=LOCALES[locale],
        other=other,
        other_name=words(other)["this_language"],
        suffixes=",".join(SUPPORTED_SUFFIXES),
    )


@cache
def _examples() -> dict[str, list[str]]:
    """Return questions to begin with, by the id of the article they ask about."""
    loaded: dict[str, list[str]] = json.loads(files(__package__).joinpath("examples.json").read_text(encoding="utf-8"))
    return loaded
