"""The library on the page: list, read, add, remove, rebuild."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from assistant.assistant import Assistant
from assistant.errors import PrivateAddressError, ReadError
from assistant.indexing.sync import SyncReport
from assistant.language.normalise import normalise
from assistant.passages.passage import Span
from assistant.progress import Progress
from assistant.store.passage_store import ArticleSummary, Filters
from assistant.text.controls import printable
from assistant.text.paths import without_paths
from assistant.web.context import Context, locale_of, visitor_of
from assistant.web.documents import article_document, language_name, summary_document
from assistant.web.locales.messages import translate
from assistant.web.rendering import name_of
from assistant.web.uploads import forget_uploads, receive_upload

PAGE_SIZE = 100
UPLOAD_PATH = "/page/articles/file"


class Address(BaseModel):
    """A web address to add."""

    url: Annotated[str, Field(max_length=2000, pattern=r"^https?://\S+$")]


def library_routes(context: Context) -> APIRouter:
    """Return the routes about the library."""
    router = APIRouter()
    assistant = context.assistant

    @router.get("/page/articles")
    def articles(request: Request, query: str = "", language: str = "", count: int = PAGE_SIZE) -> dict[str, Any]:
        locale = locale_of(request)
        everything = assistant.articles()
        chosen = [one for one in everything if (not language or one.language == language) and _matches(one, query)]
        codes = sorted({one.language for one in everything})
        return {
            "total": len(everything),
            "found": len(chosen),
            "articles": [summary_document(one, locale) for one in chosen[:count]],
            "languages": [{"code": code, "name": language_name(code, locale)} for code in codes],
        }

    @router.get("/page/articles/{article_id}")
    def article(article_id: str, request: Request, start: int = 0, end: int = 0) -> dict[str, Any]:
        return article_document(assistant.article(article_id), Span(start, end), locale_of(request))

    @router.delete("/page/articles/{article_id}", status_code=204)
    async def remove(article_id: str, request: Request) -> None:
        visitor_of(request)
        await asyncio.to_thread(_remove, assistant, article_id)

    @router.post(UPLOAD_PATH)
    async def add_file(request: Request, name: Annotated[str, Field(max_length=1000)]) -> StreamingResponse:
        visitor_of(request)
        path = await receive_upload(request, assistant.settings.store, name)
        return context.streams.respond(_add(context, str(path), locale_of(request)), locale_of(request))

    @router.post("/page/articles/url")
    async def add_url(address: Address, request: Request) -> StreamingResponse:
        visitor_of(request)
        return context.streams.respond(_add(context, address.url, locale_of(request)), locale_of(request))

    @router.post("/page/rebuild")
    async def rebuild(request: Request) -> StreamingResponse:
        visitor_of(request)
        return context.streams.respond(_rebuild(context), locale_of(request))

    return router


def _matches(summary: ArticleSummary, query: str) -> bool:
    """Return whether each word of a query is in the title or source, in whatever form it is written."""
    text = normalise(f"{summary.title} {name_of(summary.source)} {summary.id}").casefold()
    return all(word in text for word in normalise(query).casefold().split())


def _remove(assistant: Assistant, article_id: str) -> None:
    sources = _sources(assistant, Filters(articles=(article_id,)))
    assistant.remove(article_id)
    forget_uploads(assistant.settings.store, sources, _sources(assistant))


def _sources(assistant: Assistant, filters: Filters | None = None) -> list[str]:
    summaries = assistant.articles(filters)
    return [source for summary in summaries for source in (summary.source, *summary.other_sources)]


async def _add(context: Context, source: str, locale: str) -> AsyncIterator[dict[str, Any]]:
    assistant = context.assistant

    def work(progress: Progress) -> SyncReport:
        try:
            return assistant.add(source, progress=progress)
        finally:
            # An upload from which no article came is of no use.
            forget_uploads(assistant.settings.store, [source], _sources(assistant))

    async for event in context.changes.run(work):
        yield _report(event, source, locale) if isinstance(event, SyncReport) else event


async def _rebuild(context: Context) -> AsyncIterator[dict[str, Any]]:
    def work(progress: Progress) -> int:
        # An assistant of its own: this one goes on answering from the store as it was, until the new state is there.
        with Assistant(**context.assistant.settings.model_dump()) as other:
            return other.rebuild(progress=progress)

    async for event in context.changes.run(work):
        yield {"type": "done", "passages": event} if isinstance(event, int) else event


def _report(report: SyncReport, source: str, locale: str) -> dict[str, Any]:
    """Say what adding did."""
    return {
        "type": "done",
        "added": len(report.added) + len(report.changed),
        "unchanged": len(report.unchanged),
        "problems": [translate(_said_to_visitors(one, source), locale) for one in report.problems],
    }


def _said_to_visitors(problem: ReadError, source: str) -> str:
    """Return a problem without its source, which the visitor has named, and without what only the owner can set."""
    if isinstance(problem, PrivateAddressError):
        return "its host is on the server's own machine or local network, from which nothing is read."
    return printable(without_paths(str(problem).removeprefix(f"{printable(source)}: ")), 500)
