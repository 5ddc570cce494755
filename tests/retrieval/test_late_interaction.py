import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.embedding.token_codec import TokenBatch
from assistant.retrieval.late_interaction import (
    Centres,
    Tokens,
    best_cosines,
    best_matches,
    segment_starts,
    similarities,
    unit,
)


def make_tokens(vectors, weights=None):
    vectors = unit(np.array(vectors, np.float32))
    starts = np.arange(len(vectors)) * 5
    weights = np.ones(len(vectors)) if weights is None else np.array(weights)
    return Tokens(vectors, weights.astype(np.float32), np.stack([starts, starts + 4], axis=1).astype(np.int32))


def make_batch(counts, dimension=8, seed=0):
    rng = np.random.default_rng(seed)
    total = sum(counts)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    places = np.concatenate([np.arange(count) for count in counts]) if counts else np.empty(0)
    return TokenBatch(
        levels=tuple(rng.integers(-127, 128, (count, dimension)).astype(np.int8) for count in counts),
        steps=rng.uniform(0.001, 0.1, total).astype(np.float32),
        token_ids=np.zeros(total, np.int32),
        offsets=np.stack([places * 5, places * 5 + 4], axis=1).astype(np.int32),
        starts=starts,
        hubness=np.zeros(len(counts), np.float32),
    )


@given(counts=st.lists(st.integers(0, 6), min_size=1, max_size=5), seed=st.integers(0, 20))
def test_similarities_are_cosines_of_centred_vectors(counts, seed):
    batch = make_batch(counts, seed=seed)
    rng = np.random.default_rng(seed + 100)
    centres = Centres(rng.normal(size=(2, 8)).astype(np.float32), rng.integers(0, 2, len(counts)))
    question = make_tokens(rng.normal(size=(3, 8)))
    vectors = np.concatenate(batch.levels) * batch.steps[:, None] - np.repeat(
        centres.vectors[centres.of_passage], counts, axis=0
    )
    expected = unit(vectors) @ question.vectors.T
    np.testing.assert_allclose(similarities(question, batch, centres), expected, atol=1e-3)


def test_a_token_at_the_centre_resembles_nothing():
    batch = make_batch([1])
    question = make_tokens(np.ones((1, 8)))
    centre = Centres(np.concatenate(batch.levels) * batch.steps[:, None], np.zeros(1, int))
    assert abs(similarities(question, batch, centre)[0, 0]) < 0.1


def test_best_matches_are_maxima_and_empty_segments_are_zero():
    similarity = np.array([[0.1, 0.9], [0.5, 0.2], [0.3, 0.4]], np.float32)
    best = best_matches(similarity, np.array([0, 0, 2, 3]))
    assert best.tolist() == pytest.approx(np.array([[0, 0], [0.5, 0.9], [0.3, 0.4]]))


def test_tokens_belong_to_the_sentence_they_end_in():
    batch = make_batch([4, 3])
    # Tokens at 0-4, 5-9, 10-14 and 15-19; sentences begin at 0 and 10, in the second passage at 0 and 5.
    assert segment_starts(batch, [[0, 10], [0, 5]]).tolist() == [0, 2, 4, 5, 7]


def test_lessened_tokens_count_a_share_and_all_of_them_together_as_before():
    tokens = make_tokens(np.eye(3), [5, 3, 2])
    assert np.allclose(tokens.shares, [0.5, 0.3, 0.2])
    lessened = tokens.lessened(np.array([True, False, False]), 0.4)
    assert np.allclose(lessened.shares, np.array([0.2, 0.3, 0.2]) / 0.7)
    assert np.allclose(tokens.lessened(np.full(3, True), 0.4).shares, tokens.shares)


def test_a_part_of_a_text_has_its_tokens_at_their_places_in_it():
    tokens = make_tokens(np.eye(4), [1, 2, 3, 4])
    part = tokens.within(5, 12)
    assert part.weights.tolist() == [2, 3]
    assert part.offsets.tolist() == [[0, 4], [5, 7]]
    assert not len(tokens.within(4, 5).weights)


def test_each_token_of_a_claim_finds_the_nearest_of_a_sentence():
    claim, sentence = make_tokens([[1, 0], [0, 1]]), make_tokens([[1, 0], [1, 1]])
    assert best_cosines(claim, sentence).tolist() == pytest.approx([1, 0.5**0.5])
    assert best_cosines(claim, sentence.chosen(np.array([False, False]))).tolist() == [0, 0]


def test_zero_vectors_have_no_direction():
    assert not unit(np.zeros((1, 4), np.float32)).any()
