import numpy as np
import pytest

from assistant.embedding.hubness import Hubness, agreement
from assistant.embedding.language_statistics import load_statistics
from assistant.embedding.token_codec import load_codec


@pytest.fixture
def statistics(encoder):
    found = load_statistics(encoder.name, encoder.dimension)
    assert found is not None
    return found


def test_a_passage_made_of_the_usual_questions_is_a_hub(statistics):
    hubness = Hubness(statistics)
    rng = np.random.default_rng(0)
    random = rng.normal(size=(60, statistics.usual_tokens.shape[1])).astype(np.float32)
    assert hubness.of(random) < 0.05
    assert hubness.of(statistics.usual_tokens) > 0.95


def test_the_length_of_token_vectors_does_not_matter(statistics):
    tokens = statistics.usual_tokens[:40]
    assert Hubness(statistics).of(tokens) == pytest.approx(Hubness(statistics).of(3 * tokens), abs=1e-5)


def test_a_passage_without_tokens_is_no_hub(statistics):
    assert Hubness(statistics).of(np.empty((0, statistics.usual_tokens.shape[1]), np.float32)) == 0


def test_agreement_rises_from_0_to_1():
    values = agreement(np.array([-1.0, 0.2, 0.5, 0.9], np.float32))
    assert values[2] == pytest.approx(0.5)
    assert (np.diff(values) > 0).all()
    assert values[0] < 0.01
    assert values[-1] > 0.98


def test_the_codec_keeps_it(encoder):
    codec = load_codec(encoder)
    encodings = encoder.encode_passages(["What is your name? Where do you live?", "Yttrium barium copper oxide."])
    batch = codec.batch([codec.compress(encoding) for encoding in encodings])
    assert batch.hubness[0] > batch.hubness[1] > 0
