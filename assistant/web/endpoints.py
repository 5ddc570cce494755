"""`/ask`, `/search` and `/articles`: the endpoints for programs, through Gradio's queue (see `gradio_client`)."""

from typing import Any

import gradio as gr
from gradio.block_function import BlockFunction
from gradio.events import api

from assistant.answering.json_format import answer_json, search_json, shown_json, summary_json
from assistant.assistant import Assistant
from assistant.errors import AssistantError
from assistant.web.programs import check_question, choose_articles


def build_endpoints(assistant: Assistant, limit: int, waiting: int) -> gr.Blocks:
    """Return the endpoints as a Gradio app without a page.

    Args:
        assistant: Answers.
        limit: How many calls of an endpoint run at once.
        waiting: How many may wait; more are refused.
    """

    def ask(question: str, k: int = 0, language: str = "", source: str = "") -> dict[str, Any]:
        """Answer a question from the articles, with verbatim, checked citations, or say that they do not answer it.

        Args:
            question: In any language; the answer speaks it too.
            k: How many passages to retrieve; 0 for the server's own number.
            language: BCP 47 code: only articles in this language.
            source: Only articles whose source, as `/articles` shows it, begins so.
        """
        with _Explained():
            checked, passages = check_question(question, k)
            filters = choose_articles(assistant, language, source)
            return shown_json(answer_json(assistant.ask(checked, k=passages, filters=filters)))

    def search(question: str, k: int = 0, language: str = "", source: str = "") -> dict[str, Any]:
        """Find the passages that fit a question best.

        Args:
            question: In any language, about articles in any language.
            k: How many passages to retrieve; 0 for the server's own number.
            language: BCP 47 code: only articles in this language.
            source: Only articles whose source, as `/articles` shows it, begins so.
        """
        with _Explained():
            checked, passages = check_question(question, k)
            filters = choose_articles(assistant, language, source)
            return shown_json(search_json(assistant.search(checked, passages, filters)))

    def articles(language: str = "", source: str = "") -> list[dict[str, Any]]:
        """List the articles that questions are answered from.

        Args:
            language: BCP 47 code: only articles in this language.
            source: Only articles whose source, as `/articles` shows it, begins so.
        """
        with _Explained():
            summaries = assistant.articles(choose_articles(assistant, language, source))
            return [shown_json(summary_json(summary)) for summary in summaries]

    blocks = _Endpoints(title="Article assistant", analytics_enabled=False)
    with blocks:
        for function in (ask, search, articles):
            api(function, api_name=function.__name__, concurrency_limit=limit)
    blocks.queue(max_size=waiting, default_concurrency_limit=limit)
    return blocks


class _Endpoints(gr.Blocks):
    """Says in one line what a call lacks, where Gradio takes it for a fault of the server's."""

    def validate_inputs(self, block_fn: BlockFunction, inputs: list[Any]) -> None:
        """Refuse a call that has too few values."""
        needed = len(block_fn.inputs)
        if len(inputs) < needed:
            raise gr.Error(
                f"/{block_fn.name} takes {needed} values and got {len(inputs)}: see /gradio_api/info.",
                print_exception=False,
            )


class _Explained:
    """Turns errors the caller can act on into errors whose message Gradio passes on."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, AssistantError):
            raise gr.Error(str(error), print_exception=False) from error
