"""Figures with bootstrap intervals, and paired tests of differences. Everything is seeded, so a run can be repeated."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Observations = NDArray[np.float64]
"""One row for each question, one column for each thing observed: shape `(..., questions, columns)`."""
Statistic = Callable[[Observations], NDArray[np.float64]]
"""From observations of shape `(..., questions, columns)` to values of shape `(...)`; NaN where undefined."""

RESAMPLES = 2000
_SEED = 20260101
_BATCH = 2_000_000
"""Observations gathered at a time, so that large sets stay within memory."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference between two runs over the same questions.

    Attributes:
        value: The later run's figure minus the earlier one's.
        low: Lower end of the 95 % interval of the difference.
        high: Upper end of the 95 % interval of the difference.
        p: How likely a difference at least this large is where the two runs are alike.
        questions: How many questions both runs observed.
    """

    value: float
    low: float
    high: float
    p: float
    questions: int


def figure(observations: Observations, statistic: Statistic) -> Figure | None:
    """Return a statistic with its percentile bootstrap interval (Efron 1979), resampling questions.

    Args:
        observations: Shape `(questions, columns)`.
        statistic: What to compute.

    Returns:
        The figure; none where the statistic is undefined for these observations.

    Example:
        >>> figure(np.ones((10, 1)), mean)
        Figure(value=1.0, low=1.0, high=1.0)
    """
    if len(observations) == 0:
        return None
    value = float(statistic(observations))
    if np.isnan(value):
        return None
    low, high = _interval(_resampled(statistic, observations))
    return Figure(value, low, high)


def difference(later: Observations, earlier: Observations, statistic: Statistic) -> Difference | None:
    """Compare two runs over the same questions, question by question.

    The interval is the paired bootstrap's. The p-value is that of the two-sided randomisation test (Smucker, Allan and
    Carterette 2007): under the hypothesis that the runs are alike, each question's two results may change places.

    Args:
        later: Shape `(questions, columns)`.
        earlier: The same questions in the same order, shape `(questions, columns)`.
        statistic: What to compute of each.

    Returns:
        The difference; none where the statistic is undefined for either run.
    """
    if len(later) == 0:
        return None
    value = float(statistic(later) - statistic(earlier))
    if np.isnan(value):
        return None
    both = np.stack([later, earlier])
    low, high = _interval(
        _resampled(lambda sample: statistic(sample[..., 0, :, :]) - statistic(sample[..., 1, :, :]), both)
    )
    random = np.random.default_rng(_SEED)
    extreme = 0
    for size in _batches(both.size):
        swapped = random.random((size, len(later), 1)) < 0.5
        first = np.where(swapped, earlier, later)
        second = np.where(swapped, later, earlier)
        # Rounding must not make a mere reordering look smaller than the difference observed.
        extreme += int(np.sum(np.abs(statistic(first) - statistic(second)) >= abs(value) - 1e-12))
    return Difference(value, low, high, p=(extreme + 1) / (RESAMPLES + 1), questions=len(later))


def mean(observations: Observations) -> NDArray[np.float64]:
    """Return the mean of the first column."""
    return np.asarray(observations[..., 0].mean(axis=-1))


def share(observations: Observations) -> NDArray[np.float64]:
    """Return how much of the second column's sum the product of the two columns makes up.

    With columns "right" and "made" this is precision; with "right" and "due", recall.
    """
    whole = observations[..., 1].sum(axis=-1)
    part = (observations[..., 0] * observations[..., 1]).sum(axis=-1)
    return _quotient(part, whole)


def agreement(observations: Observations) -> NDArray[np.float64]:
    """Return the F1 of two columns of zeros and ones: the harmonic mean of precision and recall."""
    both = (observations[..., 0] * observations[..., 1]).sum(axis=-1)
    whole = observations.sum(axis=(-2, -1))
    return _quotient(2 * both, whole)


def percentile(percent: float) -> Statistic:
    """Return the statistic that takes a percentile of the first column."""
    return lambda observations: np.asarray(np.percentile(observations[..., 0], percent, axis=-1))


def _quotient(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    quotient = np.full_like(whole, np.nan)
    np.divide(part, whole, out=quotient, where=whole > 0)
    return quotient


def _resampled(statistic: Statistic, observations: Observations) -> NDArray[np.float64]:
    """Compute a statistic on resamples of the questions, drawn with replacement; shape `(RESAMPLES,)`."""
    random = np.random.default_rng(_SEED)
    questions = observations.shape[-2]
    values = []
    for size in _batches(observations.size):
        drawn = random.integers(questions, size=(size, questions))
        sample = np.moveaxis(np.take(observations, drawn, axis=-2), -3, 0)
        values.append(statistic(sample))
    return np.concatenate(values)


def _batches(observations: int) -> list[int]:
    size = max(1, min(RESAMPLES, _BATCH // observations))
    whole, rest = divmod(RESAMPLES, size)
    return [size] * whole + ([rest] if rest else [])


def _interval(values: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return float(low), float(high)
