"""Compare two reports over the questions they share."""

from dataclasses import dataclass

from assistant.errors import QuestionSetError
from assistant.evaluation.metrics import LATENCY, METRICS, compared, compared_latency, less_is_better
from assistant.evaluation.report import Report
from assistant.evaluation.statistics import Difference

SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class Comparison:
    """How one run differs from another.

    Attributes:
        earlier: Name of the run compared with.
        questions: How many questions both runs asked.
        differences: By group and figure: the later run's figure minus the earlier one's.
        settings: Settings that differ, with both values, the earlier one first.
    """

    earlier: str
    questions: int
    differences: dict[str, dict[str, Difference]]
    settings: dict[str, tuple[str, str]]


def verdict(group: str, name: str, found: Difference) -> str:
    """Return "better" or "worse" where a difference is significant, else nothing.

    Args:
        group: The figure's group.
        name: Its name there.
        found: How it differs.
    """
    if found.p >= SIGNIFICANT:
        return ""
    return "better" if (found.value < 0) == less_is_better(group, name) else "worse"


def compare(later: Report, earlier: Report) -> Comparison:
    """Compare two reports question by question.

    Args:
        later: The run that is judged.
        earlier: The run it is judged by.

    Raises:
        QuestionSetError: the two have no question in common.
    """
    shared = {outcome.id for outcome in later.per_question} & {outcome.id for outcome in earlier.per_question}
    if not shared:
        raise QuestionSetError(
            f"{later.name} and the baseline, {earlier.name}, have no question in common; compare runs of the same set."
        )
    differences: dict[str, dict[str, Difference]] = {}
    for metric in METRICS:
        if found := compared(later.per_question, earlier.per_question, metric):
            differences.setdefault(metric.group, {})[metric.name] = found
    for name, statistic in LATENCY:
        if found := compared_latency(later.per_question, earlier.per_question, statistic):
            differences.setdefault("latency_ms", {})[name] = found
    names = {**earlier.settings, **later.settings}
    changed = {
        name: (str(earlier.settings.get(name)), str(later.settings.get(name)))
        for name in names
        if earlier.settings.get(name) != later.settings.get(name)
    }
    return Comparison(earlier.name, len(shared), differences, changed)
