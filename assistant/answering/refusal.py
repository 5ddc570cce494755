"""The answer where the articles have none: a refusal in the question's language, and the nearest passages."""

from assistant.answering.answer import Answer, Status
from assistant.answering.phrases import Phrase, phrase
from assistant.retrieval.hit import SearchResult

CLOSEST = 3


def refusal(language: str) -> str:
    """Say, in `language` (BCP 47), that the articles do not answer the question.

    Example:
        >>> refusal("de")
        'Die Artikel beantworten diese Frage nicht.'
    """
    return phrase(Phrase.REFUSAL, language)


def refuse(result: SearchResult, model: str, notes: tuple[str, ...] = ()) -> Answer:
    """Return the `not_found` answer to a search, with the nearest passages offered but not claimed.

    Args:
        result: What retrieval found.
        model: The chat model that would have answered, or "extractive".
        notes: What the reader should know besides.
    """
    return Answer(
        question=result.question,
        text=refusal(result.language),
        status=Status.NOT_FOUND,
        language=result.language,
        model=model,
        closest=result.hits[:CLOSEST],
        notes=notes,
        timings=result.timings,
        hits=result.hits,
    )
