"""`build_page`: the page and the endpoints for programs, as one Gradio app."""

import html
import json
import logging
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import gradio as gr
from gradio.block_function import BlockFunction
from gradio.utils import get_upload_folder, is_in_or_equal
from gradio_client.utils import is_file_obj, traverse

from assistant.articles.regular_files import MAX_FILE_BYTES
from assistant.errors import AssistantError, Message, message_of
from assistant.web.context import Context, locale_of
from assistant.web.endpoints import add_endpoints
from assistant.web.locales import words
from assistant.web.locales.messages import for_visitors, translate
from assistant.web.page import render
from assistant.web.page.chat_tab import ChatTab
from assistant.web.page.components.reader import build_reader
from assistant.web.page.events import PRIVATE, QUIET, Translated
from assistant.web.page.history_bar import NARROW_PIXELS, HistoryBar
from assistant.web.page.library_tab import LibraryTab
from assistant.web.page.preferences import Preferences
from assistant.web.page.settings_tab import SettingsTab
from assistant.web.page.theme import build_theme
from assistant.web.questions import WRONG
from assistant.web.rendering import visible

# Browser storage is encrypted by a secret, which must outlive the process for what is kept to be read again. What is
# kept there is nobody's secret: the id of a conversation that another browser cannot open, and preferences.
NO_SECRET = "-"  # noqa: S105 - see above
SUGGESTIONS = 6

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")

log = logging.getLogger(__name__)


@cache
def build_i18n() -> gr.I18n:
    """Return the page's words for Gradio, with those of its own that it lacks in Arabic."""
    english: dict[str, Any] = {**words("en"), "brand": render.brand("en")}
    arabic: dict[str, Any] = {**words("ar"), "brand": render.brand("ar")}
    arabic["chatbot"] = {"copy_message": words("ar")["copy"]}
    return gr.I18n(en=english, ar=arabic)


def serving_options() -> dict[str, Any]:
    """Return what Gradio is told where it serves the page, by itself or within another app."""
    return {
        "theme": build_theme(),
        "i18n": build_i18n(),
        "show_error": True,
        "footer_links": [],
        "run_history": False,
        "max_file_size": MAX_FILE_BYTES,
        "ssr_mode": False,
        "enable_monitoring": False,
        "mcp_server": False,
        "pwa": False,
    }


def build_page(context: Context, limit: int, waiting: int) -> "Page":
    """Return the page.

    Args:
        context: What its parts share.
        limit: How many calls of an endpoint run at once.
        waiting: How many may wait.
    """
    i18n: Translated = build_i18n()
    page = Page(title=words("en")["title"], fill_height=True, fill_width=True, delete_cache=(3600, 3600))
    with page:
        # First: what is private would take their names otherwise.
        add_endpoints(context.assistant, limit)
        conversation = gr.State("")
        # In a dictionary: Gradio does not keep what is empty.
        last = gr.BrowserState({"id": ""}, storage_key="conversation", secret=NO_SECRET)
        preferences = gr.BrowserState(Preferences().kept(), storage_key="preferences", secret=NO_SECRET)
        reader = build_reader()
        history = HistoryBar(context, i18n, conversation)
        with gr.Row(elem_id="bar"):
            gr.HTML(i18n("brand"), elem_id="brand")
            language = gr.Button(i18n("other_language"), size="sm", elem_id="other-language")
            theme = gr.Button(i18n("theme"), size="sm", elem_id="theme")
            keys = gr.Button("?", size="sm", elem_id="keys")
        with gr.Tabs(elem_id="tabs") as tabs:
            with gr.Tab(i18n("chat"), id="chat") as chat_tab:
                chat = ChatTab(context, i18n, reader, conversation, preferences, last)
            with gr.Tab(i18n("library"), id="library") as library_tab:
                library = LibraryTab(context, i18n, reader, preferences)
            with gr.Tab(i18n("settings"), id="settings") as settings_tab:
                settings = SettingsTab(context, i18n, preferences)

        outputs = chat.outputs.all()
        openings = history.connect(chat.handlers, outputs)
        begin = page.load(chat.handlers.resume, last, outputs, **PRIVATE, concurrency_limit=None)
        for event in chat.connect([*openings, begin]):
            event.then(history.show_list, history.listing, history.listed, **PRIVATE)
        library.connect(library_tab, [chat_tab, settings_tab])
        settings.connect(settings_tab)
        for known in (conversation.change, begin.then):
            known(lambda id_: {"id": id_}, conversation, last, **QUIET)
        page.unload(chat.handlers.close)
        page.unload(library.close)
        preferences.change(chat.show_filters, preferences, chat.filters, **QUIET)
        chat.filters.click(lambda: gr.Tabs(selected="settings"), None, tabs, **QUIET)
        language.click(None, js="() => window.switchLanguage()")
        theme.click(None, js="() => window.switchTheme()")
        keys.click(_shortcuts, None, reader, **QUIET)
        page.load(None, None, history.bar, js=f"() => ({{__type__: 'update', open: innerWidth > {NARROW_PIXELS}}})")
        for shown in (page.load, chat_tab.select):
            # The library may hold other articles than before.
            shown(_welcome(context), None, chat.messages, **PRIVATE)
        page.load(chat.show_filters, preferences, chat.filters, **PRIVATE)
        page.load(history.show_list, history.listing, history.listed, **PRIVATE)
    page.queue(max_size=waiting, default_concurrency_limit=limit)
    return page


