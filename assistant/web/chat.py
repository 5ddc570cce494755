"""Questions from the page: answered step by step, and kept."""

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Annotated, Any, cast

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from assistant.answering.events import Event, Finished, Retrieved, Step, Token
from assistant.conversation.conversation import Conversation
from assistant.conversation.turn import Turn
from assistant.errors import AssistantError, Message, message_of
from assistant.store.passage_store import Filters
from assistant.web.context import Context, locale_of, visitor_of
from assistant.web.limits import MAX_QUESTION, RowNumber
from assistant.web.locales.messages import for_visitors, translate
from assistant.web.models import choose_model
from assistant.web.page_json import turn_json
from assistant.web.questions import Asked, settled
from assistant.web.rendering import visible


class Question(BaseModel):
    """A question, and how it is to be answered.

    Attributes:
        conversation: The id of the conversation it goes on with or begins; without one, it begins another.
        begins: Whether the conversation begins with it where it is not there. The page makes ids itself, so that it can
            stop an answer, or come back to it, of which it has heard nothing yet.
        replaces: The turn that gives way to it, with all after it.
    """

    model_config = ConfigDict(extra="forbid")

    question: Annotated[str, Field(max_length=MAX_QUESTION)]
    conversation: Annotated[str, Field(pattern="^[0-9a-f]{32}$")] | None = None
    begins: bool = False
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
    """Return the routes that answer questions, let one come back to an answer that is being made, and stop it."""
    router = APIRouter()

    def respond(asked: Asked, events: AsyncGenerator[dict[str, Any]], locale: str) -> StreamingResponse:
        return context.streams.respond(_shown(asked, events, locale), locale)

    @router.post("/page/ask")
    async def ask(question: Question, request: Request) -> StreamingResponse:
        if not question.question.strip():
            raise HTTPException(422, Message("The question is empty."))
        visitor = visitor_of(request)
        if question.conversation is None:
            question = question.model_copy(update={"conversation": uuid.uuid4().hex, "begins": True})
        # Before anything is made: a refusal should cost nothing.
        await asyncio.to_thread(
            context.conversations.check,
            visitor,
            str(question.conversation),
            replaces=question.replaces,
            begins=question.begins,
        )
        asked = Asked(str(question.conversation), question.question, question.replaces)
        locale = locale_of(request)
        events = context.questions.ask(visitor, asked, _answer(context, visitor, question, locale))
        return respond(asked, events, locale)

    @router.get("/page/conversations/{conversation}/answer")
    async def come_back(conversation: str, request: Request) -> StreamingResponse:
        asked = _asked(context, conversation, request)
        return respond(asked, asked.follow(), locale_of(request))

    @router.delete("/page/conversations/{conversation}/answer", status_code=204)
    async def stop(conversation: str, request: Request) -> None:
        if not await context.questions.stop_one(visitor_of(request), conversation):
            raise _no_answer()

    return router


def _asked(context: Context, conversation: str, request: Request) -> Asked:
    asked = context.questions.find(visitor_of(request), conversation)
    if asked is None:
        raise _no_answer()
    return asked


def _no_answer() -> HTTPException:
    return HTTPException(404, Message("That conversation waits for no answer."))


async def _shown(asked: Asked, events: AsyncGenerator[dict[str, Any]], locale: str) -> AsyncIterator[dict[str, Any]]:
    """Give what happens as the page shows it, in the language of whoever reads along."""
    async with aclosing(events):
        async for event in events:
            if event["type"] == "finished":
                turn = turn_json(event["turn"], locale)
                yield {"type": "finished", "conversation": asked.conversation, "turn": turn}
            else:
                yield event


async def _answer(context: Context, visitor: str, question: Question, locale: str) -> AsyncIterator[dict[str, Any]]:
    """Answer, telling how far it is. Where this is stopped, so is the model, and no answer is kept."""
    started = time.perf_counter()
    kept, conversation = context.conversations, str(question.conversation)
    await asyncio.to_thread(
        kept.ask, visitor, conversation, question.question, replaces=question.replaces, begins=question.begins
    )
    try:
        if not context.answering.is_free:
            yield {"type": "step", "name": "wait"}
        async with context.answering.passing():
            talk = await _open(context, visitor, question)
            events = talk.astream(question.question, k=question.k, filters=question.filters)
            async with aclosing(cast("AsyncGenerator[Event]", events)):
                async for event in events:
                    if not isinstance(event, Finished):
                        yield _progress(event)
        turn = _with_notes_in(locale, talk.turns[-1])
        seconds = time.perf_counter() - started
        record = partial(kept.record, visitor, conversation, turn, seconds, replaces=question.replaces)
        # Whoever stops it now is told that it is there.
        yield {"type": "finished", "turn": await settled(asyncio.to_thread(record))}
    except AssistantError as error:
        reason = translate(for_visitors(message_of(error)), locale)
        await asyncio.to_thread(kept.fail, visitor, conversation, reason)
        raise


def _with_notes_in(locale: str, turn: Turn) -> Turn:
    """Return a turn that tells of a failed model as the page of whoever asked would, now and when it is read again."""
    notes = tuple(translate(for_visitors(note), locale) for note in turn.answer.notes)
    return replace(turn, answer=replace(turn.answer, notes=notes))


async def _open(context: Context, visitor: str, question: Question) -> Conversation:
    """Return the conversation as it was before the question."""
    before = partial(context.conversations.before, visitor, str(question.conversation), replaces=question.replaces)
    stored = await asyncio.to_thread(before)
    model = await asyncio.to_thread(choose_model, question.model, context.assistant.settings)
    return await asyncio.to_thread(context.assistant.conversation, [one.turn for one in stored], chat_model=model)


def _progress(event: Event) -> dict[str, Any]:
    match event:
        case Step(name):
            return {"type": "step", "name": name}
        case Retrieved(hits):
            return {"type": "retrieved", "passages": len(hits)}
        case Token(text):
            return {"type": "token", "text": visible(text)}
    raise AssertionError(event)
