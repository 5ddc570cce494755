"""A visitor's conversations on the page: list, reopen, rename, delete, export, and what they think of answers."""

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from assistant.answering.conversation import Turn
from assistant.answering.export import to_json, to_markdown
from assistant.articles.display import printable
from assistant.passages.passage import Span
from assistant.web.context import Context, locale_of, visitor_of
from assistant.web.documents import article_document, turn_document
from assistant.web.limits import RowNumber
from assistant.web.programs import without_folders


class Title(BaseModel):
    """A conversation's new title."""

    model_config = ConfigDict(extra="forbid")
    title: Annotated[str, Field(min_length=1, max_length=200)]


class Feedback(BaseModel):
    """What a visitor thinks of an answer."""

    model_config = ConfigDict(extra="forbid")
    rating: Literal[-1, 0, 1]
    comment: Annotated[str, Field(max_length=2000)] = ""


def history_routes(context: Context) -> APIRouter:
    """Return the routes about conversations."""
    router = APIRouter()
    kept = context.conversations

    @router.get("/page/conversations")
    def conversations(request: Request) -> list[dict[str, Any]]:
        return [
            {"id": one.id, "title": printable(one.title), "updated": one.updated}
            for one in kept.of(visitor_of(request))
        ]

    @router.get("/page/conversations/{conversation}")
    def conversation(conversation: str, request: Request) -> list[dict[str, Any]]:
        locale = locale_of(request)
        return [turn_document(stored, locale) for stored in kept.turns(visitor_of(request), conversation)]

    @router.patch("/page/conversations/{conversation}", status_code=204)
    def rename(conversation: str, title: Title, request: Request) -> None:
        kept.rename(visitor_of(request), conversation, title.title)

    @router.delete("/page/conversations/{conversation}", status_code=204)
    def delete(conversation: str, request: Request) -> None:
        kept.delete(visitor_of(request), conversation)

    @router.get("/page/conversations/{conversation}/export")
    def export(conversation: str, request: Request, form: Literal["md", "json"]) -> Response:
        turns = [stored.turn for stored in kept.turns(visitor_of(request), conversation)]
        text, kind = (to_markdown(turns), "text/markdown") if form == "md" else (_to_json(turns), "application/json")
        name = f"conversation-{conversation[:8]}.{form}"
        return Response(text, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})

    @router.post("/page/turns/{turn}/feedback", status_code=204)
    def rate(turn: RowNumber, feedback: Feedback, request: Request) -> None:
        kept.rate(visitor_of(request), turn, feedback.rating, feedback.comment)

    @router.get("/page/turns/{turn}/articles/{article_id}")
    def cited(turn: RowNumber, article_id: str, request: Request, start: int = 0, end: int = 0) -> dict[str, Any]:
        """Return an article as it was when it was cited, also where the library has lost it since."""
        answer = kept.turn(visitor_of(request), turn).turn.answer
        articles = [citation.article for citation in answer.citations] + [hit.article for hit in answer.closest]
        for article in articles:
            if article.id == article_id:
                return article_document(article, Span(start, end), locale_of(request))
        raise HTTPException(404, "That answer does not cite this article.")

    return router


def _to_json(turns: list[Turn]) -> str:
    """Return turns as `to_json` does, but with the names of files instead of their paths."""
    documents = [without_folders(document) for document in json.loads(to_json(turns))]
    return json.dumps(documents, ensure_ascii=False, indent=2)
