"""`ChatHandlers`: the handlers of the chat's events, from a typed question to the answer with its sources."""

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

import gradio as gr
from gradio.blocks import Block

from assistant import observability
from assistant.answering.events import Event, Finished, Retrieved, Step, Token
from assistant.conversation.history_database import NoConversationError, StoredTurn
from assistant.conversation.turn import Turn
from assistant.errors import AssistantError, message_of
from assistant.web.context import Context, locale_of, visitor_of
from assistant.web.limits import MAX_QUESTION
from assistant.web.locales import words
from assistant.web.locales.messages import for_visitors, isolated, translate
from assistant.web.models import choose_model
from assistant.web.page import render
from assistant.web.page.events import notice, number_of
from assistant.web.page.preferences import Preferences
from assistant.web.questions import Asked, StillAnsweringError, TooManyOwnError, finish_uncancelled
from assistant.web.rendering import visible

# More frequent updates cost the server time, and nobody could read them.
UPDATE_SECONDS = 0.08
# A local model that has to start takes seconds to write its first word.
PATIENCE_SECONDS = 2.5

# The value of `latest` while an answer is being made; no stored answer has this number.
FOLLOWED = -1

PASSING = ("token", "step", "retrieved", "alive")
STEPS = {name: f"step_{name}" for name in ("wait", "rewrite", "search", "write", "check", "translate", "open", "list")}

Updates = AsyncIterator[dict[Block, Any]]


@dataclass(frozen=True, slots=True)
class ChatOutputs:
    """The components that an answer changes.

    Attributes:
        messages: The chat.
        box: Where questions are typed.
        conversation: The id of the conversation that is open, "" for none.
        sources: The panel of sources.
        latest: The number of the last answer that is shown, 0 for none, `FOLLOWED` while one is being made.
    """

    messages: gr.Chatbot
    box: gr.Textbox
    conversation: gr.State
    sources: gr.HTML
    latest: gr.State

    def all(self) -> list[Block]:
        """Return all of them, as outputs of an event."""
        return [self.messages, self.box, self.conversation, self.sources, self.latest]


