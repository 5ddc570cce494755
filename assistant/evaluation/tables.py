"""Reports and comparisons as Rich tables for the terminal."""

from collections.abc import Mapping

from rich.table import Table
from rich.text import Text

from assistant.evaluation.comparison import Comparison, verdict
from assistant.evaluation.metrics import GROUPS
from assistant.evaluation.report import PartReport, Report
from assistant.evaluation.statistics import Figure

LEADING = (
    ("retrieval", "recall@1"),
    ("retrieval", "map"),
    ("summary", "right_sentence"),
    ("answers", "contains"),
    ("answers", "rouge1"),
    ("summary", "refused_answerable"),
    ("summary", "answered_unanswerable"),
)
"""What is shown by language and by kind."""
NAMES = {
    "right": "right: answered rightly, or refused rightly",
    "right_sentence": "right sentence quoted, of answerable",
    "answered_unanswerable": "answered though unanswerable",
    "refused_answerable": "refused though answerable",
    "rouge1": "ROUGE-1 F against the target",
}
"""Figures that are printed in words; the JSON document has the keys."""
_STYLES = {"better": "green", "worse": "red"}
_TITLES = {"latency_ms": "latency, ms"}


def figures_table(report: Report) -> Table:
    """Return a report's figures with their intervals.

    Citations are never shown without the answers that contain the gold, because quoting everything would score well.
    """
    table = Table(title=Text(_heading(report)), title_justify="left", box=None, padding=(0, 2, 0, 0))
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("95 % interval", justify="right", style="dim")
    for group in GROUPS:
        figures = getattr(report, group)
        if not figures:
            continue
        table.add_row(Text(group, style="bold"))
        for name, figure in figures.items():
            _add(table, name, figure)
        if group == "citations" and "contains" in report.answers:
            _add(table, "beside it: answers contain gold", report.answers["contains"])
    if report.latency_ms:
        table.add_row(Text("latency, ms", style="bold"))
        for name, figure in report.latency_ms.items():
            table.add_row(f"  {name}", f"{figure.value:,.1f}", f"{figure.low:,.1f} to {figure.high:,.1f}")
        for stage, found in report.stages_ms.items():
            values = " / ".join(f"{figure.value:,.1f}" for figure in found.values())
            table.add_row(Text(f"  {stage} p50 / p95"), values)
    return table


def parts_table(title: str, parts: Mapping[str, PartReport]) -> Table:
    """Return the leading figures of parts of the questions, a row each, without intervals, for width.

    Args:
        title: What the parts are.
        parts: `by_language` or `by_kind` of a report.
    """
    shown = [
        (group, name) for group, name in LEADING if any(name in getattr(theirs, group) for theirs in parts.values())
    ]
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    table.add_column("")
    table.add_column("questions", justify="right")
    for _, name in shown:
        table.add_column(name, justify="right")
    for part, theirs in parts.items():
        found = [getattr(theirs, group).get(name) for group, name in shown]
        values = [f"{figure.value:.3f}" if figure else "" for figure in found]
        table.add_row(Text(part), f"{theirs.questions:,}", *values)
    return table


def comparison_table(comparison: Comparison) -> Table:
    """Return how a run differs from another, with the p-values of paired tests."""
    title = f"Against {comparison.earlier}, over {comparison.questions:,} shared questions"
    changed = [f"{name}: {before}, now {now}" for name, (before, now) in comparison.settings.items()]
    table = Table(title=Text("\n".join([title, *changed])), title_justify="left", box=None, padding=(0, 2, 0, 0))
    table.add_column("figure")
    for name in ("difference", "95 % interval", "p"):
        table.add_column(name, justify="right")
    for group, differences in comparison.differences.items():
        table.add_row(Text(_TITLES.get(group, group), style="bold"))
        for name, found in differences.items():
            table.add_row(
                f"  {NAMES.get(name, name)}",
                Text(f"{found.value:+.3f}", style=_STYLES.get(verdict(group, name, found), "")),
                f"{found.low:+.3f} to {found.high:+.3f}",
                f"{found.p:.4f}",
            )
    return table


def _heading(report: Report) -> str:
    unanswerable = report.questions - report.answerable
    return f"{report.name}: {report.questions:,} questions" + (
        f", {unanswerable:,} unanswerable" if unanswerable else ""
    )


def _add(table: Table, name: str, figure: Figure) -> None:
    table.add_row(f"  {NAMES.get(name, name)}", f"{figure.value:.3f}", f"{figure.low:.3f} to {figure.high:.3f}")
