"""`/ask`, `/search`, `/articles` and `/articles_page`: for programs, through Gradio's queue (see `gradio_client`)."""

from typing import Any

import gradio as gr
from gradio.events import api

from assistant.answering.json_format import answer_json, search_json, shown_json, summary_json
from assistant.assistant import Assistant
from assistant.errors import AssistantError
from assistant.web.api_parameters import check_page, check_question, choose_articles


def add_endpoints(assistant: Assistant, limit: int) -> None:
    """Add the endpoints to the Gradio app that is being built.

    Args:
        assistant: Answers.
        limit: How many calls of an endpoint run at once.
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
        """List the articles that questions are answered from, ordered by title.

        Args:
            language: BCP 47 code: only articles in this language.
            source: Only articles whose source, as `/articles` shows it, begins so.
        """
        return articles_page(language, source)

    # Apart from `articles`: a program that sends two values without their names must not be told that two are missing.
    def articles_page(language: str = "", source: str = "", limit: int = 0, offset: int = 0) -> list[dict[str, Any]]:
        """List a part of the articles that questions are answered from, ordered by title.

        Args:
            language: BCP 47 code: only articles in this language.
            source: Only articles whose source, as `/articles` shows it, begins so.
            limit: How many articles at most; 0 for all.
            offset: How many of the first to leave out.
        """
        with _Explained():
            most, first = check_page(limit, offset)
            summaries = assistant.articles(choose_articles(assistant, language, source), limit=most, offset=first)
            return [shown_json(summary_json(summary)) for summary in summaries]

    for function in (ask, search, articles, articles_page):
        api(function, api_name=function.__name__, concurrency_limit=limit)


class _Explained:
    """Turns errors the caller can act on into errors whose message Gradio passes on."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, AssistantError):
            raise gr.Error(str(error), print_exception=False) from error
