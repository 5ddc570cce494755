import numpy as np
import pytest

from assistant.embedding.token_codec import TokenBatch
from assistant.language.terms import index_terms
from assistant.retrieval.evidence import Evidence, highest_of_article, shared_terms
from assistant.retrieval.scoring import (
    ENOUGH_AHEAD,
    FEATURES,
    QA_CLIP_RELEVANCE,
    rank_scores,
    relevance,
    relevance_features,
)


def evidence(late, beyond=None, articles=None):
    late = np.array(late, np.float32)
    return Evidence(
        passage_score=late,
        best_sentence_score=late,
        best_sentence=np.zeros(len(late), int),
        best_beyond_subject=0 * late if beyond is None else np.array(beyond, np.float32),
        beyond_subject=0 * late if beyond is None else np.array(beyond, np.float32),
        sentence_offsets=np.arange(len(late) + 1),
        question_coverage=late,
        articles=np.arange(len(late)) if articles is None else np.array(articles),
        similarity=np.empty((0, 0), np.float32),
        batch=TokenBatch((), *(np.empty(0) for _ in range(4)), np.zeros(len(late), np.float32)),
    )


def test_shared_words_decide_between_passages_of_the_questions_language():
    scores = rank_scores(evidence([0.50, 0.49]), [0.0, 9.0], ["en", "en"], "en")
    assert scores[1] > scores[0]


def test_shared_words_cannot_lift_one_language_above_another():
    """The usual reciprocal rank fusion does: it takes English to Arabic recall@1 from 0.75 to 0.21."""
    own, foreign = [0.45, 0.44, 0.44, 0.43, 0.43], [0.60, 0.40, 0.40, 0.39, 0.39]
    languages = ["en"] * 5 + ["ar"] * 5
    scores = rank_scores(evidence(own + foreign), [9.0, 8.0, 8.0, 8.0, 8.0, 0, 0, 0, 0, 0], languages, "en")
    assert scores.argmax() == 5


def test_every_language_is_measured_by_its_own_usual_score():
    """English scores higher whatever it says; only one Arabic passage stands out from its own."""
    english, arabic = [0.62, 0.61, 0.60, 0.60, 0.59], [0.58, 0.40, 0.39, 0.39, 0.38]
    scores = rank_scores(evidence(english + arabic), [0.0] * 10, ["en"] * 5 + ["ar"] * 5, "en")
    assert scores.argmax() == 5


def test_a_language_without_an_answer_does_not_invent_one():
    english, arabic = [0.80, 0.55, 0.54, 0.53, 0.52], [0.40, 0.40, 0.39, 0.39, 0.38]
    scores = rank_scores(evidence(english + arabic), [0.0] * 10, ["en"] * 5 + ["ar"] * 5, "en")
    assert scores.argmax() == 0


def test_a_library_in_one_language_is_ranked_by_its_scores_alone():
    late = [0.3, 0.7, 0.5, 0.2, 0.6, 0.1]
    scores = rank_scores(evidence(late), [0.0] * 6, ["ar"] * 6, "en")
    np.testing.assert_allclose(scores, late, rtol=1e-6)


def test_within_an_article_what_is_said_beyond_its_subject_comes_first():
    scores = rank_scores(evidence([0.9, 0.6, 0.8], [0.1, 0.5, 0.4], [0, 0, 1]), [0.0] * 3, ["en"] * 3, "en")
    assert scores.argsort().tolist() == [0, 2, 1]
    assert scores[1] == pytest.approx(0.9)


def test_relevance_rises_with_the_evidence_and_stays_between_0_and_1():
    weak, strong = np.zeros(len(FEATURES)), np.array([0.9, 0.6, 0.0, 4.0, 0.9, 0.0, 0.0, 0.0, 0.0, 0.2, 8.0])
    low, high = (float(relevance(row[None].astype(np.float32))[0]) for row in (weak, strong))
    assert 0 <= low < 0.1
    assert 0.9 < high <= 1


def test_features_come_in_the_order_of_their_names():
    own = np.array([False, True, True])
    found = evidence([0.5, 0.3, 0.2])
    features = relevance_features(
        found,
        3.0,
        np.array([0.1, 0.2, 0.3], np.float32),
        own,
        np.array([2, 0]),
        [0.25, 0.0],
        [np.e - 1, 0.0],
        np.array([0.75, 0.5, 0.25], np.float32),
        np.array([-3.0, 0.0, 40.0], np.float32),
    )
    assert features.shape == (2, len(FEATURES))
    assert features[:, FEATURES.index("lexical")].tolist() == [1, 0]
    assert features[:, FEATURES.index("own_language")].tolist() == [1, 0]
    assert features[:, FEATURES.index("shared")].tolist() == [0.25, 0]
    assert features[:, FEATURES.index("length")] == pytest.approx(np.log(4))
    assert features[:, FEATURES.index("closeness")].tolist() == np.array([0.3, 0.1], np.float32).tolist()
    assert features[:, FEATURES.index("ahead")].tolist() == np.array([-0.5, ENOUGH_AHEAD], np.float32).tolist()
    assert features[:, FEATURES.index("qa")].tolist() == [QA_CLIP_RELEVANCE, -3]
    assert features[:, FEATURES.index("late")].tolist() == np.array([0.2, 0.5], np.float32).tolist()


def test_an_article_that_is_alone_is_not_ahead_of_any():
    features = relevance_features(
        evidence([0.5]),
        3.0,
        np.zeros(1, np.float32),
        np.array([False]),
        np.array([0]),
        [0.0],
        [0.0],
        np.array([0.75], np.float32),
        np.zeros(1, np.float32),
    )
    assert features[:, FEATURES.index("ahead")].tolist() == [0]


def test_a_passage_is_as_near_as_the_nearest_of_its_article():
    values = highest_of_article(np.array([0.1, -0.2, 0.3, -0.4], np.float32), np.array([1, 0, 1, 0]))
    assert values.tolist() == pytest.approx([0.3, -0.2, 0.3, -0.2])


def test_a_hit_in_another_language_does_not_stand_above_the_usual_because_one_in_the_questions_does():
    own = np.array([True, False])
    features = relevance_features(
        evidence([0.9, 0.2]),
        30.0,
        np.full(2, 0.1, np.float32),
        own,
        np.array([0, 1]),
        [1.0, 0.0],
        [3.0, 0.0],
        np.full(2, 0.5, np.float32),
        np.full(2, np.nan),
    )
    found, foreign = relevance(features)
    assert found > 0.9
    assert foreign < 0.1


@pytest.mark.parametrize(
    ("question", "language", "text", "share"),
    [
        ("kazan summits", "en", "The SUMMIT was held in Moscow.", 1 / 3),
        ("القمة", "ar", "عُقِدت قمةٌ في قازان.", 1 / 2),
        ("峰会", "zh", "下一次峰会在莫斯科举行。", 1),
        ("", "en", "The summit was held in Moscow.", 0),
    ],
)
def test_words_are_shared_whatever_their_ending_or_spelling(question, language, text, share):
    assert shared_terms(index_terms(question, language), text) == pytest.approx(share)


def test_a_passage_that_resembles_any_question_is_held_back():
    hub = evidence([0.50, 0.49])
    hub.batch.hubness[:] = [0.3, 0.1]
    assert rank_scores(hub, [0.0, 0.0], ["en", "en"], "en").argmax() == 1
