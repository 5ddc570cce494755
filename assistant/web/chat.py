"""Questions from the page: answered step by step, and kept."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import date
from typing import Annotated, Any, cast

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from assistant.answering.conversation import Conversation
from assistant.answering.events import Event, Finished, Retrieved, Step, Token
from assistant.store.passage_store import Filters
from assistant.web.context import Context, locale_of, visitor_of
from assistant.web.documents import turn_document
from assistant.web.limits import MAX_QUESTION, RowNumber
from assistant.web.models import choose_model
from assistant.web.rendering import visible


class Question(BaseModel):
    """A question, and how it is to be answered."""

    model_config = ConfigDict(extra="forbid")

    question: Annotated[str, Field(max_length=MAX_QUESTION)]
    conversation: Annotated[str, Field(max_length=64)] | None = None
    replaces: RowNumber | None = None
    model: Annotated[str, Field(max_length=200)] = ""
    k: Annotated[int, Field(ge=1, le=20)] | None = None
    language: Annotated[str, Field(max_length=35)] = ""
    published_from: date | None = None
    published_to: date | None = None

    @property
    def filters(self) -> Filters | None:
        """Which articles may answer."""
        languages = (self.language,) if self.language else ()
        return Filters(languages, published_from=self.published_from, published_to=self.published_to) or None


def chat_routes(context: Context) -> APIRouter:
    """Return the route that answers questions."""
    router = APIRouter()

    @router.post("/page/ask")
    async def ask(question: Question, request: Request) -> StreamingResponse:
        if not question.question.strip():
            raise HTTPException(422, "The question is empty.")
        return context.streams.respond(_answer(context, visitor_of(request), question, locale_of(request)))

    return router


async def _answer(context: Context, visitor: str, question: Question, locale: str) -> AsyncIterator[dict[str, Any]]:
    """Answer, telling how far it is. Where the visitor stops or leaves, the model is stopped and nothing is kept."""
    started = time.perf_counter()
    if not context.answering.is_free:
        yield {"type": "step", "name": "wait"}
    async with context.answering.passing():
        conversation = await _open(context, visitor, question)
        events = conversation.astream(question.question, k=question.k, filters=question.filters)
        is_answered = False
        async with aclosing(cast("AsyncGenerator[Event]", events)):
            async for event in events:
                if isinstance(event, Finished):
                    is_answered = True
                else:
                    yield _progress(event)
    if is_answered:
        stored_in, stored = await asyncio.to_thread(
            context.conversations.record,
            visitor,
            question.conversation,
            conversation.turns[-1],
            time.perf_counter() - started,
            question.replaces,
        )
        yield {"type": "finished", "conversation": stored_in, "turn": turn_document(stored, locale)}


async def _open(context: Context, visitor: str, question: Question) -> Conversation:
    """Return the conversation as it was before the question."""
    stored = (
        await asyncio.to_thread(context.conversations.turns, visitor, question.conversation)
        if question.conversation
        else []
    )
    before = [one.turn for one in stored if question.replaces is None or one.id < question.replaces]
    model = await asyncio.to_thread(choose_model, question.model, context.assistant.settings)
    return await asyncio.to_thread(context.assistant.conversation, before, chat_model=model)


def _progress(event: Event) -> dict[str, Any]:
    match event:
        case Step(name):
            return {"type": "step", "name": name}
        case Retrieved(hits):
            return {"type": "retrieved", "passages": len(hits)}
        case Token(text):
            return {"type": "token", "text": visible(text)}
    raise AssertionError(event)
