import numpy as np
import pytest

from assistant.embedding.language_statistics import LanguageStatistics, load_statistics
from assistant.retrieval.late_interaction import USUAL_CLOSENESS, LanguageCentring


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


def test_a_passage_is_as_close_as_usual_when_it_has_nothing_to_do_with_the_question(statistics, library):
    _, encoder, codec, _ = library
    pooled = encoder.encode_questions(["When was the old bridge over the river built?"])[0].pooled
    texts = {
        "The old bridge over the river was built in 1887.": "en",
        "Die alte Brücke über den Fluss wurde 1887 gebaut.": "de",
        "Mix flour, water, salt and yeast, and knead the dough.": "en",
        "القمة المقبلة ستعقد في موسكو.": "ar",
    }
    vectors = np.stack([one.pooled for one in encoder.encode_passages(list(texts))])
    closeness = LanguageCentring(statistics, codec).closeness(pooled, "en", vectors, list(texts.values()))
    assert (closeness[:2] > USUAL_CLOSENESS).all()
    assert (closeness[2:] < USUAL_CLOSENESS).all()
    without = LanguageCentring(None, codec).closeness(pooled, "en", vectors, list(texts.values()))
    assert without == pytest.approx(USUAL_CLOSENESS)


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
