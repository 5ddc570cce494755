"""What the endpoints and the MCP tools share: which questions they take, and documents without the server's folders."""

from typing import Any

from assistant.errors import AssistantError
from assistant.web.limits import MAX_K, MAX_QUESTION
from assistant.web.rendering import link_of


class RefusedError(AssistantError):
    """A program asks for something that is not given to anybody."""


def check_question(question: str | None, k: int | None) -> tuple[str, int | None]:
    """Return a question and how many passages to retrieve for it, None for the server's own number.

    Args:
        question: At most `MAX_QUESTION` characters.
        k: At most `MAX_K`; 0 or None for the server's own number.

    Raises:
        RefusedError: the question or the number is beyond that.
    """
    if not question or not question.strip():
        raise RefusedError("The question is empty.")
    if len(question) > MAX_QUESTION:
        raise RefusedError(f"The question is longer than {MAX_QUESTION} characters.")
    if any("\ud800" <= character <= "\udfff" for character in question):
        raise RefusedError("The question holds half a surrogate pair, which is no character.")
    if not 0 <= (k or 0) <= MAX_K:
        raise RefusedError(f"k is {k}: give a number from 1 to {MAX_K}, or 0 for the server's own.")
    return question, int(k) if k else None


def without_folders(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document in which each source is a web address or the name of a file, not the server's path.

    Example:
        >>> without_folders({"hits": [{"article": {"id": "a", "source": "/srv/articles/a.pdf"}}]})
        {'hits': [{'article': {'id': 'a', 'source': 'a.pdf'}}]}
    """
    return {key: _shown(key, value) for key, value in document.items()}


def file_name(source: str) -> str:
    """Return a web address as it is, and the name alone of a file."""
    return source if link_of(source) else source.replace("\\", "/").rpartition("/")[2]


def _shown(key: str, value: Any) -> Any:
    match value:
        case str():
            return file_name(value) if key in ("source", "other_sources") else value
        case dict():
            return without_folders(value)
        case list():
            return [_shown(key, one) for one in value]
    return value
