"""Read question sets in JSON Lines: one question a line. The form is documented in `evals/README.md`."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator

from assistant.articles.article import Article, canonical_text
from assistant.errors import QuestionSetError
from assistant.evaluation.question_set import GoldAnswer, GoldSpan, Question, QuestionSet, require_questions
from assistant.language.identify import identify_language
from assistant.passages.passage import Span

_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    question: _Words
    answers: tuple[_Words, ...] = ()
    article: _Words | None = None
    quote: _Words | tuple[_Words, ...] = ()
    language: _Words | None = None
    answerable: bool = True
    id: _Words | None = None
    earlier: _Words | tuple[_Words, ...] = ()
    kind: str = ""

    @model_validator(mode="after")
    def _agrees(self) -> "_Line":
        if self.answerable and not self.answers:
            raise ValueError('"answers" is missing; a question without an answer says "answerable": false')
        if not self.answerable and (self.answers or self.quote):
            raise ValueError('"answerable" is false, yet there are "answers" or a "quote"')
        return self


def read_json_lines(path: Path, articles: Sequence[Article]) -> QuestionSet:
    """Read a question set, and find its quotes in the articles.

    Args:
        path: The file.
        articles: The articles that the questions are about.

    Returns:
        The set. A quote that is not in its article is counted among the problems; its question is still asked, but
        only its answer is scored.

    Raises:
        QuestionSetError: the file cannot be read or is empty, or lines are malformed; the message names each such
            line and what is wrong with it.
    """
    lines = _lines(path)
    names = _by_name(articles)
    problems: list[str] = []
    questions: list[Question] = []
    for number, line in lines:
        where = f"{path}:{number}"
        candidates = articles
        if line.article is not None:
            candidates = names.get(line.article, [])
            if not candidates:
                problems.append(f"{where}: there is no article {line.article!r}")
        quotes = (line.quote,) if isinstance(line.quote, str) else line.quote
        gold: list[GoldSpan] = []
        for quote in quotes:
            places = _places(quote, line.answers, candidates)
            if candidates and not places:
                problems.append(f"{where}: the quote is not in the article, character by character: {quote!r}")
            gold += places
        language = line.language or identify_language(line.question)
        earlier = (line.earlier,) if isinstance(line.earlier, str) else line.earlier
        answers = tuple(GoldAnswer(answer, _answer_language(answer, language, candidates)) for answer in line.answers)
        questions.append(
            Question(
                id=line.id or f"{path.name}:{number}",
                text=line.question,
                language=language,
                answers=answers,
                gold=tuple(gold),
                answerable=line.answerable,
                earlier=earlier,
                kind=line.kind.strip(),
            )
        )
    require_questions(str(path), questions, problems)
    return QuestionSet(name=path.name, questions=tuple(questions), problems=tuple(problems))


def _lines(path: Path) -> list[tuple[int, _Line]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionSetError(f"{path} cannot be read as UTF-8 text: {error}.") from error
    lines: list[tuple[int, _Line]] = []
    faults: list[str] = []
    # Not str.splitlines: it also splits at characters that may stand inside a JSON string.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            lines.append((number, _Line.model_validate(json.loads(line))))
        except json.JSONDecodeError as error:
            faults.append(f"{path}:{number}: not JSON ({error.msg} at column {error.colno})")
        except ValidationError as error:
            faults.append(f"{path}:{number}: {'; '.join(_fault(fault) for fault in error.errors())}")
    ids = [line.id for _, line in lines if line.id]
    faults += [
        f"{path}: the id {repeated!r} is used twice" for repeated in sorted({i for i in ids if ids.count(i) > 1})
    ]
    if faults:
        raise QuestionSetError("\n".join(faults))
    if not lines:
        raise QuestionSetError(f'{path} is empty: a question set has one JSON object with a "question" on each line.')
    return lines


def _fault(fault: Mapping[str, object]) -> str:
    """Say in words what pydantic found wrong."""
    name = ".".join(str(part) for part in fault["loc"]) if isinstance(fault["loc"], tuple) else ""
    message = str(fault["msg"]).removeprefix("Value error, ")
    if fault["type"] == "missing":
        return f'"{name}" is missing'
    if fault["type"] == "extra_forbidden":
        return f'"{name}" is not a known field'
    return f'"{name}": {message}' if name else message


def _by_name(articles: Sequence[Article]) -> dict[str, list[Article]]:
    """Index articles by all the names that a line may use: id, title, source, and the source's last part."""
    names: dict[str, list[Article]] = {}
    for article in articles:
        sources = [article.source, *article.other_sources]
        for name in {article.id, article.title, *sources, *(source.rpartition("/")[2] for source in sources)}:
            names.setdefault(name, []).append(article)
    return names


def _places(quote: str, answers: Sequence[str], articles: Sequence[Article]) -> list[GoldSpan]:
    """Return where the answer stands: the first answer found in the quote, or else the quote whole."""
    quote = canonical_text(quote)
    answer = next((answer for answer in map(canonical_text, answers) if answer in quote), quote)
    return [
        GoldSpan(article.id, Span(start + within, start + within + len(answer)))
        for article in articles
        for start in _occurrences(quote, article.text)
        for within in _occurrences(answer, quote)
    ]


def _occurrences(part: str, text: str) -> list[int]:
    return [match.start() for match in re.finditer(re.escape(part), text)]


def _answer_language(answer: str, question_language: str, articles: Sequence[Article]) -> str:
    """An answer in the words of an article is in that article's language, any other in the question's."""
    answer = canonical_text(answer)
    return next((article.language for article in articles if answer in article.text), question_language)
