import numpy as np
import pytest

from assistant.embedding.language_statistics import LanguageStatistics, load_statistics
from assistant.retrieval.language_centring import LanguageCentring


@pytest.fixture
def statistics(encoder):
    found = load_statistics(encoder.name, encoder.dimension)
    assert found is not None
    return found


def test_a_neutral_question_sees_no_language(statistics, library):
    _, encoder, codec, _ = library
    pooled = encoder.encode_questions(["Where is the river?"])[0].pooled
    neutral = LanguageCentring(statistics, codec).neutral(pooled, "en")
    raw, blind = statistics.passages @ pooled, statistics.passages @ neutral
    assert np.ptp(blind) < 0.05 * np.ptp(raw)
    assert np.linalg.norm(neutral) == pytest.approx(1, abs=1e-5)


def test_closeness_tells_what_a_question_is_about_whatever_the_languages(statistics, library):
    _, encoder, codec, _ = library
    centring = LanguageCentring(statistics, codec)
    question = encoder.encode_questions(["Where does the river rise?"])[0].pooled
    texts = [
        "The river rises in the hills.",
        "ينبع النهر من التلال.",
        "The choir sang two songs.",
        "غنت الجوقة أغنيتين.",
    ]
    passages = np.stack([encoding.pooled for encoding in encoder.encode_passages(texts)])
    near, near_in_arabic, far, far_in_arabic = centring.closeness(question, "en", passages, ["en", "ar", "en", "ar"])
    assert min(near, near_in_arabic) > max(far, far_in_arabic)


def test_closeness_is_nothing_where_no_language_was_measured(library):
    _, encoder, codec, _ = library
    pooled = encoder.encode_questions(["Where does the river rise?"])[0].pooled
    assert LanguageCentring(None, codec).closeness(pooled, "en", pooled[None], ["en"]).tolist() == [0]


def test_an_unknown_language_gets_the_mean_of_all(statistics):
    np.testing.assert_allclose(statistics.mean(statistics.questions, "tlh"), statistics.questions.mean(axis=0))


def test_rare_tokens_weigh_more_than_common_ones(statistics, encoder):
    ids = {word: encoder.encode_questions([word])[0].token_ids for word in ("the", "summit", "?")}
    weight = {word: float(statistics.weights(token_ids).max()) for word, token_ids in ids.items()}
    assert weight["summit"] > 2 * weight["the"]
    assert weight["summit"] > weight["?"]
    unseen = np.setdiff1d(np.arange(250_000, dtype=np.int32), statistics.token_ids)[:1]
    assert statistics.weights(unseen)[0] == pytest.approx(statistics.rare_weight)


def test_statistics_survive_their_file(statistics):
    again = LanguageStatistics.from_bytes(statistics.to_bytes())
    assert (again.model, again.languages, again.rare_weight) == (
        statistics.model,
        statistics.languages,
        statistics.rare_weight,
    )
    np.testing.assert_array_equal(again.components, statistics.components)
    np.testing.assert_array_equal(again.token_ids, statistics.token_ids)


def test_statistics_are_only_for_their_model(encoder):
    assert load_statistics("another/model", encoder.dimension) is None
    assert load_statistics(encoder.name, encoder.dimension + 1) is None
