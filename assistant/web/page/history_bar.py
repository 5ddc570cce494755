"""The side bar: a visitor's conversations, to find, reopen, rename, delete and export."""

import asyncio
from typing import Any

import gradio as gr

from assistant.conversation.history_database import NoConversationError
from assistant.text.controls import printable
from assistant.web.context import Context, locale_of, visitor_of
from assistant.web.locales import words
from assistant.web.page import render
from assistant.web.page.chat_handlers import ChatHandlers
from assistant.web.page.events import PRIVATE, QUIET, Translated

# A phone's own width and less; static/page.css has the same number.
NARROW_PIXELS = 768
# While something is being answered elsewhere.
LOOK_AGAIN_SECONDS = 2.0


class HistoryBar:
    """The components of the side bar, and what happens to them.

    Args:
        context: What all parts of the page share.
        t: Gives the page's words.
        conversation: The id of the conversation that is open.
    """

    def __init__(self, context: Context, t: Translated, conversation: gr.State) -> None:
        self._context = context
        self._look = gr.Timer(LOOK_AGAIN_SECONDS, active=False)
        self._conversation = conversation
        with gr.Sidebar(open=False, width=300, elem_id="history", label=t("conversations")) as self.bar:
            self._new = gr.Button(t("new_chat"), variant="primary", size="md", elem_id="new-chat")
            self._find = gr.Textbox(
                elem_id="find-conversation", show_label=False, label=t("find_conversation"),
                placeholder=t("find_conversation"), max_lines=1,
            )  # fmt: skip
            self.conversations = gr.Radio([], label=t("conversations"), elem_id="conversations")
            with gr.Column(visible=False, elem_id="conversation-acts") as self._acts:
                self._title = gr.Textbox(label=t("rename_prompt"), max_lines=1, submit_btn=t("rename"), elem_id="title")
                self._export = gr.HTML(elem_id="export")
                self._delete = gr.Button(t("delete"), size="sm", variant="stop", elem_id="delete-conversation")
            with gr.Column(visible=False, elem_id="confirm-delete") as self._sure:
                gr.Markdown(t("delete_conversation"))
                with gr.Row():
                    self._yes = gr.Button(t("delete"), variant="stop", size="sm", elem_id="delete-yes")
                    self._no = gr.Button(t("cancel"), size="sm", elem_id="delete-no")

    @property
    def listed(self) -> list[Any]:
        """What `show_list` changes."""
        return [self.conversations, self._acts, self._export, self._look]

    @property
    def listing(self) -> list[Any]:
        """What `show_list` goes by."""
        return [self._conversation, self._find]

    def connect(self, handlers: ChatHandlers, outputs: list[Any]) -> list[Any]:
        """Say what happens when; return the events that open a conversation."""
        follow = {**PRIVATE, "concurrency_limit": None}
        self._find.change(self.show_list, self.listing, self.listed, **PRIVATE)
        self._look.tick(self._show_progress, self.listing, [self.conversations, self._look], **PRIVATE)
        self._conversation.change(self.show_list, self.listing, self.listed, **PRIVATE)
        self._conversation.change(self._show_title, self._conversation, self._title, **PRIVATE)
        self._title.submit(
            self._rename, [self._conversation, self._title, self._find], [*self.listed, self._title], **PRIVATE
        )
        self._delete.click(lambda: gr.update(visible=True), None, self._sure, **QUIET)
        for changed in (self._no.click, self._conversation.change):
            changed(lambda: gr.update(visible=False), None, self._sure, **QUIET)
        for chosen in (self.conversations.input, self._new.click):
            # On a phone it lies over the conversation.
            chosen(None, None, self.bar, js=f"() => ({{__type__: 'update', open: innerWidth > {NARROW_PIXELS}}})")
        for gone in (self._new.click, self._yes.click):
            gone(None, None, None, js="() => window.focusOn('#question textarea')")
        return [
            # Another may be chosen while the answer of one is followed.
            self.conversations.input(handlers.open, self.conversations, outputs, trigger_mode="multiple", **follow),
            self._new.click(_none, None, self._conversation, **QUIET).then(
                handlers.open, self._conversation, outputs, **follow
            ),
            self._yes.click(self._forget, self._conversation, self._conversation, **PRIVATE).then(
                handlers.open, self._conversation, outputs, **follow
            ),
        ]

    async def show_list(self, conversation: str, wanted: str, request: gr.Request) -> tuple[Any, ...]:
        """List the conversations, latest first: all, or those in which what is wanted was said."""
        titles = await self._titles(request)
        listed, look = await self._listed(titles, conversation, wanted, request)
        is_open, locale = conversation in titles, locale_of(request)
        return (
            listed,
            gr.update(visible=is_open),
            render.exports(conversation, locale) if is_open else "",
            look,
        )

    async def _show_title(self, conversation: str, request: gr.Request) -> Any:
        """Show a title to change, where another conversation is open than before; else one may be being typed."""
        title = printable((await self._titles(request)).get(conversation, ""))
        # Gradio does not translate the button of a box that was hidden.
        return gr.update(value=title, submit_btn=words(locale_of(request))["rename"])

    async def _show_progress(self, conversation: str, wanted: str, request: gr.Request) -> tuple[Any, ...]:
        """Show which questions are still being answered, and change nothing that is typed in the bar meanwhile."""
        return await self._listed(await self._titles(request), conversation, wanted, request)

    async def _titles(self, request: gr.Request) -> dict[str, str]:
        stored = await asyncio.to_thread(self._context.conversations.of, visitor_of(request))
        return {conversation.id: conversation.title for conversation in stored}

    async def _listed(
        self, titles: dict[str, str], conversation: str, wanted: str, request: gr.Request
    ) -> tuple[Any, Any]:
        visitor, w = visitor_of(request), words(locale_of(request))
        asked = {question.conversation: question for question in self._context.questions.of(visitor)}
        for question in asked.values():
            # Its visitor is there, if elsewhere on the page.
            question.keep()
        if wanted.strip():
            found = await asyncio.to_thread(self._context.conversations.search, visitor, wanted)
            choices = [(_found(hit.title, f"{hit.before}{hit.match}{hit.after}"), hit.id) for hit in found]
        else:
            choices = [
                (f"{title} · {w['waits_asking']}" if id_ in asked else title, id_) for id_, title in titles.items()
            ]
        choices = [(printable(label), id_) for label, id_ in choices]
        listed = gr.update(
            choices=choices,
            label=w["conversations"] if choices else w["nothing_said"] if titles else w["no_conversations"],
            value=conversation if conversation in {id_ for _, id_ in choices} else None,
        )
        return listed, gr.Timer(active=bool(asked))

    async def _rename(self, conversation: str, title: str, wanted: str, request: gr.Request) -> tuple[Any, ...]:
        if title.strip():
            await asyncio.to_thread(self._context.conversations.rename, visitor_of(request), conversation, title)
        return *await self.show_list(conversation, wanted, request), await self._show_title(conversation, request)

    async def _forget(self, conversation: str, request: gr.Request) -> str:
        """Delete the conversation that is open; give none in its place."""
        was_asked = await self._context.questions.stop_one(visitor_of(request), conversation)
        try:
            await asyncio.to_thread(self._context.conversations.delete, visitor_of(request), conversation)
        except NoConversationError:
            # One whose first answer was stopped is gone by that.
            if not was_asked:
                raise
        return ""


def _found(title: str, excerpt: str) -> str:
    """Return how a conversation is listed in which something was said; often that is its title."""
    return title if excerpt.strip() in title else f"{title} · {excerpt}"


def _none() -> str:
    return ""