class Page(gr.Blocks):
    """Says in one line what went wrong, where Gradio would take it for a fault of the server's.

    Attributes:
        launch_options: What `launch` needs to serve it, as `gr.Blocks.launch` takes it.
    """

    launch_options: Mapping[str, Any] = MappingProxyType({})

    def launch(self, *positional: Any, **options: Any) -> Any:
        """Serve the page; what is taken and returned is what `gr.Blocks.launch` takes and returns."""
        return super().launch(*positional, **{**self.launch_options, **options})

    def validate_inputs(self, block_fn: BlockFunction, inputs: list[Any]) -> None:
        """Refuse a call that has too few values, text that is none, or a file that nobody has uploaded."""
        traverse(inputs, _check_uploaded, is_file_obj)
        if has_half_characters(inputs):
            raise gr.Error("The text holds half a surrogate pair, which is no character.", print_exception=False)
        needed = len(block_fn.inputs)
        if len(inputs) < needed:
            raise gr.Error(
                f"/{block_fn.name} takes {needed} values and got {len(inputs)}: see /gradio_api/info.",
                print_exception=False,
            )

    async def process_api(self, *args: Any, **others: Any) -> dict[str, Any]:
        """Call a handler; say what it raises in the language of whoever called."""
        try:
            return await super().process_api(*args, **others)
        except gr.Error:
            raise
        except AssistantError as error:
            raise _error_notice(message_of(error), others.get("request")) from error
        except Exception as error:
            # The last place where a fault of ours can be told without what it is about.
            log.exception("A handler of the page failed.")
            raise _error_notice(WRONG, others.get("request")) from error


def _check_uploaded(file: dict[str, Any]) -> None:
    """Refuse a file of the server's own. Gradio does so only where it serves the app itself, not mounted in another."""
    if not is_in_or_equal(file["path"], get_upload_folder()):
        raise gr.Error("That file was not uploaded: choose it anew.", print_exception=False)


def has_half_characters(value: Any) -> bool:
    r"""Return whether text somewhere in what JSON brought holds half of a surrogate pair, which nothing can keep.

    Example:
        >>> has_half_characters({"question": ["\ud800"]})
        True
    """
    return _HALF_CHARACTER.search(json.dumps(value, ensure_ascii=False, default=str)) is not None


def _error_notice(message: Message, request: Any) -> gr.Error:
    """Return what Gradio shows for an error, which it takes for HTML."""
    locale = locale_of(request) if isinstance(request, gr.Request) else "en"
    text = html.escape(translate(for_visitors(message), locale))
    return gr.Error(text, print_exception=False, title=words(locale)["failed"])


def _shortcuts(request: gr.Request) -> dict[str, Any]:
    return render.shortcuts(locale_of(request))


def _welcome(context: Context) -> Callable[[gr.Request], Any]:
    """Return the handler that says how much there is to ask about, and suggests questions to begin with."""

    def welcome(request: gr.Request) -> Any:
        w = words(locale_of(request))
        ids = {summary.id for summary in context.assistant.articles()}
        subtitle = f"{w['welcome_text']} {render.fill(w['articles_count'], n=len(ids))}" if ids else w["welcome_empty"]
        questions = [question for article, asked in _examples().items() if article in ids for question in asked]
        if len(questions) < SUGGESTIONS:
            suggested = context.assistant.suggestions(SUGGESTIONS - len(questions), language=locale_of(request))
            questions += [choice.question for choice in suggested]
        examples = [{"text": visible(question)} for question in questions]
        return gr.update(placeholder=f"## {w['welcome']}\n\n{subtitle}", examples=examples)

    return welcome


@cache
def _examples() -> dict[str, list[str]]:
    """Return questions to begin with, by the id of the article they ask about."""
    loaded: dict[str, list[str]] = json.loads(files("assistant.web").joinpath("examples.json").read_text("utf-8"))
    return loaded
