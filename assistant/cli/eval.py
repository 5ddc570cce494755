"""`eval`: measure the assistant with a question set."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli import options
from assistant.cli.console import messages, output, plain, print_json, progress_bar

if TYPE_CHECKING:
    from assistant.evaluation import Report

PROBLEMS_SHOWN = 10

Questions = Annotated[
    Path,
    typer.Argument(
        metavar="QUESTIONS",
        help="A .jsonl file (see evals/README.md), a .json file in SQuAD layout, or a folder in LAReQA's or "
        "MTRAG's layout.",
        show_default=False,
    ),
]
Articles = Annotated[
    Path | None,
    typer.Option(
        "--articles",
        metavar="PATH",
        help="File or folder that a .jsonl set asks about. Without it, the store as it stands.",
    ),
]
AskedAs = Annotated[
    Path | None,
    typer.Option("--questions", metavar="PATH", help="Ask in the words of this parallel SQuAD file, matched by id."),
]
Also = Annotated[
    list[Path] | None,
    typer.Option(
        "--also",
        metavar="PATH",
        help="Put the articles of this SQuAD file into the library too; repeatable. Beside a SQuAD file it must be "
        "a parallel one.",
    ),
]
WithoutEarlier = Annotated[
    bool, typer.Option("--without-earlier", help="Ask every question alone, without those before it.")
]
ByParagraph = Annotated[
    bool, typer.Option("--by-paragraph", help="Make an article of each SQuAD paragraph, not of each title.")
]
HoldOut = Annotated[
    float,
    typer.Option(
        "--hold-out",
        metavar="SHARE",
        min=0.0,
        max=0.99,
        help="Leave out this share of the articles; their questions have no answer then.",
    ),
]
RetrievalOnly = Annotated[bool, typer.Option("--retrieval-only", help="Do not answer; measure the ranking alone.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="Ask only N questions, spread evenly.")]
Seed = Annotated[
    int | None,
    typer.Option(
        "--seed", metavar="S", help="With --limit: draw the questions at random, the same ones for the same seed."
    ),
]
Baseline = Annotated[
    Path | None,
    typer.Option("--baseline", metavar="FILE", help="Compare with an earlier run: a file written with --json."),
]
Against = Annotated[
    list[str] | None,
    typer.Option(
        "--against",
        metavar="B",
        help="Run a second time and compare: with another chat model (a name), or another setting (SETTING=VALUE); "
        "repeatable.",
    ),
]
ReportFile = Annotated[
    Path | None, typer.Option("--report", metavar="FILE.html", help="Write the report as one self-contained page.")
]


def eval_command(
    questions: Questions,
    articles: Articles = None,
    asked_as: AskedAs = None,
    also: Also = None,
    without_earlier: WithoutEarlier = False,
    by_paragraph: ByParagraph = False,
    hold_out: HoldOut = 0.0,
    retrieval_only: RetrievalOnly = False,
    limit: Limit = None,
    seed: Seed = None,
    k: options.K = None,
    chat_model: options.ChatModel = None,
    against: Against = None,
    baseline: Baseline = None,
    report: ReportFile = None,
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Measure retrieval, answers, citations and refusals with a question set.

    Example: assistant eval evals/seeds.jsonl --articles seeds --chat-model extractive --report report.html
    """
    # Only this command needs them, and they take as long to import as all the others together.
    from assistant.evaluation import Options, evaluate  # noqa: PLC0415
    from assistant.evaluation.comparison import compare  # noqa: PLC0415
    from assistant.evaluation.page import write_page  # noqa: PLC0415
    from assistant.evaluation.report import read_report  # noqa: PLC0415
    from assistant.evaluation.tables import comparison_table, figures_table, parts_table  # noqa: PLC0415

    if baseline and against:
        raise typer.BadParameter("compare with one of --baseline and --against", param_hint="--baseline")
    if seed is not None and limit is None:
        raise typer.BadParameter("it draws the questions that --limit N leaves; give both", param_hint="--seed")
    earlier = read_report(baseline) if baseline else None
    chosen = Options(
        articles, asked_as, tuple(also or ()), without_earlier, by_paragraph, hold_out, limit, seed, retrieval_only
    )
    settings = {name: value for name, value in {"k": k, "chat_model": chat_model, "store": store}.items() if value}
    with progress_bar() as progress:
        if against:
            earlier = evaluate(questions, chosen, progress=progress, **settings | _settings(against))
        measured = evaluate(questions, chosen, progress=progress, **settings)
    _tell_problems(measured)
    comparison = compare(measured, earlier) if earlier else None
    if report:
        write_page(measured, report, comparison)
        messages.print(plain(f"Report: {report}"))
    if json:
        print_json(measured.document() | ({"comparison": asdict(comparison)} if comparison else {}))
        return
    output.print(figures_table(measured))
    for title, parts in (("By question language", measured.by_language), ("By kind", measured.by_kind)):
        if parts:
            output.print()
            output.print(parts_table(title, parts))
    if comparison:
        output.print()
        output.print(comparison_table(comparison))


def _settings(against: list[str]) -> dict[str, Any]:
    """Read `NAME=VALUE`, or the name of a chat model."""
    pairs = (given.partition("=") if "=" in given else ("chat_model", "=", given) for given in against)
    return {name: value for name, _, value in pairs}


def _tell_problems(report: "Report") -> None:
    for problem in report.problems[:PROBLEMS_SHOWN]:
        messages.print(plain(f"Left out: {problem}"), style="yellow")
    if len(report.problems) > PROBLEMS_SHOWN:
        messages.print(f"... and {len(report.problems) - PROBLEMS_SHOWN} more; --json lists all.", style="yellow")
