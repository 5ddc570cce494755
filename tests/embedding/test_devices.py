"""A GPU is taken where there is one, and batches for it give the vectors of texts by themselves."""

import numpy as np
import onnxruntime
import pytest

from assistant.embedding import bundled
from assistant.embedding.devices import CPU, CUDA, check_device, providers_for
from assistant.embedding.loading import load_encoder
from assistant.embedding.onnx_encoder import OnnxEncoder, batches_by_tokens
from assistant.errors import ModelError, SettingsError
from assistant.settings import load_settings

TEXTS = [
    "Der Fährmann von Brienz fährt im Winter nicht.",
    "القطار إلى طنطا يغادر في السابعة.",
    "x",
    "The weir at Hallbrook was rebuilt. " * 40,
    "",
    "Το πλοίο για την Τήνο φεύγει το πρωί. " * 12,
    "短い文。",
]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    cache = load_settings().cache
    folder, graph = bundled.unpack(cache, "q4")
    return folder, graph


def cosine(one, other):
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


@pytest.mark.parametrize("most", [1, 64, 4096])
def test_batches_give_the_vectors_of_texts_by_themselves(small, most):
    folder, graph = small
    alone, together = OnnxEncoder(folder, graph=graph), OnnxEncoder(folder, graph=graph, batch_tokens=most)
    for one, other in zip(alone.encode_passages(TEXTS), together.encode_passages(TEXTS), strict=True):
        assert cosine(one.pooled, other.pooled) > 0.999
        assert one.tokens.shape == other.tokens.shape
        np.testing.assert_array_equal(one.token_ids, other.token_ids)
        np.testing.assert_array_equal(one.offsets, other.offsets)
        for mine, its in zip(one.tokens, other.tokens, strict=True):
            assert cosine(mine, its) > 0.999
    assert together.encode_questions([]) == []


def test_batches_hold_each_text_once_within_their_tokens():
    lengths = [int(length) for length in np.random.default_rng(3).integers(1, 500, 300)]
    batches = batches_by_tokens(lengths, 2000)
    assert sorted(number for batch in batches for number in batch) == list(range(300))
    assert all(len(batch) * max(lengths[number] for number in batch) <= 2000 for batch in batches)
    used, read = sum(lengths), sum(len(batch) * max(lengths[number] for number in batch) for batch in batches)
    assert used / read > 0.9
    assert batches_by_tokens([9000], 2000) == [[0]]
    assert batches_by_tokens([], 2000) == []


def test_a_gpu_is_taken_where_onnx_runtime_has_one(monkeypatch):
    assert providers_for("cpu") == [CPU]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CUDA, CPU])
    (first, _), last = providers_for("auto")
    assert (first, last) == (CUDA, CPU)
    assert providers_for("cpu") == [CPU]


def test_a_gpu_that_is_asked_for_and_missing_is_one_line(small, monkeypatch):
    folder, graph = small
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CPU])
    with pytest.raises(ModelError, match=r"embedding_device='cuda'.*onnxruntime-gpu") as raised:
        OnnxEncoder(folder, graph=graph, device="cuda")
    assert "\n" not in str(raised.value)
    # The provider is installed, and there is no GPU: ONNX Runtime goes on without.
    session = onnxruntime.InferenceSession(str(graph), providers=[CPU])
    with pytest.raises(ModelError, match="cannot open the GPU"):
        check_device(session, "cuda")
    assert check_device(session, "auto") is False


def test_a_gpu_computes_one_precision_alone(monkeypatch):
    with pytest.raises(SettingsError, match="ASSISTANT_EMBEDDING_PRECISION=fp32"):
        load_encoder(load_settings(embedding_device="cuda", embedding_precision="int8"))
    taken = []

    class Noted(OnnxEncoder):
        def __init__(self, *args, device, **kwargs):
            taken.append(device)
            super().__init__(*args, device="cpu", **kwargs)

    monkeypatch.setattr("assistant.embedding.onnx_encoder.OnnxEncoder", Noted)
    revisions = {load_encoder(load_settings(embedding_precision=one)).revision for one in ("q4", "int8")}
    assert taken == ["cpu", "cpu"]
    assert len(revisions) == 2
