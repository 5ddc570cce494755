"""Checks of the parameters that the endpoints and the MCP tools share."""

from assistant.assistant import Assistant
from assistant.errors import AssistantError
from assistant.store.passage_store import Filters
from assistant.text.controls import printable
from assistant.text.paths import without_folders
from assistant.web.limits import MAX_K, MAX_QUESTION

_MOST_LISTED = 2**31


class RefusedError(AssistantError):
    """A program sent a parameter that is not allowed."""


def check_question(question: object, k: object) -> tuple[str, int | None]:
    """Return a question and how many passages to retrieve for it, None for the server's own number.

    Args:
        question: At most `MAX_QUESTION` characters.
        k: At most `MAX_K`; 0 or None for the server's own number.

    Raises:
        RefusedError: the question or the number is beyond that.
    """
    if question is not None and not isinstance(question, str):
        raise RefusedError(f"The question is of the kind {type(question).__name__}: give a text.")
    if k is not None and not isinstance(k, int | float):
        raise RefusedError(f"k is of the kind {type(k).__name__}: give a number from 1 to {MAX_K}.")
    if not question or not question.strip():
        raise RefusedError("The question is empty.")
    if len(question) > MAX_QUESTION:
        raise RefusedError(f"The question is longer than {MAX_QUESTION} characters.")
    if any("\ud800" <= character <= "\udfff" for character in question):
        raise RefusedError("The question holds half a surrogate pair, which is no character.")
    if not 0 <= (k or 0) <= MAX_K:
        raise RefusedError(f"k is {k}: give a number from 1 to {MAX_K}, or 0 for the server's own.")
    return question, int(k) if k else None


def check_page(limit: object, offset: object) -> tuple[int | None, int]:
    """Return how many articles to list, None for all, and how many of the first to leave out.

    Raises:
        RefusedError: one of them is no number, or below 0.
    """
    return _number("limit", limit) or None, _number("offset", offset)


def choose_articles(assistant: Assistant, language: object, source: object) -> Filters | None:
    """Return the filter for the articles that a program asks for, None for all.

    Args:
        assistant: Holds the articles.
        language: BCP 47 code; empty for any.
        source: The beginning of a source as programs are shown it, a file's name or a web address; empty for any.

    Raises:
        RefusedError: no article has such a source.
    """
    language, source = _text("language", language), _text("source", source)
    languages = (language,) if language else ()
    if not source:
        return Filters(languages) or None
    chosen = tuple(
        summary.id
        for summary in assistant.articles()
        if any(
            without_folders(named_source).startswith(source)
            for named_source in (summary.source, *summary.other_sources)
        )
    )
    if not chosen:
        raise RefusedError(f"No article has a source that begins with {printable(source)!r}: /articles lists them.")
    return Filters(languages, articles=chosen)


def _number(name: str, value: object) -> int:
    if value is not None and not isinstance(value, int | float):
        raise RefusedError(f"{name} is of the kind {type(value).__name__}: give a number.")
    if not 0 <= (value or 0) < _MOST_LISTED:
        raise RefusedError(f"{name} is {value}: give a number from 0 to {_MOST_LISTED - 1}.")
    return int(value or 0)


def _text(name: str, value: object) -> str:
    if value is not None and not isinstance(value, str):
        raise RefusedError(f"{name} is of the kind {type(value).__name__}: give a text.")
    return value or ""
