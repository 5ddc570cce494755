"""A visitor's conversations on the page: list, reopen, rename, delete, export, and what they think of answers."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from assistant.conversation.export import to_json, to_markdown
from assistant.conversation.history import title_of
from assistant.conversation.history_database import NoConversationError, StoredTurn
from assistant.errors import Message
from assistant.passages.passage import Span
from assistant.text.controls import printable
from assistant.web.context import Context, locale_of, visitor_of
from assistant.web.limits import RowNumber
from assistant.web.page_json import article_json, turn_json
from assistant.web.questions import Asked
from assistant.web.rendering import visible


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
    async def conversations(request: Request) -> list[dict[str, Any]]:
        return await _list(context, visitor_of(request))

    @router.get("/page/conversations/{conversation}")
    async def conversation(conversation: str, request: Request) -> dict[str, Any]:
        return await _open(context, visitor_of(request), conversation, locale_of(request))

    @router.patch("/page/conversations/{conversation}", status_code=204)
    def rename(conversation: str, title: Title, request: Request) -> None:
        kept.rename(visitor_of(request), conversation, title.title)

    @router.delete("/page/conversations/{conversation}", status_code=204)
    async def delete(conversation: str, request: Request) -> None:
        await _delete(context, visitor_of(request), conversation)

    @router.get("/page/conversations/{conversation}/export")
    def export(conversation: str, request: Request, form: Literal["md", "json"]) -> Response:
        turns = [stored.turn for stored in kept.turns(visitor_of(request), conversation)]
        text, kind = (to_markdown(turns), "text/markdown") if form == "md" else (to_json(turns), "application/json")
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
                return article_json(article, Span(start, end), locale_of(request))
        raise HTTPException(404, Message("That answer does not cite this article."))

    return router


async def _delete(context: Context, visitor: str, conversation: str) -> None:
    was_asked = await context.questions.stop_one(visitor, conversation)
    try:
        await asyncio.to_thread(context.conversations.delete, visitor, conversation)
    except NoConversationError:
        # One whose first answer was stopped is gone by that.
        if not was_asked:
            raise


async def _list(context: Context, visitor: str) -> list[dict[str, Any]]:
    """Return a visitor's conversations, latest first, with those whose first answer is still being made."""
    asked = {one.conversation: one for one in context.questions.of(visitor)}
    for one in asked.values():
        one.keep()
    stored = await asyncio.to_thread(context.conversations.of, visitor)
    known = {one.id for one in stored}
    begun = [_row(one.conversation, title_of(one.question), one) for one in asked.values()]
    return [row for row in begun if row["id"] not in known] + [
        _row(one.id, one.title, asked.get(one.id)) for one in stored
    ]


def _row(conversation: str, title: str, asked: Asked | None) -> dict[str, Any]:
    return {"id": conversation, "title": printable(title), "waits": "asking" if asked else None}


async def _open(context: Context, visitor: str, conversation: str, locale: str) -> dict[str, Any]:
    """Return the turns of a conversation, and the question that it waits for."""
    # Before the turns, so that an answer that is kept meanwhile is found in one of the two.
    asked = context.questions.find(visitor, conversation)
    turns: list[StoredTurn] = []
    unanswered = None
    try:
        turns = await asyncio.to_thread(context.conversations.turns, visitor, conversation)
        unanswered = await asyncio.to_thread(context.conversations.unanswered, visitor, conversation)
    except NoConversationError:
        if asked is None:
            raise
    return {
        "turns": [turn_json(stored, locale) for stored in turns],
        "asking": {"question": visible(asked.question), "replaces": asked.replaces} if asked else None,
        "unanswered": {"question": visible(unanswered.question), "reason": visible(unanswered.reason)}
        if unanswered
        else None,
    }
