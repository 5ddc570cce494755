"""`evaluate`: from a question set to a report."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assistant.articles.article import Article
from assistant.assistant import Assistant
from assistant.errors import QuestionSetError
from assistant.evaluation.conversations import is_conversations, read_conversations
from assistant.evaluation.json_lines import read_json_lines
from assistant.evaluation.library import over_articles, over_files, over_store
from assistant.evaluation.measuring import Task, measure
from assistant.evaluation.metrics import GROUPS, figures, latencies
from assistant.evaluation.question_set import QuestionSet
from assistant.evaluation.ranking_scores import POOL_DEPTH
from assistant.evaluation.report import Outcome, PartReport, Report
from assistant.evaluation.sentence_pool import read_sentence_pool
from assistant.evaluation.squad import asked_in, read_squad, together_with
from assistant.progress import Progress, no_progress

_JSON_LINES = (".jsonl", ".ndjson")
_PRIVATE = ("store", "cache", "chat_api_key", "chat_base_url")


@dataclass(frozen=True, slots=True)
class Options:
    """What to measure; `assistant eval --help` explains each.

    Attributes:
        articles: File or folder of the articles that a set in JSON Lines is about; without it, the store as it stands.
        asked_as: Parallel set in SQuAD layout, whose questions are asked instead.
        also: Sets in SQuAD layout, whose articles stand beside the set's own; parallel ones, where the set itself is
            in that layout.
        without_earlier: Whether questions are asked alone, without those before them.
        by_paragraph: Whether each paragraph of a set in SQuAD layout is an article of its own.
        hold_out: Share of the articles left out, so that their questions have no answer.
        limit: Ask only so many questions, spread evenly; none for all.
        seed: Draw the limited questions at random instead, the same ones for the same seed.
        retrieval_only: Whether answers are left out.
    """

    articles: Path | None = None
    asked_as: Path | None = None
    also: tuple[Path, ...] = ()
    without_earlier: bool = False
    by_paragraph: bool = False
    hold_out: float = 0.0
    limit: int | None = None
    seed: int | None = None
    retrieval_only: bool = False


_DEFAULTS = Options()
_DESCRIBED = ("asked_as", "also", "without_earlier", "by_paragraph", "hold_out", "limit", "seed", "retrieval_only")


def evaluate(
    questions: str | Path, options: Options | None = None, *, progress: Progress = no_progress, **settings: Any
) -> Report:
    """Ask every question of a set and measure what comes back.

    Args:
        questions: A file in JSON Lines (`.jsonl`) or SQuAD layout (`.json`), or a folder in LAReQA's or MTRAG's
            layout.
        options: What to measure.
        progress: Told about indexing and asking.
        **settings: Any setting by name, for instance `chat_model="extractive"`.

    Returns:
        The report. Articles are indexed once and kept in the cache by content, so a second run starts at once.

    Raises:
        QuestionSetError: the set is missing, empty, malformed, or does not go with the options.
        AssistantError: the assistant could not work.

    Example:
        >>> report = evaluate("evals/seeds.jsonl", Options(articles=Path("seeds")))  # doctest: +SKIP
        >>> report.retrieval["recall@1"].value  # doctest: +SKIP
    """
    path = Path(questions)
    options = options or Options()
    _check(path, options)
    with _opened(path, options, progress, settings) as (assistant, whole_set):
        question_set = whole_set.alone() if options.without_earlier else whole_set
        question_set = question_set if options.limit is None else question_set.limited(options.limit, options.seed)
        articles = question_set.articles or _stored(assistant)
        task = Task(
            {article.id: article for article in articles},
            sentences=question_set.sentences,
            retrieval_only=options.retrieval_only or question_set.sentences,
        )
        outcomes = _ask_all(assistant, question_set, task, progress)
        return summarise(question_set, outcomes, _described(assistant, options))


def _check(path: Path, options: Options) -> None:
    if not path.exists():
        raise QuestionSetError(f"{path} does not exist.")
    squad = path.is_file() and path.suffix.lower() == ".json"
    if path.is_file() and not squad and path.suffix.lower() not in _JSON_LINES:
        raise QuestionSetError(
            f"{path}: a question set is a .jsonl file (JSON Lines), a .json file (SQuAD layout) or a folder (LAReQA, "
            "MTRAG)."
        )
    for name, given in (
        ("--questions", options.asked_as),
        ("--by-paragraph", options.by_paragraph),
        ("--hold-out", options.hold_out),
    ):
        if given and not squad:
            raise QuestionSetError(f"{path}: {name} goes with a set in SQuAD layout (.json) only.")
    if options.also and not squad and not options.articles:
        raise QuestionSetError(
            f"{path}: --also goes with a set in SQuAD layout (.json), or with a .jsonl set and --articles."
        )
    if options.articles and path.suffix.lower() not in _JSON_LINES:
        raise QuestionSetError(f"{path} brings its own articles, so --articles cannot be given; leave it out.")
    if options.limit is not None and options.limit < 1:
        raise QuestionSetError(f"--limit {options.limit}: give at least 1.")
    if options.seed is not None and options.limit is None:
        raise QuestionSetError(f"--seed {options.seed}: it draws the questions that --limit N leaves; give both.")
    if not 0 <= options.hold_out < 1:
        raise QuestionSetError(f"--hold-out {options.hold_out}: give a share from 0 up to, not including, 1.")


@contextmanager
def _opened(
    path: Path, options: Options, progress: Progress, settings: dict[str, Any]
) -> Iterator[tuple[Assistant, QuestionSet]]:
    """Read the set, and open an assistant over its articles."""
    if path.suffix.lower() in _JSON_LINES and options.articles:
        beside = [article for other in options.also for article in read_squad(other).articles]
        with over_files(options.articles, beside, progress, **settings) as (assistant, unread):
            others = {article.source for article in beside}
            own = [article for article in _stored(assistant) if {article.source, *article.other_sources} - others]
            question_set = read_json_lines(path, own)
            yield assistant, replace(question_set, problems=(*unread, *question_set.problems))
    elif path.suffix.lower() in _JSON_LINES:
        with over_store(**settings) as assistant:
            yield assistant, read_json_lines(path, _stored(assistant))
    elif path.is_dir() and is_conversations(path):
        question_set = read_conversations(path)
        with over_articles(question_set.articles, progress, **settings) as assistant:
            yield assistant, question_set
    elif path.is_dir():
        # The whole ranking is scored here, so no sentence may drop out before it is ranked.
        settings = {"candidates": POOL_DEPTH, **settings}
        question_set = read_sentence_pool(path)
        with over_articles(question_set.articles, progress, **settings) as assistant:
            yield assistant, question_set
    else:
        question_set = _squad(path, options)
        with over_articles(question_set.articles, progress, **settings) as assistant:
            yield assistant, question_set


def _squad(path: Path, options: Options) -> QuestionSet:
    question_set = read_squad(path, by_paragraph=options.by_paragraph)
    for group, also in enumerate(options.also, start=1):
        question_set = together_with(question_set, read_squad(also, by_paragraph=options.by_paragraph, group=group))
    if options.asked_as:
        question_set = asked_in(question_set, read_squad(options.asked_as))
    return question_set.held_out(options.hold_out) if options.hold_out else question_set


def _stored(assistant: Assistant) -> tuple[Article, ...]:
    return tuple(assistant.article(summary.id) for summary in assistant.articles())


def _ask_all(assistant: Assistant, question_set: QuestionSet, task: Task, progress: Progress) -> tuple[Outcome, ...]:
    # The first question opens models and files, which must not count as its latency. So one is asked before: the last
    # one, whose vectors have left the cache when its turn comes.
    last = question_set.questions[-1].text
    if task.retrieval_only:
        assistant.search(last, task.depth)
    else:
        assistant.ask(last)
    outcomes = []
    total = len(question_set.questions)
    for done, question in enumerate(question_set.questions, start=1):
        outcomes.append(measure(assistant, question, task))
        progress("asking", done, total)
    return tuple(outcomes)


def summarise(question_set: QuestionSet, outcomes: Sequence[Outcome], settings: dict[str, Any]) -> Report:
    """Make a report of the outcomes of a set's questions.

    Args:
        question_set: The set; the report gives its name and problems.
        outcomes: What became of each question.
        settings: The settings and options of the run.
    """
    languages = _parts(outcomes, "language")
    kinds = _parts(outcomes, "kind")
    stages = dict.fromkeys(stage for outcome in outcomes for stage in outcome.seconds if stage != "total")
    return Report(
        name=question_set.name,
        questions=len(outcomes),
        answerable=sum(outcome.answerable for outcome in outcomes),
        **_groups(outcomes),
        latency_ms=latencies(outcomes, "total"),
        stages_ms={stage: latencies(outcomes, stage) for stage in stages},
        by_language=languages if len(languages) > 1 else {},
        by_kind={} if set(kinds) <= {""} else kinds,
        settings=settings,
        problems=question_set.problems,
        per_question=tuple(outcomes),
    )


def _parts(outcomes: Sequence[Outcome], attribute: str) -> dict[str, PartReport]:
    """Return the figures of the outcomes that have the same value of an attribute, by value."""
    parts: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        parts.setdefault(getattr(outcome, attribute), []).append(outcome)
    return {value: PartReport(questions=len(parts[value]), **_groups(parts[value])) for value in sorted(parts)}


def _groups(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    measured = {group: figures(outcomes, group) for group in GROUPS}
    if not all("right" in outcome.scores for outcome in outcomes):
        # Of some only the refusals can be judged; a share over those alone would mislead.
        measured["summary"].pop("right", None)
    if all(outcome.answerable for outcome in outcomes):
        # Where every question has an answer, refusals are missed answers, which the summary counts.
        measured["refusal"] = {}
    return measured


def _described(assistant: Assistant, options: Options) -> dict[str, Any]:
    """Return the settings and the options that were given."""
    settings = {
        name: value for name, value in assistant.settings.model_dump(mode="json").items() if name not in _PRIVATE
    }
    given = {name: getattr(options, name) for name in _DESCRIBED}
    return settings | {name: _file_names(value) for name, value in given.items() if value != getattr(_DEFAULTS, name)}


def _file_names(value: Any) -> Any:
    """Return only the names of paths, so that a report says nothing about the machine, and other values unchanged."""
    if isinstance(value, tuple):
        return [_file_names(item) for item in value]
    return value.name if isinstance(value, Path) else value