class ChatHandlers:
    """Answers questions in the chat. Each method is the handler of an event; `outputs` are what it changes.

    An answer goes on when its visitor leaves or reloads the page; `open` continues to show it.

    Args:
        context: What all parts of the page share.
        outputs: The components that an answer changes.
    """

    def __init__(self, context: Context, outputs: ChatOutputs) -> None:
        self._context = context
        self._outputs = outputs
        # By tab, the conversation that is open in it.
        self._opened: dict[str | None, str] = {}

    async def ask(
        self, question: str, conversation: str, choices: Mapping[str, Any], kept: object, request: gr.Request
    ) -> Updates:
        """Ask what was typed."""
        conversation = self._opened_in(conversation, kept, request)
        async for update in self._ask(question, conversation, choices, request):
            yield update

    async def ask_example(
        self, conversation: str, choices: Mapping[str, Any], kept: object, event: gr.SelectData, request: gr.Request
    ) -> Updates:
        """Ask a suggested question."""
        conversation = self._opened_in(conversation, kept, request)
        async for update in self._ask(event.value["text"], conversation, choices, request):
            yield update

    async def ask_option(
        self, conversation: str, choices: Mapping[str, Any], kept: object, event: gr.SelectData, request: gr.Request
    ) -> Updates:
        """Ask what stands under an answer, of the article that it is about."""
        conversation = self._opened_in(conversation, kept, request)
        turns, _ = await self._turns(request, conversation)
        offered = turns[-1].turn.answer.choices if turns else ()
        place = str(event.value)
        if place.isdecimal() and int(place) < len(offered):
            choice = offered[int(place)]
            async for update in self._ask(choice.question, conversation, choices, request, article=choice.article):
                yield update
        else:
            yield self._nothing()

    async def ask_again(
        self, conversation: str, choices: Mapping[str, Any], kept: object, event: gr.RetryData, request: gr.Request
    ) -> Updates:
        """Ask a question once more: it and what came after it give way."""
        conversation = self._opened_in(conversation, kept, request)
        replaced = await self.turn_at(request, conversation, event.index)
        question = replaced.turn.question if replaced else render.typed(_text(event.value))
        async for update in self._ask(question, conversation, choices, request, replaced):
            yield update

    async def ask_edited(
        self, conversation: str, choices: Mapping[str, Any], kept: object, event: gr.EditData, request: gr.Request
    ) -> Updates:
        """Ask a question in other words: it and what came after it give way."""
        conversation = self._opened_in(conversation, kept, request)
        question = render.typed(_text(event.value))
        if question.strip() and len(question) <= MAX_QUESTION:
            replaced = await self.turn_at(request, conversation, event.index)
            async for update in self._ask(question, conversation, choices, request, replaced):
                yield update
        else:
            self._warn_of_length(question, request)
            turns, _ = await self._turns(request, conversation)
            yield await self._whole(conversation, turns, request)

    async def open(self, conversation: str, request: gr.Request) -> Updates:
        """Show a conversation, and go on with the answer that is being made in it."""
        # Before the turns, so that an answer that is kept meanwhile is found in one of the two.
        asked = self._context.questions.find(visitor_of(request), conversation)
        self._opened[request.session_hash] = conversation
        turns, is_gone = await self._turns(request, conversation)
        if is_gone and asked is None:
            notice(words(locale_of(request))["gone"], locale_of(request))
            conversation = ""
        yield await self._whole(conversation, turns, request)
        if asked is not None:
            async for update in self._follow(asked, asked.follow(), turns, request):
                yield update

    async def resume(self, kept: object, request: gr.Request) -> Updates:
        """Show the conversation that the browser keeps as the one that was open last.

        Gradio's queue may let a question that was typed at once go before this: then that is what is shown.
        """
        conversation = _id_of(kept)
        if self._opened.get(request.session_hash, conversation) != conversation:
            yield self._nothing()
            return
        async for update in self.open(conversation, request):
            yield update

    async def look(self, conversation: str, latest: int, request: gr.Request) -> Updates:
        """Look again at a conversation, where another tab may have gone on with it or deleted it."""
        yield self._nothing()
        if latest == FOLLOWED or not conversation:
            return
        turns, is_gone = await self._turns(request, conversation)
        is_asked = self._context.questions.find(visitor_of(request), conversation) is not None
        if is_asked or is_gone or _latest(turns) != latest:
            async for update in self.open(conversation, request):
                yield update

    def close(self, request: gr.Request) -> None:
        """Forget a tab that was closed."""
        self._opened.pop(request.session_hash, None)

    async def stop(self, conversation: str, request: gr.Request) -> dict[Block, Any]:
        """Stop the answer that is being made. Its question stays, to be asked again."""
        await self._context.questions.stop_one(visitor_of(request), conversation)
        turns, _ = await self._turns(request, conversation)
        return await self._whole(conversation, turns, request)

    async def restore(self, conversation: str, event: gr.EventData, request: gr.Request) -> dict[Block, Any]:
        """Show another version of a turn, and what followed on it."""
        await asyncio.to_thread(self._context.conversations.restore, visitor_of(request), number_of(event, "turn"))
        turns, _ = await self._turns(request, conversation)
        return await self._whole(conversation, turns, request)

    def _opened_in(self, conversation: str, kept: object, request: gr.Request) -> str:
        """Return the conversation that is open in a tab: as this process knows it, else as the browser keeps it.

        Where several processes serve the page, another one may have shown it, and have ended since.
        """
        return conversation if request.session_hash in self._opened else _id_of(kept)

    async def _whole(self, conversation: str, turns: list[StoredTurn], request: gr.Request) -> dict[Block, Any]:
        """Return what shows a conversation, with its last question where that has no answer."""
        outputs, locale, visitor = self._outputs, locale_of(request), visitor_of(request)
        messages = self._messages(turns, locale)
        if conversation and self._context.questions.find(visitor, conversation) is None:
            unanswered = await asyncio.to_thread(self._context.conversations.unanswered, visitor, conversation)
            if unanswered is not None:
                messages += _unanswered(unanswered.question, unanswered.reason or words(locale)["stopped"])
        return {
            outputs.messages: _rated(messages, turns),
            outputs.conversation: conversation,
            outputs.sources: render.sources(turns[-1] if turns else None, locale),
            outputs.latest: _latest(turns),
        }

    async def _ask(
        self,
        question: str,
        conversation: str,
        choices: Mapping[str, Any],
        request: gr.Request,
        replaced: StoredTurn | None = None,
        article: str | None = None,
    ) -> Updates:
        locale, visitor = locale_of(request), visitor_of(request)
        if not question.strip():
            yield self._nothing()
            return
        if len(question) > MAX_QUESTION:
            self._warn_of_length(question, request)
            yield self._nothing()
            return
        turns, is_gone = await self._turns(request, conversation)
        if is_gone:
            notice(words(locale)["gone"], locale)
        begins = is_gone or not conversation
        asked = Asked(uuid.uuid4().hex if begins else conversation, question, replaced.id if replaced else None)
        preferences = Preferences.read(choices)
        if article is not None:
            preferences = preferences.model_copy(update={"articles": {article: ""}})
        making = self._events(visitor, asked, preferences, locale, begins=begins)
        try:
            async for update in self._follow(
                asked, self._context.questions.ask(visitor, asked, making), turns, request
            ):
                yield update
        except (StillAnsweringError, TooManyOwnError) as error:
            messages = self._messages(turns, locale) + _unanswered(question, translate(message_of(error), locale))
            yield {self._outputs.messages: _rated(messages, turns)}

    @staticmethod
    def _warn_of_length(question: str, request: gr.Request) -> None:
        if len(question) > MAX_QUESTION:
            locale = locale_of(request)
            notice(render.fill(words(locale)["too_long"], n=len(question), most=MAX_QUESTION), locale)

    async def _follow(
        self,
        asked: Asked,
        events: AsyncGenerator[dict[str, Any]],
        turns: list[StoredTurn],
        request: gr.Request,
    ) -> Updates:
        """Show an answer as it is made. It is completed even if nobody reads it to the end."""
        outputs, locale = self._outputs, locale_of(request)
        w = words(locale)
        earlier = [turn for turn in turns if asked.replaces is None or turn.id < asked.replaces]
        before = self._messages(earlier, locale, offers=False)
        self._opened[request.session_hash] = asked.conversation
        before.append({"role": "user", "content": render.asked(asked.question)})
        progress, last_update = _Progress(w), 0.0
        last: dict[str, Any] = {"type": "stopped"}
        async with aclosing(events):
            async for event in events:
                is_first = not last_update
                if not progress.take(event):
                    last = event
                    break
                if self._opened.get(request.session_hash) != asked.conversation:
                    # Something else is open in this tab by now. Gradio sends the last update again when this ends.
                    yield self._nothing()
                    return
                # The first word is shown at once, however long the next one takes.
                if time.monotonic() - last_update > UPDATE_SECONDS or progress.text == event.get("text"):
                    last_update = time.monotonic()
                    update: dict[Block, Any] = {outputs.messages: _rated([*before, progress.message()], earlier)}
                    if is_first:
                        update |= {
                            outputs.conversation: asked.conversation,
                            outputs.sources: render.sources(None, locale),
                            outputs.latest: FOLLOWED,
                        }
                    yield update
        if self._opened.get(request.session_hash) != asked.conversation:
            yield self._nothing()
            return
        ended: dict[Block, Any] = {outputs.conversation: asked.conversation}
        if last["type"] == "finished":
            stored: StoredTurn = last["turn"]
            yield ended | {
                outputs.messages: _rated(self._messages([*earlier, stored], locale), earlier),
                outputs.sources: render.sources(stored, locale),
                outputs.latest: stored.id,
            }
            return
        reason = w["stopped"] if last["type"] == "stopped" else translate(last["message"], locale)
        failure = {"role": "assistant", "content": render.draft(reason, "failure")}
        yield ended | {outputs.messages: _rated([*before, failure], earlier), outputs.latest: _latest(turns)}

    async def _events(
        self, visitor: str, asked: Asked, preferences: Preferences, locale: str, *, begins: bool
    ) -> AsyncIterator[dict[str, Any]]:
        """Answer, and yield the progress. Stopping this stops the model, and no answer is kept."""
        context, started = self._context, time.perf_counter()
        kept, conversation, replaces = context.conversations, asked.conversation, asked.replaces
        await asyncio.to_thread(kept.ask, visitor, conversation, asked.question, replaces=replaces, begins=begins)
        try:
            yield {"type": "step", "name": "search" if context.answer_limiter.is_free else "wait"}
            async with context.answer_limiter.passing():
                observability.record("assistant.stage.duration", time.perf_counter() - started, stage="queue")
                before = await asyncio.to_thread(kept.before, visitor, conversation, replaces=replaces)
                model = await asyncio.to_thread(choose_model, preferences.model, context.assistant.settings)
                talk = await asyncio.to_thread(
                    context.assistant.conversation, [stored.turn for stored in before], chat_model=model
                )
                events = talk.astream(asked.question, k=preferences.k, filters=preferences.filters)
                async with aclosing(cast("AsyncGenerator[Event]", events)):
                    async for event in events:
                        if not isinstance(event, Finished):
                            yield _progress(event)
            turn = _with_notes_in(locale, talk.turns[-1])
            seconds = time.perf_counter() - started
            record = partial(kept.record, visitor, conversation, turn, seconds, replaces=replaces)
            # If somebody stops it now, they still get the finished answer.
            yield {"type": "finished", "turn": await finish_uncancelled(asyncio.to_thread(record))}
        except AssistantError as error:
            reason = translate(for_visitors(message_of(error)), locale)
            await asyncio.to_thread(kept.fail, visitor, conversation, reason)
            raise

    async def _turns(self, request: gr.Request, conversation: str) -> tuple[list[StoredTurn], bool]:
        """Return the turns of a conversation, and whether it is gone."""
        if not conversation:
            return [], False
        try:
            return await asyncio.to_thread(self._context.conversations.turns, visitor_of(request), conversation), False
        except NoConversationError:
            return [], True

    async def turn_at(self, request: gr.Request, conversation: str, index: Any) -> StoredTurn | None:
        """Return the turn of a message; None where its question was stopped or failed, and so was never kept."""
        turns, _ = await self._turns(request, conversation)
        return turns[index // 2] if index // 2 < len(turns) else None

    def _nothing(self) -> dict[Block, Any]:
        """Return an update that changes nothing; Gradio does not accept an empty one."""
        return {self._outputs.box: gr.skip()}

    def _messages(self, turns: list[StoredTurn], locale: str, *, offers: bool = True) -> list[render.Message]:
        return render.messages(turns, locale, sharing=self._context.allow_sharing, offers=offers)


def _id_of(kept: object) -> str:
    """Return the id of the conversation that a browser keeps; hostile, as all that comes from there."""
    conversation = kept.get("id") if isinstance(kept, dict) else None
    return conversation if isinstance(conversation, str) else ""


def _rated(messages: list[render.Message], turns: list[StoredTurn]) -> dict[str, Any]:
    """Return what shows messages, the first of which are those of `turns`, with what their visitor thinks of them."""
    ratings = [{1: "Like", -1: "Dislike"}.get(stored.rating) for stored in turns]
    return gr.update(value=messages, feedback_value=ratings)


def _latest(turns: list[StoredTurn]) -> int:
    return turns[-1].id if turns else 0


class _Progress:
    """What is shown of an answer that is being made.

    Args:
        w: The page's words.
    """

    def __init__(self, w: Mapping[str, str]) -> None:
        self.text = ""
        self._w = w
        self._step = w["step_search"]
        self._since = 0.0

    def take(self, event: Mapping[str, Any]) -> bool:
        """Take note of what happens; return whether more will."""
        match event:
            case {"type": "token", "text": text}:
                self.text += text
            case {"type": "step", "name": name, **rest}:
                self._step = self._w[STEPS[name]]
                if detail := rest.get("detail"):
                    # A chat model looks further: what it wrote before is no answer.
                    self._step, self.text = f"{self._step}: {isolated(visible(str(detail)))}", ""
                self._since = time.monotonic() if name == "write" else 0.0
            case {"type": "retrieved", "passages": passages}:
                self._step = render.fill(self._w["step_read"], n=passages)
            case {"type": "alive"} if self._since and time.monotonic() - self._since > PATIENCE_SECONDS:
                self._step = self._w["step_start"]
        return event["type"] in PASSING

    def message(self) -> render.Message:
        """Return the message: what is written by now, or which step the answer is at."""
        if self.text:
            return {"role": "assistant", "content": render.draft(self.text)}
        return {"role": "assistant", "content": "", "metadata": {"title": self._step, "status": "pending"}}


def _unanswered(question: str, reason: str) -> list[render.Message]:
    return [
        {"role": "user", "content": render.asked(question)},
        {"role": "assistant", "content": render.draft(reason, "failure")},
    ]


def _text(value: Any) -> str:
    """Return the text of a message as an event gives it: a string, or a list of strings and parts."""
    first = value[0] if isinstance(value, list) else value
    return first if isinstance(first, str) else str(first.get("text", ""))


def _with_notes_in(locale: str, turn: Turn) -> Turn:
    """Return a turn that tells of a failed model as the page of whoever asked would, now and when it is read again."""
    notes = tuple(translate(for_visitors(note), locale) for note in turn.answer.notes)
    return replace(turn, answer=replace(turn.answer, notes=notes))


def _progress(event: Event) -> dict[str, Any]:
    match event:
        case Step(name, detail):
            return {"type": "step", "name": name, "detail": detail}
        case Retrieved(hits):
            return {"type": "retrieved", "passages": len(hits)}
        case Token(text):
            return {"type": "token", "text": text}
    raise AssertionError(event)
