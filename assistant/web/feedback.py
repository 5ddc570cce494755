"""What visitors think of answers, as a question set."""

from collections.abc import Iterable
from typing import Any

from assistant.answering.answer import Status
from assistant.answering.marks import parse_marks
from assistant.conversation.history_database import StoredTurn


def question_set(rated: Iterable[StoredTurn]) -> list[dict[str, Any]]:
    """Return the answers that visitors found good as rows of a question set (see evals/README.md).

    A question that leant on others is given as it was searched for. Answers that visitors found bad are left out:
    they say what is wrong, not what would be right. So are replies to greetings and the like, which ask nothing.
    """
    return [_row(stored) for stored in rated if stored.rating > 0 and stored.turn.answer.status is not Status.REPLY]


def feedback_json(stored: StoredTurn) -> dict[str, Any]:
    """Return one opinion: the question, the answer, and what the visitor thought of it."""
    return {
        "question": stored.turn.standalone,
        "answer": stored.turn.answer.text,
        "status": str(stored.turn.answer.status),
        "model": stored.turn.answer.model,
        "rating": "good" if stored.rating > 0 else "bad",
        "comment": stored.comment,
    }


def _row(stored: StoredTurn) -> dict[str, Any]:
    answer = stored.turn.answer
    row: dict[str, Any] = {"id": f"feedback-{stored.id}", "question": stored.turn.standalone}
    if answer.language != "und":
        row["language"] = answer.language
    if answer.status is Status.NOT_FOUND:
        return {**row, "answerable": False}
    # With no passage to point to, every mark is dropped.
    text = "".join(map(str, parse_marks(answer.text, 0))).strip()
    row |= {"answers": [text], "quote": [citation.quote for citation in answer.citations]}
    articles = {citation.article.id for citation in answer.citations}
    return row | ({"article": articles.pop()} if len(articles) == 1 else {})
