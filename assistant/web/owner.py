"""`/owner/`: what the commands of a server's owner ask it, instead of loading the models themselves."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from assistant.answering.json_format import answer_json, search_json
from assistant.assistant import Assistant
from assistant.errors import AssistantError
from assistant.store.passage_store import Filters
from assistant.web.addresses import LOOPBACK_ADDRESSES, network_of
from assistant.web.basic_auth import OWNER
from assistant.web.lifecycle import Lifecycle, State
from assistant.web.limiter import BusyError, ConcurrencyLimiter
from assistant.web.running_server import RunningServer

_LONGEST_NONCE = 100
_Answer = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


class Owner:
    """Answers the server's owner, who knows its key and asks from this machine, by no browser.

    Args:
        assistant: Answers.
        limiter: Limits how many questions are answered at once.
        lifecycle: Says whether the server is ready.
        server: Has the key.
    """

    def __init__(
        self, assistant: Assistant, limiter: ConcurrencyLimiter, lifecycle: Lifecycle, server: RunningServer
    ) -> None:
        self._assistant = assistant
        self._limiter = limiter
        self._lifecycle = lifecycle
        self._server = server

    def routes(self) -> list[Route]:
        """Return the routes: `hello` shows who answers, `ask` and `search` take a question."""
        return [
            Route(f"{OWNER}hello", self._hello),
            Route(f"{OWNER}ask", self._answers(self._ask), methods=["POST"]),
            Route(f"{OWNER}search", self._answers(self._search), methods=["POST"]),
        ]

    async def _hello(self, request: Request) -> Response:
        nonce = request.query_params.get("nonce", "")
        if not _is_from_here(request) or not 0 < len(nonce) <= _LONGEST_NONCE:
            return _nothing()
        if await self._lifecycle.state() is not State.READY:
            return PlainTextResponse("The server is not ready.", 503)
        return JSONResponse({"proof": self._server.proof(nonce)})

    def _answers(self, answer: _Answer) -> Callable[[Request], Awaitable[Response]]:
        async def answered(request: Request) -> Response:
            authorization = request.headers.get("authorization", "")
            if not _is_from_here(request) or not self._server.admits(authorization):
                return _nothing()
            asked = json.loads(await request.body())
            try:
                async with self._limiter.passing():
                    response = await _unless_left(request, answer(asked))
            except BusyError:
                return PlainTextResponse("Too many questions are waiting.", 503)
            except AssistantError as error:
                response = {"error": str(error)}
            return JSONResponse(response)

        return answered

    async def _ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        answer = await self._assistant.aask(asked["question"], k=asked["k"], filters=_filters(asked["filters"]))
        return {"answer": answer_json(answer), "searched": bool(answer.hits)}

    async def _search(self, asked: dict[str, Any]) -> dict[str, Any]:
        found = await self._assistant.asearch(asked["question"], asked["k"], _filters(asked["filters"]))
        return {"found": search_json(found)}


async def _unless_left(request: Request, answering: Awaitable[dict[str, Any]]) -> dict[str, Any]:
    """Return an answer, and stop what makes it where nobody waits for it any more."""
    task = asyncio.ensure_future(answering)
    leaving = asyncio.ensure_future(request.receive())
    try:
        await asyncio.wait({task, leaving}, return_when=asyncio.FIRST_COMPLETED)
        return await task if task.done() else {}
    finally:
        task.cancel()
        leaving.cancel()


def _filters(values: dict[str, Any]) -> Filters | None:
    first, last = (
        date.fromisoformat(values[name]) if values[name] else None for name in ("published_from", "published_to")
    )
    languages, sources, articles = (tuple(values[name]) for name in ("languages", "sources", "articles"))
    return Filters(languages, sources, articles, first, last) or None


def _is_from_here(request: Request) -> bool:
    is_browser = "origin" in request.headers or "sec-fetch-site" in request.headers
    is_passed_on = "x-forwarded-for" in request.headers
    client = cast("tuple[str, int] | None", request.scope.get("client"))
    return not is_browser and not is_passed_on and client is not None and network_of(client[0]) in LOOPBACK_ADDRESSES


def _nothing() -> Response:
    return PlainTextResponse("There is nothing here.", 404)
