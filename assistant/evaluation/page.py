"""A report as one self-contained HTML page: no request goes anywhere, and no text of an article can act in it."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from assistant.errors import AssistantError
from assistant.evaluation import plots
from assistant.evaluation.comparison import Comparison, verdict
from assistant.evaluation.metrics import GROUPS
from assistant.evaluation.ranking_scores import RECALL_CUTOFFS
from assistant.evaluation.report import Figures, Report
from assistant.evaluation.tables import LEADING, NAMES

FAILURES_SHOWN = 500
"""More failed questions than this make a page slow; all are in the JSON document."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot with its heading and a sentence on how to read it."""

    title: str
    reading: str
    svg: Markup


def write_page(report: Report, path: Path, comparison: Comparison | None = None) -> None:
    """Write a report as an HTML page.

    Args:
        report: The report.
        path: The file to write.
        comparison: How it differs from an earlier run, where there is one.

    Raises:
        AssistantError: the file cannot be written.
    """
    try:
        path.write_text(render_page(report, comparison), encoding="utf-8")
    except OSError as error:
        raise AssistantError(f"{path} cannot be written: {error}.") from error


def render_page(report: Report, comparison: Comparison | None = None) -> str:
    """Return a report as an HTML page."""
    environment = Environment(
        loader=PackageLoader("assistant.evaluation"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["figure"] = lambda value: f"{value:.3f}"
    script = _source(environment, "page.js")
    style = _source(environment, "page.css")
    failed = [outcome for outcome in report.per_question if outcome.failed]
    return environment.get_template("page.html.j2").render(
        report=report,
        comparison=comparison,
        verdict=verdict,
        names=NAMES,
        groups=[(group, getattr(report, group)) for group in GROUPS if getattr(report, group)],
        plots=list(_plots(report)),
        failed=failed[:FAILURES_SHOWN],
        failures=len(failed),
        style=Markup(style),  # noqa: S704 - the project's own file
        script=Markup(script),  # noqa: S704 - the project's own file
        script_hash=_digest(script),
        style_hash=_digest(style),
    )


def _plots(report: Report) -> Sequence[Plot]:
    made: list[Plot] = []
    recall = {str(k): report.retrieval[f"recall@{k}"] for k in RECALL_CUTOFFS if f"recall@{k}" in report.retrieval}
    if recall:
        made.append(
            _plot(
                "Recall by k",
                "How often one of the first k passages covers the answer.",
                plots.curve(recall, "k"),
            )
        )
    spread = {
        name: [outcome.score for outcome in report.per_question if outcome.answerable is answerable]
        for name, answerable in (("answerable", True), ("unanswerable", False))
    }
    spread = {name: scores for name, scores in spread.items() if scores}
    made.append(
        _plot(
            "Relevance of the first passage",
            "The further apart the two kinds of questions, the better a refusal can be told from an answer."
            if len(spread) > 1
            else "How sure the search is of what stands first.",
            plots.histogram(spread, "relevance"),
        )
    )
    if report.latency_ms:
        stages = {"all": report.latency_ms["p50"]} | {name: found["p50"] for name, found in report.stages_ms.items()}
        slow = {"all": report.latency_ms["p95"]} | {name: found["p95"] for name, found in report.stages_ms.items()}
        made.append(
            _plot("Latency, median", "Milliseconds by stage; half of the questions take less.", _latency(stages))
        )
        made.append(
            _plot(
                "Latency, 95th percentile", "Milliseconds by stage; one question in twenty takes more.", _latency(slow)
            )
        )
    for title, reading, figures in _by_part(report):
        made.append(_plot(title, reading, plots.rows(figures)))
    return made


def _by_part(report: Report) -> Sequence[tuple[str, str, Figures]]:
    """Return what is shown by question language and by kind: the leading figures that were measured."""
    shown: list[tuple[str, str, Figures]] = []
    for by, parts in (("question language", report.by_language), ("kind", report.by_kind)):
        for group, name in LEADING:
            figures: Figures = {}
            for part, theirs in parts.items():
                measured: Figures = getattr(theirs, group)
                if name in measured:
                    figures[f"{part} ({theirs.questions})"] = measured[name]
            if figures:
                shown.append((f"{NAMES.get(name, name).capitalize()}, by {by}", "Questions in brackets.", figures))
    return shown


def _latency(figures: Figures) -> str:
    return plots.rows(figures, unit="ms")


def _plot(title: str, reading: str, svg: str) -> Plot:
    return Plot(title, reading, Markup(svg))  # noqa: S704 - ElementTree has escaped all text in it


def _source(environment: Environment, name: str) -> str:
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def _digest(text: str) -> str:
    """Return what a content security policy calls an inline block by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
