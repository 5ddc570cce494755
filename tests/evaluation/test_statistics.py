import time

import numpy as np
import pytest

from assistant.evaluation.statistics import Difference, Figure, agreement, difference, figure, mean, percentile, share


def column(values) -> tuple[np.ndarray]:
    return (np.array(values, dtype=float),)


def test_the_interval_of_a_share_is_that_of_the_binomial():
    observations = column([1] * 700 + [0] * 300)
    found = figure(observations, mean)
    error = 1.96 * np.sqrt(0.7 * 0.3 / 1000)
    assert found.value == 0.7
    assert found.low == pytest.approx(0.7 - error, abs=0.004)
    assert found.high == pytest.approx(0.7 + error, abs=0.004)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    random = np.random.default_rng(7)
    covered = 0
    for _ in range(100):
        found = figure(column(random.random(60) < 0.5), mean)
        covered += found.low <= 0.5 <= found.high
    assert 87 <= covered <= 100


def test_a_run_can_be_repeated():
    observations = column(np.random.default_rng(1).random(50))
    assert figure(observations, mean) == figure(observations, mean)


def test_percentiles():
    found = figure(column(range(101)), percentile(95))
    assert found.value == 95
    assert found.low < 95 <= found.high


def test_nothing_observed_gives_no_figure():
    assert figure(column([]), mean) is None
    assert figure((np.array([1.0]), np.array([0.0])), share) is None
    assert difference(column([]), column([]), mean) is None


def test_one_question_has_an_interval_of_no_width():
    assert figure(column([1]), mean) == Figure(1, 1, 1)
    assert difference(column([1]), column([0]), mean) == Difference(1, 1, 1, p=1, questions=1)


def test_resamples_in_which_a_share_is_undefined_are_left_out():
    found = figure((np.ones(4), np.array([1.0, 0, 0, 0])), share)
    assert (found.value, found.low, found.high) == (1, 1, 1)


def test_whole_sets_take_well_under_a_second():
    random = np.random.default_rng(5)
    right, made = (random.random(1190) < 0.5).astype(float), (random.random(1190) < 0.9).astype(float)
    began = time.process_time()
    for _ in range(3):
        figure((right, made), share)
    assert (time.process_time() - began) / 3 < 1


def test_share_and_agreement_are_precision_recall_and_f1():
    refused = [1, 1, 1, 0, 0, 0]
    unanswerable = [1, 1, 0, 1, 1, 0]
    pairs = np.array(refused, dtype=float), np.array(unanswerable, dtype=float)
    assert figure(pairs[::-1], share).value == pytest.approx(2 / 3)
    assert figure(pairs, share).value == pytest.approx(2 / 4)
    assert figure(pairs, agreement).value == pytest.approx(2 * 2 / (3 + 4))


def test_a_consistent_gain_is_significant_and_a_tie_is_not():
    random = np.random.default_rng(3)
    earlier = column(random.random(200) < 0.5)
    later = (earlier[0].copy(),)
    later[0][np.flatnonzero(earlier[0] == 0)[:20]] = 1
    gain = difference(later, earlier, mean)
    assert gain.value == pytest.approx(0.1)
    assert gain.p < 0.001
    assert gain.low > 0
    same = difference(earlier, earlier, mean)
    assert (same.value, same.p, same.low, same.high) == (0, 1, 0, 0)
    noise = difference(column(random.random(200) < 0.5), earlier, mean)
    assert noise.p > 0.01


def test_the_randomisation_test_agrees_with_the_exact_sign_test():
    later, earlier = column([1] * 8 + [0] * 2), column([0] * 8 + [1] * 2)
    # Two-sided: at least 8 of 10 signs alike, 2 * (1 + 10 + 45) / 1024.
    assert difference(later, earlier, mean).p == pytest.approx(112 / 1024, abs=0.02)


def test_the_columns_of_a_question_change_places_together():
    # Precision of 3 of 4 against 1 of 4: were the columns exchanged apart, some shares would exceed 1.
    made = np.array([1.0] * 4 + [0.0] * 4)
    later, earlier = (np.array([1.0, 1, 1, 0] * 2), made), (np.array([0.0, 0, 1, 0] * 2), made[::-1].copy())
    gain = difference(later, earlier, share)
    assert gain.value == pytest.approx(0.5)
    assert -1 <= gain.low <= gain.value <= gain.high <= 1
    assert 0.05 < gain.p < 0.5
