import json
from pathlib import Path

import numpy as np
import pytest

from assistant.embedding.hubness import agreement
from assistant.embedding.language_statistics import load_statistics, statistics_digest
from assistant.embedding.question_adapter import QuestionAdapter, load_question_adapter
from assistant.embedding.token_codec import load_codec
from assistant.retrieval.language_centring import LanguageCentring
from assistant.retrieval.late_interaction import best_matches, similarities

CROSS = Path(__file__).parents[2] / "evals" / "qa_training" / "cross_ar.jsonl"
LEFT_OUT = slice(6, None, 7)
"""The Arabic articles of that file that nothing is trained on."""


@pytest.fixture
def adapter():
    found = load_question_adapter()
    assert found is not None
    return found


@pytest.fixture
def statistics(encoder):
    return load_statistics(encoder.name, encoder.dimension)


def test_questions_of_other_languages_find_their_article_more_often(encoder, statistics, adapter):
    rows = [json.loads(line) for line in CROSS.read_text(encoding="utf-8").splitlines()[LEFT_OUT]]
    codec = load_codec(encoder)
    passages = encoder.encode_passages([row["text"] for row in rows])
    batch = codec.batch([codec.compress(passage) for passage in passages])
    pooled = np.stack([passage.pooled for passage in passages])
    asked = [
        (number, language, encoder.encode_questions([question])[0])
        for number, row in enumerate(rows)
        for question, language, _ in row["questions"] + row["names"]
    ]
    reciprocal_ranks = []
    for centring in (LanguageCentring(statistics, codec), LanguageCentring(statistics, codec, adapter)):
        centres = centring.centres(["ar"] * len(rows), batch)
        ranks = []
        for number, language, encoding in asked:
            tokens = centring.question(encoding, language, batch)
            said = agreement(best_matches(similarities(tokens, batch, centres), batch.starts))
            found = np.stack((pooled @ centring.neutral(encoding.pooled, language), said @ tokens.shares))
            ranks.append(1 / (1 + (found > found[:, [number]]).sum(axis=1)))
        reciprocal_ranks.append(np.mean(ranks, axis=0))
    before, adapted = reciprocal_ranks
    assert len(asked) > 100
    assert (adapted > before).all()


def test_an_adapted_question_has_unit_length(encoder, statistics, adapter):
    centring = LanguageCentring(statistics, load_codec(encoder), adapter)
    neutral = centring.neutral(encoder.encode_questions(["Where is the river?"])[0].pooled, "en")
    assert np.linalg.norm(neutral) == pytest.approx(1, abs=1e-5)


def test_the_adapter_survives_its_file(adapter):
    again = QuestionAdapter.from_bytes(adapter.to_bytes())
    assert again.statistics == statistics_digest()
    for name in ("pooled", "pooled_bias", "tokens", "tokens_bias"):
        np.testing.assert_array_equal(getattr(again, name), getattr(adapter, name))


def test_an_adapter_learnt_with_other_statistics_is_not_used(monkeypatch):
    monkeypatch.setattr("assistant.embedding.question_adapter.statistics_digest", lambda: "others")
    assert load_question_adapter.__wrapped__() is None
