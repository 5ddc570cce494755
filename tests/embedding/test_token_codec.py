import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.embedding.encoder import Encoding
from assistant.embedding.token_codec import TokenCodec, load_codec
from assistant.errors import StoreError


def random_encoding(tokens, dimension=32, seed=0):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(tokens, dimension)).astype(np.float32)
    return Encoding(
        pooled=vectors.mean(axis=0) if tokens else np.zeros(dimension, np.float32),
        tokens=vectors,
        token_ids=rng.integers(0, 250_000, tokens, dtype=np.int32),
        offsets=np.arange(2 * tokens, dtype=np.int32).reshape(tokens, 2),
    )


@pytest.fixture
def codec():
    components, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(32, 8)))
    return TokenCodec("test", np.full(32, 0.5, np.float32), components.astype(np.float32))


@given(tokens=st.integers(0, 40), seed=st.integers(0, 10))
def test_what_is_compressed_comes_back_up_to_half_a_level(tokens, seed):
    codec = TokenCodec("plain", np.zeros(32, np.float32))
    encoding = random_encoding(tokens, seed=seed)
    expanded = codec.expand(codec.compress(encoding))
    step = np.abs(encoding.tokens).max(axis=1, keepdims=True, initial=0) / 127
    assert (np.abs(expanded.vectors - encoding.tokens) <= 0.51 * step + 1e-6).all()
    assert expanded.token_ids.tolist() == encoding.token_ids.tolist()
    assert expanded.offsets.tolist() == encoding.offsets.tolist()


def test_vectors_are_centred_and_projected(codec):
    encoding = random_encoding(5)
    expanded = codec.expand(codec.compress(encoding))
    assert expanded.vectors.shape == (5, 8)
    np.testing.assert_allclose(expanded.vectors, codec.project(encoding.tokens), atol=0.05)


def test_zero_vectors_survive():
    codec = TokenCodec("plain", np.zeros(32, np.float32))
    encoding = random_encoding(3)
    encoding.tokens[1] = 0
    expanded = codec.expand(codec.compress(encoding))
    assert np.isfinite(expanded.vectors).all()
    assert not expanded.vectors[1].any()


def test_a_batch_is_its_passages_one_behind_the_other(codec):
    encodings = [random_encoding(count, seed=count) for count in (3, 0, 7)]
    batch = codec.batch([codec.compress(encoding) for encoding in encodings])
    assert batch.starts.tolist() == [0, 3, 3, 10]
    vectors = np.concatenate(batch.levels) * batch.steps[:, None]
    np.testing.assert_allclose(vectors[3:], codec.expand(codec.compress(encodings[2])).vectors, rtol=1e-6)
    assert batch.token_ids[:3].tolist() == encodings[0].token_ids.tolist()


def test_a_batch_of_nothing(codec):
    batch = codec.batch([])
    assert batch.levels == ()
    assert batch.starts.tolist() == [0]


@pytest.mark.parametrize("damage", [lambda b: b[:5], lambda b: b[:-1], lambda b: b + b"x", lambda b: b"JUNK" + b[4:]])
def test_damaged_bytes_are_an_error_that_says_what_to_do(codec, damage):
    data = codec.compress(random_encoding(4))
    with pytest.raises(StoreError, match="rebuild the store"):
        codec.expand(damage(data))


def test_bytes_of_another_codec_are_refused(codec):
    other = TokenCodec("plain", np.zeros(32, np.float32))
    with pytest.raises(StoreError, match="rebuild the store"):
        codec.expand(other.compress(random_encoding(4)))


def test_the_bundled_model_keeps_its_principal_dimensions(encoder):
    codec = load_codec(encoder)
    assert codec.dimension == 256
    assert codec.version.startswith("principal-")
    encoding = encoder.encode_passages(["The summit will be held in Moscow."])[0]
    expanded = codec.expand(codec.compress(encoding))
    kept = np.linalg.norm(expanded.vectors, axis=1) / np.linalg.norm(codec.project(encoding.tokens), axis=1)
    assert kept == pytest.approx(1.0, abs=0.01)


def test_a_model_without_statistics_keeps_all_dimensions():
    class Other:
        name, dimension = "some/other-model", 48

    codec = load_codec(Other())
    assert codec.dimension == 48
    assert codec.version != load_codec(type("Wider", (), {"name": "some/other-model", "dimension": 64})()).version
