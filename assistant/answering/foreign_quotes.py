"""`foreign_quotes`: what an answer quotes in another language than its reader's."""

from collections.abc import Sequence

from assistant.answering.answer import Answer, Citation
from assistant.chat_models.registry import EXTRACTIVE
from assistant.language.tags import primary_subtag


def foreign_quotes(answer: Answer, language: str) -> Sequence[Citation]:
    """Return the citations of an answer by quotation that are in another language.

    Args:
        answer: Any answer; what a chat model wrote is in the reader's language already.
        language: BCP 47 code of the reader's language.
    """
    if answer.model != EXTRACTIVE:
        return ()
    return [
        citation
        for citation in answer.citations
        if primary_subtag(citation.article.language) != primary_subtag(language)
    ]
