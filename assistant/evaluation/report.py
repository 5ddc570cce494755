"""`Report`: what an evaluation measured, as `--json` prints it and `--baseline` reads it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from assistant.errors import QuestionSetError
from assistant.evaluation.statistics import Figure

Figures = dict[str, Figure]


@dataclass(frozen=True, slots=True)
class Place:
    """Characters of an article, with a little of what stands around them.

    Attributes:
        article_id: The article.
        title: Its title.
        start: Offset of the first character.
        end: Offset behind the last character.
        quote: The characters.
        before: What stands before them.
        after: What stands behind them.
        right: Whether this is where the gold answer stands.
    """

    article_id: str
    title: str
    start: int
    end: int
    quote: str
    before: str = ""
    after: str = ""
    right: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question.

    Attributes:
        id: The question's id.
        question: Its text.
        language: Its BCP 47 code.
        answerable: Whether the articles answer it.
        gold_answers: Right answers.
        asked_answers: Right answers in the question's language, if others are not in it; "contains_asked" uses them.
        gold: Where the right answers stand.
        rank: Rank of the first right passage; none where it was not found, or where no gold place is known.
        score: Relevance of the first passage, between 0 and 1.
        best: The best sentence of the first passage.
        answer: The answer's text, citation marks and all; none where only retrieval was measured.
        refused: Whether the answer was that the articles do not say.
        model: The chat model that answered.
        citations: What the answer cites.
        notes: Notes for the reader, shown with the answer.
        unstated_numbers: Numbers of the answer that stand in no passage it cites.
        cited_passages: Texts of the passages it cites, kept where there are such numbers.
        scores: Scores of this question by name, from which figures are computed.
        seconds: Seconds by stage.
        earlier: What was asked before it in the same conversation.
        kind: What kind of question it is in the words of the set.
        target: An answer as a person would write it.
    """

    id: str
    question: str
    language: str
    answerable: bool
    gold_answers: tuple[str, ...]
    gold: tuple[Place, ...]
    asked_answers: tuple[str, ...] = ()
    rank: int | None = None
    score: float = 0.0
    best: Place | None = None
    answer: str | None = None
    refused: bool = False
    model: str = ""
    citations: tuple[Place, ...] = ()
    notes: tuple[str, ...] = ()
    unstated_numbers: tuple[str, ...] = ()
    cited_passages: tuple[str, ...] = ()
    scores: dict[str, float] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    earlier: tuple[str, ...] = ()
    kind: str = ""
    target: str = ""

    @property
    def failed(self) -> bool:
        """Whether the question went wrong.

        That is: refused or answered when it should not be, a wrong answer, an unstated number, or not found.
        """
        if self.answer is None:
            return self.scores.get("recall@1", self.scores.get("map", 1.0)) < 1
        if self.answerable and (self.unstated_numbers or self.refused):
            return True
        return self.scores.get("right", 1.0) < 1


@dataclass(frozen=True, slots=True)
class PartReport:
    """Figures over a part of the questions: those of one language, or of one kind."""

    questions: int
    summary: Figures = field(default_factory=dict)
    retrieval: Figures = field(default_factory=dict)
    answers: Figures = field(default_factory=dict)
    citations: Figures = field(default_factory=dict)
    refusal: Figures = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """What an evaluation measured; groups and figures that were not measured are missing.

    Attributes:
        name: The question set.
        questions: How many questions were asked.
        answerable: How many of them the articles answer.
        summary: Whether the right sentence was quoted, and whether what was answered or refused should have been.
        retrieval: Figures of the ranking.
        answers: Figures of the answers' words, over answerable questions.
        citations: Figures of the citations. Quoting everything scores well here, so they are shown beside `answers`.
        refusal: Figures of saying that the articles do not answer, over all questions.
        latency_ms: Milliseconds a question takes.
        stages_ms: Milliseconds by stage.
        by_language: The same by question language, where there is more than one.
        by_kind: The same by kind of question, where the set tells kinds apart.
        settings: The settings and options of the run.
        problems: What was wrong with the question set and left out, one line each.
        per_question: What became of each question.
    """

    name: str
    questions: int
    answerable: int
    summary: Figures = field(default_factory=dict)
    retrieval: Figures = field(default_factory=dict)
    answers: Figures = field(default_factory=dict)
    citations: Figures = field(default_factory=dict)
    refusal: Figures = field(default_factory=dict)
    latency_ms: Figures = field(default_factory=dict)
    stages_ms: dict[str, Figures] = field(default_factory=dict)
    by_language: dict[str, PartReport] = field(default_factory=dict)
    by_kind: dict[str, PartReport] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    per_question: tuple[Outcome, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return the report as plain values for JSON, leaving out what was not measured."""
        document: dict[str, Any] = _ADAPTER.dump_python(self, mode="json")
        for parts in ("by_language", "by_kind"):
            document[parts] = {name: _measured(figures) for name, figures in document[parts].items()}
        return _measured(document) | {"problems": list(self.problems)}


_ADAPTER = TypeAdapter(Report)


def read_report(path: Path) -> Report:
    """Read a report that `assistant eval --json` printed.

    Raises:
        QuestionSetError: the file cannot be read or is no such report.
    """
    try:
        return _ADAPTER.validate_python(json.loads(path.read_text(encoding="utf-8-sig")))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise QuestionSetError(f"{path} cannot be read as JSON: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise QuestionSetError(
            f"{path} is no report of `assistant eval --json`: {place}: {first['msg']}. Write one with "
            "`assistant eval QUESTIONS --json > earlier.json`."
        ) from error


def _measured(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value not in ({}, [], ())}
