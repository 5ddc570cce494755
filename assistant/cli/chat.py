"""`chat`: a conversation in the terminal."""

import sys
from typing import TYPE_CHECKING

from assistant.answering.events import Finished, Step
from assistant.answering.json_format import answer_json
from assistant.assistant import Assistant
from assistant.cli import options
from assistant.cli.console import messages, output, plain
from assistant.cli.questions import show_answer
from assistant.store.passage_store import Filters

if TYPE_CHECKING:
    from assistant.conversation.conversation import Conversation

STEPS = {"search": "Searching", "open": "Reading on in", "list": "Listing articles"}
"""What is said while a chat model looks further by itself."""


def chat(
    store: options.Store = None,
    chat_model: options.ChatModel = None,
    k: options.K = None,
    language: options.Language = None,
    source: options.Source = None,
    article: options.ArticleId = None,
    published_from: options.PublishedFrom = None,
    published_to: options.PublishedTo = None,
    translate: options.Translate = None,
) -> None:
    """Talk with the articles; follow-up questions such as "And where?" are understood.

    Ctrl-C stops an answer, Ctrl-D leaves.

    Example: assistant chat
    """
    chosen = options.filters(language, source, article, published_from, published_to)
    with options.open_assistant(store, chat_model=chat_model, k=k, translate=translate) as assistant:
        _welcome(assistant)
        conversation = assistant.conversation()
        while (question := _read_question()) is not None:
            if question:
                _answer(conversation, question, chosen)


def _answer(conversation: "Conversation", question: str, filters: Filters | None) -> None:
    """Print the answer; Ctrl-C stops it, and the conversation goes on."""
    try:
        for event in conversation.stream(question, filters=filters):
            match event:
                case Step(name, detail) if detail:
                    messages.print(plain(f"{STEPS[name]}: {detail}", style="dim"))
                case Finished(answer):
                    show_answer(answer_json(answer))
    except KeyboardInterrupt:
        messages.print("Stopped.", style="yellow")
    output.print()


def _welcome(assistant: Assistant) -> None:
    state = assistant.status()
    reason = f" ({state.chat_model_reason.rstrip('.')})" if state.chat_model_reason else ""
    messages.print(
        plain(
            f"{state.articles:,} article{'' if state.articles == 1 else 's'}, chat model {state.chat_model}{reason}. "
            "Ask in any language; Ctrl-D leaves.",
            style="dim",
        )
    )
    if not state.articles:
        messages.print("The store is empty: fill it with `assistant sync PATH`.", style="yellow")


def _read_question() -> str | None:
    """Return what the user typed, or None at the end of input. Questions that come from a pipe are not asked for."""
    is_typed = sys.stdin.isatty()
    try:
        return messages.input("[bold cyan]? [/]" if is_typed else "").strip()
    except EOFError:
        if is_typed:
            messages.print()
        return None
    except KeyboardInterrupt:
        messages.print()
        raise
