"""The list of metrics, which reports and comparisons share: the scores that each needs, and its statistic."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.evaluation.ranking_scores import RECALL_CUTOFFS
from assistant.evaluation.report import Figures, Outcome
from assistant.evaluation.statistics import (
    Column,
    Difference,
    Statistic,
    agreement,
    difference,
    figure,
    mean,
    percentile,
    share,
)

GROUPS = ("summary", "retrieval", "answers", "citations", "refusal")


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of a report.

    Attributes:
        group: The part of the report it belongs to.
        name: Its name there.
        columns: The per-question scores it is computed from; a question without one of them does not count.
        statistic: Computes the figure from these scores.
        less_is_better: Whether it counts faults.
    """

    group: str
    name: str
    columns: tuple[str, ...]
    statistic: Statistic = mean
    less_is_better: bool = False


def _mean_of(group: str, *names: str) -> list[Metric]:
    return [Metric(group, name, (name,)) for name in names]


METRICS: tuple[Metric, ...] = (
    *_mean_of("summary", "right", "right_sentence"),
    Metric("summary", "answered_unanswerable", ("answered_unanswerable",), less_is_better=True),
    Metric("summary", "refused_answerable", ("refused_answerable",), less_is_better=True),
    *_mean_of("retrieval", *(f"recall@{k}" for k in RECALL_CUTOFFS), "mrr@10", "ndcg@10", "map"),
    *_mean_of("retrieval", "sentence_accuracy", "either@1", "both@5"),
    *_mean_of("answers", "exact_match", "f1", "contains", "contains_asked", "rouge1"),
    Metric("citations", "precision", ("citation_precision",)),
    Metric("citations", "unstated_numbers", ("unstated_numbers",), less_is_better=True),
    Metric("refusal", "precision", ("unanswerable", "refused"), share),
    Metric("refusal", "recall", ("refused", "unanswerable"), share),
    Metric("refusal", "f1", ("refused", "unanswerable"), agreement),
)
LATENCY: tuple[tuple[str, Statistic], ...] = (("p50", percentile(50)), ("p95", percentile(95)))
_LESS_IS_BETTER = {(metric.group, metric.name) for metric in METRICS if metric.less_is_better}


def less_is_better(group: str, name: str) -> bool:
    """Return whether a smaller figure is the better one."""
    return group == "latency_ms" or (group, name) in _LESS_IS_BETTER


def figures(outcomes: Sequence[Outcome], group: str) -> Figures:
    """Return the measured figures of one group, with intervals."""
    measured: Figures = {}
    for metric in METRICS:
        if metric.group == group and (found := figure(_observed(outcomes, metric.columns), metric.statistic)):
            measured[metric.name] = found
    return measured


def latencies(outcomes: Sequence[Outcome], stage: str) -> Figures:
    """Return the 50th and 95th percentile of a stage's time, in milliseconds."""
    milliseconds = np.array([outcome.seconds[stage] * 1000 for outcome in outcomes if stage in outcome.seconds])
    found = {name: figure((milliseconds,), statistic) for name, statistic in LATENCY}
    return {name: value for name, value in found.items() if value}


def compared(later: Sequence[Outcome], earlier: Sequence[Outcome], metric: Metric) -> Difference | None:
    """Compare a metric over the questions that both runs asked and both scored."""
    before = {outcome.id: outcome for outcome in earlier if _has(outcome, metric.columns)}
    pairs = [(o, before[o.id]) for o in later if o.id in before and _has(o, metric.columns)]
    first = _observed([pair[0] for pair in pairs], metric.columns)
    second = _observed([pair[1] for pair in pairs], metric.columns)
    return difference(first, second, metric.statistic)


def compared_latency(later: Sequence[Outcome], earlier: Sequence[Outcome], statistic: Statistic) -> Difference | None:
    """Compare a percentile of the milliseconds that a question takes."""
    before = {outcome.id: outcome.seconds["total"] for outcome in earlier if "total" in outcome.seconds}
    pairs = [(o.seconds["total"], before[o.id]) for o in later if o.id in before and "total" in o.seconds]
    both = np.array(pairs).reshape(-1, 2) * 1000
    return difference((both[:, 0],), (both[:, 1],), statistic)


def _has(outcome: Outcome, columns: Sequence[str]) -> bool:
    return all(column in outcome.scores for column in columns)


def _observed(outcomes: Sequence[Outcome], columns: Sequence[str]) -> tuple[Column, ...]:
    counted = [outcome.scores for outcome in outcomes if _has(outcome, columns)]
    return tuple(np.array([scores[column] for scores in counted], dtype=np.float64) for column in columns)
