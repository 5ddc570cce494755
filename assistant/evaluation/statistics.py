"""Figures with bootstrap intervals, and paired tests of differences, by SciPy. All is seeded: runs can be repeated."""

import warnings
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.stats import DegenerateDataWarning, bootstrap, permutation_test

Column = NDArray[np.float64]
"""One observation for each question, shape `(..., questions)`."""

RESAMPLES = 2000
_SEED = 20260101
_BATCH = 2_000_000
"""Observations gathered at a time, so that large sets stay within memory."""


class Statistic(Protocol):
    """Computes one value from columns of observations, along an axis; NaN where it is undefined."""

    def __call__(self, *columns: Column, axis: int = -1) -> Column:
        """Return one value for each row of observations."""


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
        p: How likely a difference at least this large is if the two runs do not differ.
        questions: How many questions both runs observed.
    """

    value: float
    low: float
    high: float
    p: float
    questions: int


def figure(columns: tuple[Column, ...], statistic: Statistic) -> Figure | None:
    """Return a statistic with its percentile bootstrap interval, resampling questions.

    Args:
        columns: What was observed, each of shape `(questions,)`.
        statistic: What to compute of them.

    Returns:
        The figure; none where the statistic is undefined for these observations.

    Example:
        >>> figure((np.ones(10),), mean)
        Figure(value=1.0, low=1.0, high=1.0)
    """
    if len(columns[0]) == 0:
        return None
    value = float(statistic(*columns))
    return None if np.isnan(value) else Figure(value, *_interval(columns, statistic, value))


def difference(later: tuple[Column, ...], earlier: tuple[Column, ...], statistic: Statistic) -> Difference | None:
    """Compare two runs over the same questions, question by question.

    The interval is the paired bootstrap's. The p-value is that of the two-sided randomisation test (Smucker, Allan and
    Carterette 2007): under the hypothesis that the runs are alike, each question's two results may change places.

    Args:
        later: What was observed, each of shape `(questions,)`.
        earlier: What the other run observed of the same questions, in the same order.
        statistic: What to compute for each run.

    Returns:
        The difference; none where the statistic is undefined for either run.
    """
    if len(later[0]) == 0:
        return None

    def gain(*columns: Column, axis: int = -1) -> Column:
        return statistic(*columns[: len(later)], axis=axis) - statistic(*columns[len(later) :], axis=axis)

    def exchanged(first: Column, second: Column, axis: int = -1) -> Column:
        return gain(*(np.where(run == 0, x, y) for run in (first, second) for x, y in runs), axis=axis)

    value = float(gain(*later, *earlier))
    if np.isnan(value):
        return None
    low, high = _interval((*later, *earlier), gain, value)
    # Permuted is which run a question's results come from, so that all its columns stay together.
    runs = list(zip(later, earlier, strict=True))
    which = np.zeros(len(later[0])), np.ones(len(later[0]))
    if len(later[0]) == 1:
        return Difference(value, low, high, p=1.0, questions=1)
    tested = permutation_test(
        which,
        exchanged,
        permutation_type="samples",
        vectorized=True,
        n_resamples=RESAMPLES,
        batch=_batch(2 * len(later) * len(later[0])),
        rng=_SEED,
    )
    return Difference(value, low, high, p=float(tested.pvalue), questions=len(later[0]))


def mean(*columns: Column, axis: int = -1) -> Column:
    """Return the mean of a single column."""
    (observed,) = columns
    return np.asarray(observed.mean(axis=axis))


def share(*columns: Column, axis: int = -1) -> Column:
    """Return sum(first × second) / sum(second).

    With columns "right" and "made" this is precision; with "right" and "due", recall.
    """
    part, whole = columns
    return _quotient((part * whole).sum(axis=axis), whole.sum(axis=axis))


def agreement(*columns: Column, axis: int = -1) -> Column:
    """Return the F1 of two columns of zeros and ones: the harmonic mean of precision and recall."""
    first, second = columns
    return _quotient(2 * (first * second).sum(axis=axis), (first + second).sum(axis=axis))


def percentile(percent: float) -> Statistic:
    """Return a statistic: the percentile of a single column."""

    def of(*columns: Column, axis: int = -1) -> Column:
        (observed,) = columns
        return np.asarray(np.percentile(observed, percent, axis=axis))

    return of


def _quotient(part: Column, whole: Column) -> Column:
    quotient = np.full_like(whole, np.nan)
    np.divide(part, whole, out=quotient, where=whole > 0)
    return quotient


def _interval(columns: tuple[Column, ...], statistic: Statistic, value: float) -> tuple[float, float]:
    if len(columns[0]) == 1:
        return value, value
    # SciPy's own interval is undefined if a single resample is, for instance one without any refusal.
    with warnings.catch_warnings(action="ignore", category=DegenerateDataWarning):
        resampled = bootstrap(
            columns,
            statistic,
            paired=True,
            vectorized=True,
            method="percentile",
            n_resamples=RESAMPLES,
            batch=_batch(len(columns) * len(columns[0])),
            rng=_SEED,
        )
    low, high = np.nanpercentile(resampled.bootstrap_distribution, [2.5, 97.5])
    return float(low), float(high)


def _batch(observations: int) -> int:
    return max(1, min(RESAMPLES, _BATCH // observations))
