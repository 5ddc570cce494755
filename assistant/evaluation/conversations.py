"""Read MTRAG's layout: turns of conversations over documents (IBM, arXiv 2501.03468).

A folder holds `documents.jsonl`, one document a line (`document_id`, `title`, `text`), and `tasks.jsonl`, one turn a
line: `turns` (what was said up to the question, which comes last), `contexts` (ids of the documents that answer),
`target` (an answer written by a person) and `answerability`.

What the agent said in `turns` is left out: the earlier questions are asked, and answered by the assistant itself.
"""

import json
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from assistant.articles.article import Article, canonical_text
from assistant.errors import QuestionSetError
from assistant.evaluation.question_set import GoldAnswer, Question, QuestionSet, require_questions
from assistant.language.identify import identify_language

DOCUMENTS, TASKS = "documents.jsonl", "tasks.jsonl"
_ANSWERABLE = ("answerable", "partial")
"""Kinds of turns that the documents answer, at least in part."""


class _Document(BaseModel):
    document_id: str
    text: str
    title: str = ""


class _Turn(BaseModel):
    speaker: str
    text: str


class _Task(BaseModel):
    id: str
    turns: list[_Turn]
    answerability: str
    contexts: list[str] = []
    target: str = ""


_Line = TypeVar("_Line", bound=BaseModel)


def is_conversations(folder: Path) -> bool:
    """Return whether a folder is in this layout."""
    return (folder / DOCUMENTS).is_file() and (folder / TASKS).is_file()


def read_conversations(folder: Path) -> QuestionSet:
    """Read a folder in MTRAG's layout.

    Args:
        folder: The folder with both files.

    Returns:
        A set whose articles are the documents and whose questions are the last turns; the kind of a question is its
        answerability in lower case. A question that needs a document which is not there is left out and counted among
        the problems.

    Raises:
        QuestionSetError: a file cannot be read, a line is not in the layout, or no question can be scored.
    """
    articles: dict[str, Article] = {}
    for document in _lines(folder / DOCUMENTS, _Document):
        text = canonical_text(document.text).strip()
        source = f"{(folder / DOCUMENTS).as_posix()}#{document.document_id}"
        articles[document.document_id] = Article(source, document.title, text, identify_language(text))
    problems: list[str] = []
    questions: list[Question] = []
    for task in _lines(folder / TASKS, _Task):
        asked = [canonical_text(turn.text).strip() for turn in task.turns if turn.speaker == "user"]
        missing = [name for name in task.contexts if name not in articles]
        if missing or not asked or task.turns[-1].speaker != "user":
            what = f"its document {missing[0]!r} is not there" if missing else "its last turn is no question"
            problems.append(f"{folder / TASKS}: task {task.id}: {what}")
            continue
        kind = task.answerability.lower()
        questions.append(
            Question(
                id=task.id,
                text=asked[-1],
                language=identify_language("\n".join(asked)),
                answers=(),
                gold=(),
                answerable=kind in _ANSWERABLE,
                earlier=tuple(asked[:-1]),
                documents=frozenset(articles[name].id for name in task.contexts),
                target=GoldAnswer(canonical_text(task.target), identify_language(task.target)) if task.target else None,
                kind=kind,
            )
        )
    require_questions(str(folder), questions, problems)
    unique = {article.id: article for article in articles.values()}
    return QuestionSet(folder.name, tuple(questions), tuple(unique.values()), tuple(problems))


def _lines(path: Path, form: type[_Line]) -> list[_Line]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionSetError(f"{path} cannot be read as UTF-8 text: {error}.") from error
    lines: list[_Line] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            lines.append(form.model_validate(json.loads(line)))
        except json.JSONDecodeError as error:
            raise QuestionSetError(f"{path}:{number}: not JSON ({error.msg} at column {error.colno}).") from error
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise QuestionSetError(f"{path}:{number}: not in MTRAG's layout: {place}: {first['msg']}.") from error
    return lines
