"""Conversations on disk: one JSON file that holds every citation with the article it quotes."""

import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from assistant.answering.answer import Answer, Citation, Status
from assistant.articles.article import Article
from assistant.conversation.turn import Turn
from assistant.errors import ConversationError
from assistant.passages.passage import Passage

FORMAT = 1


@dataclass(frozen=True, slots=True)
class _SavedCitation:
    number: int
    article: str
    passage: Passage
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class _SavedTurn:
    question: str
    standalone: str
    text: str
    status: Status
    language: str
    model: str
    citations: tuple[_SavedCitation, ...]
    notes: tuple[str, ...]
    timings: dict[str, float]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class _SavedConversation:
    format: int
    articles: dict[str, Article]
    turns: tuple[_SavedTurn, ...]


_FILE = TypeAdapter(_SavedConversation)


def save_turns(path: Path, turns: Iterable[Turn]) -> None:
    """Write turns to a file, whole or not at all. Hits are left out; cited articles are kept whole, each once.

    Raises:
        ConversationError: the file cannot be written.
    """
    kept = tuple(turns)
    cited = {citation.article.id: citation.article for turn in kept for citation in turn.answer.citations}
    data = _FILE.dump_json(_SavedConversation(FORMAT, cited, tuple(map(_saved, kept))), indent=1)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise ConversationError(f"Cannot save the conversation to {path}: {error.strerror or error}.") from error


def load_turns(path: Path) -> list[Turn]:
    """Read turns from a file. Every quote is checked against its article.

    Raises:
        ConversationError: the file is missing, damaged or of another format.
    """
    try:
        saved = _FILE.validate_json(path.read_bytes())
        if saved.format != FORMAT:
            raise ConversationError(
                f"{path} is a conversation of format {saved.format}; this version reads format {FORMAT}."
            )
        return [_turn(turn, saved.articles) for turn in saved.turns]
    except OSError as error:
        raise ConversationError(f"Cannot open the conversation {path}: {error.strerror or error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ConversationError(f"{path} is not a saved conversation: {place or 'file'}: {first['msg']}.") from error
    except (KeyError, ValueError) as error:
        raise ConversationError(f"{path} is damaged: {error}. Its citations cannot be trusted.") from error


def _saved(turn: Turn) -> _SavedTurn:
    answer = turn.answer
    return _SavedTurn(
        question=turn.question,
        standalone=turn.standalone,
        text=answer.text,
        status=answer.status,
        language=answer.language,
        model=answer.model,
        citations=tuple(
            _SavedCitation(one.number, one.article.id, one.passage, one.start, one.end, one.score)
            for one in answer.citations
        ),
        notes=answer.notes,
        left_out=answer.left_out,
        timings=dict(answer.timings),
    )


def _turn(saved: _SavedTurn, articles: dict[str, Article]) -> Turn:
    citations = tuple(
        Citation(
            number=one.number,
            article=articles[one.article],
            passage=one.passage,
            quote=articles[one.article].text[one.start : one.end],
            start=one.start,
            end=one.end,
            score=one.score,
        )
        for one in saved.citations
    )
    wrong = [one for one in saved.citations if articles[one.article].id != one.article]
    if wrong:
        raise ValueError(f"article {wrong[0].article} is not the text that was cited")
    answer = Answer(
        question=saved.question,
        text=saved.text,
        status=saved.status,
        language=saved.language,
        model=saved.model,
        citations=citations,
        notes=saved.notes,
        left_out=saved.left_out,
        timings=saved.timings,
    )
    return Turn(saved.question, saved.standalone, answer)
