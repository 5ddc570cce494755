"""The chat tab: the conversation that is open, the box for questions, and the sources beside them."""

import asyncio
from typing import Any

import gradio as gr

from assistant.conversation.history_database import StoredTurn
from assistant.errors import AssistantError, NotInStoreError
from assistant.passages.passage import Span
from assistant.web.context import Context, locale_of, visitor_of
from assistant.web.limits import MAX_QUESTION
from assistant.web.locales import words
from assistant.web.page import render
from assistant.web.page.chat_handlers import FOLLOWED, ChatHandlers, ChatOutputs
from assistant.web.page.components.sources import build_sources
from assistant.web.page.events import PRIVATE, QUIET, Translated, notice, number_of, payload_of
from assistant.web.page.preferences import Preferences
from assistant.web.page_json import language_name

MOST_COMMENT = 2000
# The number of a turn, and 1 or -1.
NOTHING_RATED = (0, 0)
# They are of static/page.js.
_TAKE = f"(...inputs) => window.takeQuestion({MAX_QUESTION}, ...inputs)"
_ASKED = "() => window.questionAsked()"
_NOT_ASKED = "() => window.questionNotAsked()"


class NotSharedError(AssistantError):
    """Somebody wants to share an answer where the owner does not allow it."""


class ChatTab:
    """The components of the chat tab, and what happens to them.

    Args:
        context: What all parts of the page share.
        t: Gives the page's words.
        reader: Shows whole articles.
        conversation: The id of the conversation that is open.
        preferences: How questions are to be answered.
        last: The conversation that is open, as the browser keeps it.
    """

    def __init__(
        self,
        context: Context,
        t: Translated,
        reader: gr.HTML,
        conversation: gr.State,
        preferences: gr.BrowserState,
        last: gr.BrowserState,
    ) -> None:
        self._context = context
        self._conversation = conversation
        self._chosen = [conversation, preferences, last]
        self._reader = reader
        self._rated = gr.State(NOTHING_RATED)
        with gr.Row(equal_height=False, elem_id="chat-row"):
            with gr.Column(scale=5, min_width=320, elem_id="talk"):
                self.messages = gr.Chatbot(
                    elem_id="chat",
                    label=t("chat"),
                    show_label=False,
                    height="calc(100dvh - 9.5rem)",
                    render_markdown=False,
                    allow_tags=False,
                    latex_delimiters=[],
                    line_breaks=False,
                    editable="user",
                    buttons=["copy"],
                    layout="bubble",
                    group_consecutive_messages=False,
                    placeholder=t("welcome_text"),
                )
                with gr.Column(elem_id="composer"):
                    self.filters = gr.Button(visible=False, elem_id="filters", size="sm")
                    self._comment = gr.Textbox(
                        label=t("comment"), visible=False, max_lines=2, submit_btn=True, elem_id="comment"
                    )
                    self.box = gr.Textbox(
                        elem_id="question",
                        label=t("ask_label"),
                        show_label=False,
                        placeholder=t("ask_placeholder"),
                        max_lines=6,
                        autofocus=True,
                        submit_btn=t("ask"),
                        # One of the two is shown, by what the chat shows: see static/page.css.
                        stop_btn=t("stop"),
                        html_attributes=gr.InputHTMLAttributes(enterkeyhint="send", autocomplete="off"),
                    )
            with gr.Column(scale=3, min_width=300, elem_id="sources-column"):
                self._sources = build_sources()
        self.outputs = ChatOutputs(self.messages, self.box, conversation, self._sources, gr.State(0))
        self.handlers = ChatHandlers(context, self.outputs)

    def connect(self, openings: list[Any]) -> list[Any]:
        """Say what happens when; return the events after which the list of conversations is another.

        Args:
            openings: Events that open a conversation, which `stop` ends as well.
        """
        handlers, chosen, outputs = self.handlers, self._chosen, self.outputs.all()
        follow = {**PRIVATE, "concurrency_limit": None}
        asking = [
            self.box.submit(handlers.ask, [self.box, *chosen], outputs, **follow, js=_TAKE),
            self.messages.example_select(handlers.ask_example, chosen, outputs, **follow),
            self.messages.option_select(handlers.ask_option, chosen, outputs, **follow),
            self.messages.retry(handlers.ask_again, chosen, outputs, **follow),
            self.messages.edit(handlers.ask_edited, chosen, outputs, **follow),
        ]
        asking[0].success(None, None, None, js=_ASKED)
        asking[0].failure(None, None, None, js=_NOT_ASKED)
        version = self._sources.version(handlers.restore, self._conversation, outputs, **PRIVATE)
        look = self._sources.look(handlers.look, [self._conversation, self.outputs.latest], outputs, **follow)
        stop = self.box.stop(handlers.stop, self._conversation, outputs, cancels=[*asking, *openings, look], **PRIVATE)
        self._sources.cite(self._cite, None, self._sources, **QUIET)
        self._sources.link(self._share, None, self._reader, **QUIET)
        self._sources.unlink(self._unshare, None, self._reader, **PRIVATE)
        self._sources.read(self._read, None, self._reader, **QUIET)
        self.messages.like(self._rate, self._conversation, [self._comment, self._rated], **PRIVATE)
        self._conversation.change(lambda: gr.update(visible=False), None, self._comment, **QUIET)
        self.outputs.latest.change(self._put_away, self.outputs.latest, self._comment, **QUIET)
        self._comment.submit(self._say, [self._comment, self._rated], self._comment, **PRIVATE)
        return [*asking, *openings, look, stop, version]

    def show_filters(self, kept: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        """Say over the box what keeps articles from answering: else a forgotten filter looks like an empty library."""
        locale, chosen = locale_of(request), Preferences.read(kept)
        w = words(locale)
        parts = [f"{w['only']}: {title}" for title in chosen.articles.values()]
        if chosen.language:
            parts.append(f"{w['filter_language']}: {language_name(chosen.language, locale)}")
        for name, day in (("from", chosen.published_from), ("to", chosen.published_to)):
            if day:
                parts.append(f"{w[name]}: {render.day(day, locale)}")
        return gr.update(value=" · ".join(parts), visible=bool(parts))

    async def _cite(self, event: gr.EventData, request: gr.Request) -> dict[str, Any]:
        return render.sources(await self._turn(event, request), locale_of(request))

    async def _read(self, event: gr.EventData, request: gr.Request) -> dict[str, Any]:
        """Show an article as it was when it was cited, also where the library has lost it since."""
        locale = locale_of(request)
        answer = (await self._turn(event, request)).turn.answer
        for article in [*(citation.article for citation in answer.citations), *(hit.article for hit in answer.closest)]:
            if article.id == payload_of(event).get("article"):
                highlight = Span(number_of(event, "start"), number_of(event, "end"))
                return render.article(article, highlight, locale)
        raise NotInStoreError("That answer does not cite this article.")

    async def _share(self, event: gr.EventData, request: gr.Request) -> dict[str, Any]:
        if not self._context.allow_sharing:
            raise NotSharedError("Answers of this server are not shared.")
        token = await asyncio.to_thread(
            self._context.conversations.share, visitor_of(request), number_of(event, "turn")
        )
        return render.share(number_of(event, "turn"), token, locale_of(request))

    async def _unshare(self, event: gr.EventData, request: gr.Request) -> dict[str, Any]:
        await asyncio.to_thread(self._context.conversations.unshare, visitor_of(request), number_of(event, "turn"))
        notice(words(locale_of(request))["not_shared"], locale_of(request))
        return {"html": "", "close": ""}

    async def _turn(self, event: gr.EventData, request: gr.Request) -> StoredTurn:
        """Return the turn that an event names."""
        visitor, number = visitor_of(request), number_of(event, "turn")
        return await asyncio.to_thread(self._context.conversations.turn, visitor, number)

    async def _rate(self, conversation: str, event: gr.LikeData, request: gr.Request) -> tuple[Any, tuple[int, int]]:
        stored = await self.handlers.turn_at(request, conversation, event.index)
        if stored is None:
            # A message that only says why there is no answer.
            return gr.update(visible=False), NOTHING_RATED
        # Neither where the visitor takes back what they said.
        rating = 1 if event.liked is True else -1 if event.liked is False else 0
        await self._keep(request, stored.id, rating, stored.comment)
        # Gradio does not translate the button of a box that was hidden.
        send = words(locale_of(request))["send"]
        return gr.update(visible=bool(rating), value=stored.comment, submit_btn=send), (stored.id, rating)

    def _put_away(self, latest: int) -> Any:
        """Hide the comment on an answer when another one begins."""
        return gr.update(visible=False) if latest == FOLLOWED else gr.skip()

    async def _say(self, comment: str, rated: tuple[int, int], request: gr.Request) -> dict[str, Any]:
        await self._keep(request, *rated, comment[:MOST_COMMENT])
        notice(words(locale_of(request))["thanks"], locale_of(request))
        return gr.update(visible=False, value="")

    async def _keep(self, request: gr.Request, turn: int, rating: int, comment: str) -> None:
        await asyncio.to_thread(self._context.conversations.rate, visitor_of(request), turn, rating, comment)
