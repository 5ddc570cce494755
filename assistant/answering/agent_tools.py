"""`AgentTools`: the tools that a chat model may call before it answers: search, open and list articles."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from assistant.answering.events import Step
from assistant.answering.execution import Make
from assistant.answering.library import Library
from assistant.answering.prompting import LARGE, Window, choose_windows, harmless, read_prompt, show_windows
from assistant.chat_models.chat_model import ChatModel
from assistant.errors import ModelError
from assistant.retrieval.retriever import Retriever
from assistant.store.passage_store import Filters

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage

    from assistant.passages.passage import Span

SHOWN = LARGE.budget // 2
"""UTF-8 bytes of articles that one call of a tool returns at most."""

LISTED = 10
"""How many articles are listed at most."""

MAX_DETAIL = 200

STREAMED: Mapping[str, Any] = {"stream_mode": ["messages", "updates"]}
"""What LangChain's agent streams: what the model writes, and which of its nodes is done."""

NOTHING = "Nothing was found."

_STEPS = {"search": "search", "open_article": "open", "list_articles": "list"}


class AgentTools:
    """The tools for one question, and what they have shown to the model.

    Args:
        retriever: Searches and holds the articles.
        library: Lists articles.
        filters: Which articles may be used.
        windows: What the model was shown before, numbered from 1.

    Attributes:
        windows: All that it was shown by now.
    """

    def __init__(
        self, retriever: Retriever, library: Library, filters: Filters | None, windows: Sequence[Window]
    ) -> None:
        self.windows = list(windows)
        self._retriever = retriever
        self._library = library
        self._filters = filters or Filters()

    def search(self, query: str, language: str = "", published_from: str = "", published_to: str = "") -> str:
        """Search the articles for passages that answer a question.

        Args:
            query: A question or keywords, in any language.
            language: Only articles in this language, as a code such as "en"; empty for all.
            published_from: Only articles of this day (YYYY-MM-DD) or later; empty for all.
            published_to: Only articles of this day (YYYY-MM-DD) or earlier; empty for all.
        """
        filters = self._narrowed(language, published_from, published_to)
        hits = () if filters is None else self._retriever.search(query, None, filters).hits
        return self._show(choose_windows(hits, SHOWN, by_article=True)) if hits else NOTHING

    def open_article(self, number: int) -> str:
        """Read more of an article: what stands behind a passage that you were shown.

        Args:
            number: The number of the passage.
        """
        if not 1 <= number <= len(self.windows):
            return f"There is no passage {number}."
        window = self.windows[number - 1]
        article = window.article
        end = window.sentences[-1].end
        behind = [
            Window(article, passage, spans)
            for passage in self._retriever.store.passages_of([article.id], 64)
            if (spans := tuple(span for span in passage.sentences if span.start >= end))
        ]
        return self._show(_within(behind, SHOWN)) if behind else "The article ends there."

    def list_articles(self, about: str = "", author: str = "", published_from: str = "", published_to: str = "") -> str:
        """List articles, each with its title, date and first sentence: the newest first, or on a subject the nearest.

        Args:
            about: Only those on this subject; empty for all.
            author: Only those by this author; empty for all.
            published_from: Only those of this day (YYYY-MM-DD) or later; empty for all.
            published_to: Only those of this day (YYYY-MM-DD) or earlier; empty for all.
        """
        filters = self._narrowed("", published_from, published_to)
        if filters is None:
            return NOTHING
        store = self._retriever.store
        found = self._library.articles_about(about, filters) if about else store.summaries(filters)
        named = [article for article in found if author.casefold() in article.author.casefold()]
        ordered = named if about else sorted(named, key=lambda article: article.published or date.min, reverse=True)
        ids = [article.id for article in ordered[:LISTED]]
        with store.snapshot():
            whole, first = store.articles(ids), {passage.article_id: passage for passage in store.passages_of(ids, 1)}
        shown = self._show([Window(whole[id_], first[id_], first[id_].sentences[:1]) for id_ in ids])
        return f"{len(named)} articles.\n{shown}" if ids else NOTHING

    def agent(self, system_prompt: str, most: int) -> Make:
        """Return a function that makes a LangChain agent from a chat model.

        Args:
            system_prompt: How to answer.
            most: How many tool calls are allowed; further ones are refused, and the model has to answer.
        """

        def make(model: "BaseChatModel") -> Any:
            from langchain.agents import create_agent  # noqa: PLC0415 - a second that only a call should cost
            from langchain.agents.middleware import ModelCallLimitMiddleware, ToolCallLimitMiddleware  # noqa: PLC0415

            tools: list[Callable[..., Any]] = [self.search, self.open_article, self.list_articles]
            limits: list[Any] = [ToolCallLimitMiddleware(run_limit=most), ModelCallLimitMiddleware(run_limit=most + 2)]
            prompt = f"{system_prompt}\n\n{read_prompt('tools')}"
            return create_agent(model, tools, system_prompt=prompt, middleware=limits)

        return make

    def steps(self, update: Mapping[str, Any]) -> list[Step]:
        """Return the steps that a message of the model's asks for, each with what it is about.

        Args:
            update: What LangChain's agent reports about a node that has finished.
        """
        messages = (update.get("model") or {}).get("messages", ())
        calls = [call for message in messages for call in getattr(message, "tool_calls", ())]
        return [Step(_STEPS.get(call["name"], "search"), self._subject(call["args"])) for call in calls]

    @staticmethod
    def written(piece: tuple[Any, Mapping[str, Any]]) -> "AIMessage | None":
        """Return a piece of a message if the model wrote it; None if it is the result of a tool."""
        message, about = piece
        return message if about.get("langgraph_node") == "model" else None

    def _subject(self, arguments: Mapping[str, Any]) -> str:
        number = arguments.get("number")
        if isinstance(number, int) and 1 <= number <= len(self.windows):
            return harmless(self.windows[number - 1].article.title)[:MAX_DETAIL]
        return harmless(", ".join(str(value) for value in arguments.values() if value))[:MAX_DETAIL]

    def _show(self, windows: Sequence[Window]) -> str:
        first = len(self.windows) + 1
        self.windows.extend(windows)
        return show_windows(windows, first)

    def _narrowed(self, language: str, published_from: str, published_to: str) -> Filters | None:
        """Return the filters of the question with those that the model adds; None where nothing can pass both."""
        chosen = self._filters
        if language:
            if chosen.languages and language not in chosen.languages:
                return None
            chosen = replace(chosen, languages=(language,))
        return chosen.within(_day(published_from), _day(published_to))


def can_call_tools(model: ChatModel) -> bool:
    """Return whether a chat model can call tools, as far as LangChain knows before it is asked."""
    if model.reads_little:
        return False
    from langchain_core.language_models import BaseChatModel  # noqa: PLC0415 - extractive answers do without

    with suppress(ModelError), model.explained():
        return type(model.connect()).bind_tools is not BaseChatModel.bind_tools
    return False


def _within(windows: Sequence[Window], budget: int) -> list[Window]:
    chosen: list[Window] = []
    for window in windows:
        left = budget - sum(len(kept.text.encode("utf-8")) for kept in chosen)
        if left > 0:
            chosen.append(_beginning(window, left))
    return chosen


def _beginning(window: Window, budget: int) -> Window:
    """Return a window cut to its first sentences that fit, at least one."""
    kept: list[Span] = []
    for span in window.sentences:
        text = window.article.text[window.sentences[0].start : span.end]
        if kept and len(text.encode("utf-8")) > budget:
            break
        kept.append(span)
    return replace(window, sentences=tuple(kept))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
