"""Read question sets in SQuAD layout: XQuAD, MLQA, ARCD, TyDi QA's gold passage task, and SQuAD itself."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.articles.article import Article, canonical_text
from assistant.errors import QuestionSetError
from assistant.evaluation.question_set import GoldAnswer, GoldSpan, Question, QuestionSet, require_questions
from assistant.language.identify import identify_language
from assistant.passages.passage import Span

PARAGRAPH_BREAK = "\n\n"


class SquadAnswer(BaseModel):
    """An answer: its characters, and where they begin in the paragraph."""

    text: str
    answer_start: int


class SquadQuestion(BaseModel):
    """A question about a paragraph."""

    id: str
    question: str
    answers: list[SquadAnswer] = Field(default_factory=list)
    is_impossible: bool = False


class SquadParagraph(BaseModel):
    """A paragraph with its questions; LAReQA adds where its sentences begin and end."""

    context: str
    qas: list[SquadQuestion]
    sentence_breaks: list[tuple[int, int]] | None = None


class SquadEntry(BaseModel):
    """A title with its paragraphs."""

    title: str = ""
    paragraphs: list[SquadParagraph]


class SquadFile(BaseModel):
    """A whole file."""

    model_config = ConfigDict(extra="ignore")

    data: list[SquadEntry]


def read_squad_file(path: Path) -> SquadFile:
    """Read and check a file in SQuAD layout.

    Raises:
        QuestionSetError: the file cannot be read, or is not in this layout; the message names the first fault's place.
    """
    try:
        return SquadFile.model_validate(json.loads(path.read_text(encoding="utf-8-sig")))
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionSetError(f"{path} cannot be read as UTF-8 text: {error}.") from error
    except json.JSONDecodeError as error:
        raise QuestionSetError(f"{path}:{error.lineno}: not JSON ({error.msg} at column {error.colno}).") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise QuestionSetError(f"{path}: not in SQuAD layout: {place}: {first['msg']}.") from error


def read_squad(path: Path, *, by_paragraph: bool = False, group: int = 0) -> QuestionSet:
    """Read a question set in SQuAD layout.

    Args:
        path: The file.
        by_paragraph: Make an article of each paragraph, not of each title's paragraphs joined by blank lines.
        group: Which of several parallel texts this is (see `GoldSpan`).

    Returns:
        The set with its articles. A question none of whose gold spans has the gold answer's characters is left out
        and counted among the problems.

    Raises:
        QuestionSetError: the file cannot be read, is not in this layout, or has no question that can be scored.
    """
    articles: list[Article] = []
    questions: list[Question] = []
    problems: list[str] = []
    for title, paragraphs in _units(read_squad_file(path).data, by_paragraph=by_paragraph):
        starts, text = _join([paragraph.context for paragraph in paragraphs])
        asked = "\n".join(question.question for paragraph in paragraphs for question in paragraph.qas)
        article = Article(f"{path.as_posix()}#{len(articles) + 1}", title, text, identify_language(text))
        articles.append(article)
        language = identify_language(asked) if asked else "und"
        for paragraph, offset in zip(paragraphs, starts, strict=True):
            for entry in paragraph.qas:
                found = _question(entry, paragraph.context, offset, article, language, group)
                if isinstance(found, Question):
                    questions.append(found)
                else:
                    problems.append(f"{path}: question {entry.id}: {found}")
    ids = [question.id for question in questions]
    if len(set(ids)) < len(ids):
        repeated = next(identifier for identifier in ids if ids.count(identifier) > 1)
        raise QuestionSetError(f"{path}: the question id {repeated!r} is used twice.")
    require_questions(str(path), questions, problems)
    return QuestionSet(path.name, tuple(questions), tuple(articles), tuple(problems))


def asked_in(questions: QuestionSet, other: QuestionSet) -> QuestionSet:
    """Ask the questions in the words of a parallel set: the articles and places stay, the answers of both count.

    Args:
        questions: The set whose articles are asked about.
        other: The set whose questions are asked; the two are matched by id.

    Raises:
        QuestionSetError: the two share no id.
    """
    words = {question.id: question for question in other.questions}
    missing = [question.id for question in questions.questions if question.id not in words]
    problems = [f"{other.name} has no question {identifier}; it is left out" for identifier in missing]
    asked = tuple(
        replace(
            question,
            text=words[question.id].text,
            language=words[question.id].language,
            answers=_unique([*question.answers, *words[question.id].answers]) if question.answerable else (),
        )
        for question in questions.questions
        if question.id in words
    )
    require_questions(f"{questions.name} asked in the words of {other.name}", asked, problems)
    name = f"{questions.name}, asked as in {other.name}"
    return replace(questions, name=name, questions=asked, problems=(*questions.problems, *problems))


def together_with(questions: QuestionSet, other: QuestionSet) -> QuestionSet:
    """Put a parallel set's articles beside the set's own; a question is then answered in either.

    Args:
        questions: The set whose questions are asked.
        other: The parallel set, read with another `group`; the two are matched by id.

    Raises:
        QuestionSetError: the two share no id.
    """
    parallel = {question.id: question for question in other.questions}
    missing = [question.id for question in questions.questions if question.id not in parallel]
    problems = [f"{other.name} has no question {identifier}; it is left out" for identifier in missing]
    joined = tuple(
        replace(
            question,
            answers=_unique([*question.answers, *parallel[question.id].answers]),
            gold=(*question.gold, *parallel[question.id].gold),
        )
        for question in questions.questions
        if question.id in parallel
    )
    require_questions(f"{questions.name} together with {other.name}", joined, problems)
    return replace(
        questions,
        name=f"{questions.name} together with {other.name}",
        questions=joined,
        articles=(*questions.articles, *other.articles),
        problems=(*questions.problems, *other.problems, *problems),
    )


def canonical_span(raw: str, start: int, end: int) -> Span:
    r"""Map offsets in a raw text to offsets in its canonical form.

    Example:
        >>> canonical_span("cafe\u0301 noir", 6, 10)
        Span(start=5, end=9)
    """
    return Span(len(canonical_text(raw[:start])), len(canonical_text(raw[:end])))


def _units(entries: Iterable[SquadEntry], *, by_paragraph: bool) -> Iterable[tuple[str, Sequence[SquadParagraph]]]:
    for entry in entries:
        title = entry.title.replace("_", " ")
        if by_paragraph:
            yield from ((title, [paragraph]) for paragraph in entry.paragraphs)
        else:
            yield title, entry.paragraphs


def _join(contexts: Sequence[str]) -> tuple[list[int], str]:
    """Join paragraphs into one canonical text, and say where each begins in it."""
    starts: list[int] = []
    length = 0
    canonical = [canonical_text(context) for context in contexts]
    for text in canonical:
        starts.append(length)
        length += len(text) + len(PARAGRAPH_BREAK)
    return starts, PARAGRAPH_BREAK.join(canonical)


def _question(
    entry: SquadQuestion, context: str, offset: int, article: Article, language: str, group: int
) -> Question | str:
    """Return the question, or what is wrong with it."""
    if not entry.question.strip():
        return "the question is empty"
    text = canonical_text(entry.question).strip()
    if entry.is_impossible or not entry.answers:
        return Question(entry.id, text, language, (), (), answerable=False)
    places: list[GoldSpan] = []
    answers: list[GoldAnswer] = []
    for answer in entry.answers:
        gold = answer.text.strip()
        start = answer.answer_start + len(answer.text) - len(answer.text.lstrip())
        in_paragraph = canonical_span(context, start, start + len(gold))
        span = Span(offset + in_paragraph.start, offset + in_paragraph.end)
        if start >= 0 and gold and span.of(article.text) == canonical_text(gold):
            places.append(GoldSpan(article.id, span, group))
            answers.append(GoldAnswer(canonical_text(gold), article.language))
    if not places:
        first = entry.answers[0]
        found = context[max(first.answer_start, 0) : first.answer_start + len(first.text)]
        return f"the gold answer {first.text!r} is not at character {first.answer_start}, where {found!r} stands"
    return Question(entry.id, text, language, _unique(answers), tuple(dict.fromkeys(places)))


def _unique(answers: Iterable[GoldAnswer]) -> tuple[GoldAnswer, ...]:
    return tuple(dict.fromkeys(answers))
