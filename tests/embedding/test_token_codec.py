from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.embedding.encoder import Encoding
from assistant.embedding.token_codec import TokenCodec, load_codec
from assistant.errors import StoreError
from assistant.retrieval.late_interaction import unit


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


@given(tokens=st.integers(0, 40), dimension=st.sampled_from([31, 32]), seed=st.integers(0, 10))
def test_what_is_compressed_points_nearly_where_it_did(tokens, dimension, seed):
    codec = TokenCodec("plain", np.zeros(dimension, np.float32))
    encoding = random_encoding(tokens, dimension, seed=seed)
    expanded = codec.expand(codec.compress(encoding))
    assert expanded.vectors.shape == (tokens, dimension)
    assert ((expanded.vectors * unit(encoding.tokens)).sum(axis=1) > 0.97).all()
    assert expanded.weights == pytest.approx(np.ones(tokens))
    assert expanded.offsets.tolist() == encoding.offsets.tolist()


def test_vectors_are_centred_and_projected(codec):
    encoding = random_encoding(5)
    expanded = codec.expand(codec.compress(encoding))
    assert expanded.vectors.shape == (5, 8)
    assert ((expanded.vectors * unit(codec.project(encoding.tokens))).sum(axis=1) > 0.97).all()


def test_zero_vectors_survive():
    codec = TokenCodec("plain", np.zeros(32, np.float32))
    encoding = random_encoding(3)
    encoding.tokens[1] = 0
    assert np.isfinite(codec.expand(codec.compress(encoding)).vectors).all()


def test_tokens_that_say_nearly_the_same_are_kept_once():
    codec = TokenCodec("plain", np.zeros(32, np.float32))
    encoding = random_encoding(40)
    repeated = replace(encoding, tokens=encoding.tokens[[0, 1] * 20] + 0.01 * encoding.tokens)
    assert len(codec.compress(repeated)) < len(codec.compress(encoding)) / 3
    cosines = (codec.expand(codec.compress(repeated)).vectors * unit(repeated.tokens)).sum(axis=1)
    assert (cosines > 0.97).all()


def test_a_word_that_comes_again_in_another_sentence_is_kept_once_without_losing_the_sentence():
    codec = TokenCodec("plain", np.zeros(32, np.float32))
    words, sentences = random_encoding(20), random_encoding(2, seed=1).tokens
    tokens = np.concatenate((words.tokens + sentences[0], words.tokens + sentences[1]))
    offsets = np.concatenate((words.offsets, words.offsets + 100))
    encoding = replace(words, tokens=tokens, token_ids=np.tile(words.token_ids, 2), offsets=offsets)
    apart = codec.compress(encoding, sentences=[0, 100])
    assert len(apart) < len(codec.compress(encoding)) * 0.9
    assert ((codec.expand(apart).vectors * unit(tokens)).sum(axis=1) > 0.9).all()


def test_a_title_lies_before_the_text_and_leaves_its_vectors_as_they_were():
    codec = TokenCodec("plain", np.zeros(32, np.float32))
    text, title = random_encoding(7), random_encoding(3, seed=1)
    expanded = codec.expand(codec.compress(text, "en", title))
    assert (expanded.offsets[:3] < 0).all()
    assert expanded.offsets[3:].tolist() == text.offsets.tolist()
    assert ((expanded.vectors * unit(np.concatenate((title.tokens, text.tokens)))).sum(axis=1) > 0.95).all()


def test_a_batch_is_its_passages_one_behind_the_other(codec):
    encodings = [random_encoding(count, seed=count) for count in (3, 0, 7)]
    blobs = [codec.compress(encoding) for encoding in encodings]
    batch = codec.batch(blobs)
    assert batch.starts.tolist() == [0, 3, 3, 10]
    vectors = batch.products(np.eye(codec.dimension, dtype=np.float32))
    np.testing.assert_allclose(batch.lengths, np.linalg.norm(vectors, axis=1), rtol=0.01)
    expanded = np.concatenate([codec.expand(blob).vectors for blob in blobs])
    np.testing.assert_allclose(unit(vectors), expanded, atol=1e-5)


def test_passages_longer_than_a_byte_counts():
    codec = TokenCodec("plain", np.zeros(32, np.float32))
    encoding = random_encoding(600)
    expanded = codec.expand(codec.compress(encoding))
    assert ((expanded.vectors * unit(encoding.tokens)).sum(axis=1) > 0.97).all()


def test_a_batch_of_nothing(codec):
    batch = codec.batch([])
    assert len(batch.codes) == 0
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
    text = "The summit will be held in Moscow. Ministers of six countries are expected there, and the press."
    encoding = encoder.encode_passages([text])[0]
    data = codec.compress(encoding, "en")
    exact, expanded = codec.exact(encoding, "en"), codec.expand(data)
    assert (exact.vectors * expanded.vectors).sum(axis=1).mean() > 0.95
    assert expanded.weights == pytest.approx(exact.weights, abs=0.02)
    # A mean and a few bytes besides.
    assert len(data) < codec.dimension + 70 * len(encoding.tokens) + 50


def test_a_model_without_statistics_keeps_all_dimensions():
    class Other:
        name, dimension = "some/other-model", 48

    codec = load_codec(Other())
    assert codec.dimension == 48
    assert codec.version != load_codec(type("Wider", (), {"name": "some/other-model", "dimension": 64})()).version
