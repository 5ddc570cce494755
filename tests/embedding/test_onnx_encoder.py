import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from assistant.embedding import bundled
from assistant.embedding.onnx_encoder import OnnxEncoder
from assistant.errors import ModelError

ARTICLE = "ستعقد القمة المقبلة لمنظمة معاهدة الأمن الجماعي في موسكو في 11 نوفمبر 2026."


@pytest.fixture
def copied_folder(model_folder, cache, tmp_path):
    """A folder of one's own, without the weights that ONNX Runtime does not read."""
    shutil.copytree(model_folder, tmp_path / "copy", ignore=shutil.ignore_patterns("model.safetensors", "onnx"))
    shutil.copytree(bundled.unpack(cache, "q4")[1].parent, tmp_path / "copy" / "onnx")
    return tmp_path / "copy"


def test_an_encoding_has_consistent_shapes(encoder):
    encoding = encoder.encode_passages([ARTICLE])[0]
    assert encoding.pooled.shape == (encoder.dimension,)
    assert encoding.tokens.shape == (len(encoding.token_ids), encoder.dimension)
    assert encoding.offsets.shape == (len(encoding.token_ids), 2)
    assert (encoding.pooled.dtype, encoding.tokens.dtype) == (np.float32, np.float32)
    first, last = encoding.offsets[0], encoding.offsets[-1]
    assert ARTICLE[first[0] : last[1]] == ARTICLE


def test_no_texts_give_no_encodings(encoder):
    assert encoder.encode_questions([]) == []
    assert encoder.count_tokens([]) == []


def test_a_question_is_nearest_to_the_passage_that_answers_it(encoder):
    question = encoder.encode_questions(["When is the next CSTO summit?"])[0].pooled
    passages = encoder.encode_passages([ARTICLE, "تأسست الشركة في باريس وتصنع الساعات.", "The cat sat on the mat."])
    assert np.argmax([question @ passage.pooled for passage in passages]) == 0


def test_questions_and_passages_are_prompted_differently(encoder):
    question, passage = encoder.encode_questions([ARTICLE])[0], encoder.encode_passages([ARTICLE])[0]
    assert not np.allclose(question.pooled, passage.pooled, atol=1e-3)


def test_vectors_do_not_depend_on_the_texts_beside_or_on_the_threads(encoder):
    texts = [ARTICLE, "short", "", "x " * 700, "Ünïcödé 北京 👩‍👩‍👧"]
    together = encoder.encode_passages(texts)
    with ThreadPoolExecutor(4) as threads:
        apart = list(threads.map(lambda text: encoder.encode_passages([text])[0], texts * 4))
    for one, other in zip(together * 4, apart, strict=True):
        np.testing.assert_array_equal(one.pooled, other.pooled)
        np.testing.assert_array_equal(one.tokens, other.tokens)


def test_counting_and_encoding_in_several_threads_at_once(encoder):
    texts = [f"{number} {ARTICLE * (number % 7)}" for number in range(40)]
    with ThreadPoolExecutor(8) as threads:
        counting = [threads.submit(encoder.count_tokens, texts) for _ in range(8)]
        encoding = [threads.submit(encoder.encode_questions, texts[:4]) for _ in range(8)]
    assert len({tuple(done.result()) for done in counting}) == 1
    assert len({done.result()[3].pooled.tobytes() for done in encoding}) == 1


def test_counts_are_uncut_and_without_prompt(encoder):
    assert encoder.count_tokens(["Hello world", "", "a " * 2000]) == [2, 0, 2000]


def test_long_texts_are_cut_with_prompt_and_special_tokens_counted(encoder):
    text = "a " * 2000
    prompt = encoder.count_tokens([encoder.passage_prompt])[0]
    assert len(encoder.encode_passages([text])[0].tokens) == encoder.max_tokens - 2 - prompt


@pytest.mark.parametrize("precision", ["int8", "q4"])
def test_other_precisions_stay_close_to_fp32(cache, fp32_encoder, precision):
    folder, graph = bundled.unpack(cache, precision)
    quantised = OnnxEncoder(folder, graph=graph)
    texts = [ARTICLE, "The next summit of the organisation takes place in Moscow.", "什么时候举行下一次峰会？"]
    for one, other in zip(fp32_encoder.encode_passages(texts), quantised.encode_passages(texts), strict=True):
        assert one.pooled @ other.pooled > (0.99 if precision == "int8" else 0.999)


@pytest.mark.slow
def test_padding_does_not_change_a_vector(cache):
    # The encoder does not pad, but whoever else uses the graph may.
    import onnxruntime

    session = onnxruntime.InferenceSession(str(bundled.unpack(cache, "fp32")[1]))
    ids, padded = np.array([[0, 35378, 8999, 2]]), np.array([[0, 35378, 8999, 2, 1, 1]])
    (alone,) = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
    (beside,) = session.run(None, {"input_ids": padded, "attention_mask": np.array([[1, 1, 1, 1, 0, 0]])})
    np.testing.assert_allclose(alone[0], beside[0, :4], atol=1e-5)


def test_a_folder_with_a_graph_of_its_own_is_named_and_digested(copied_folder):
    encoder = OnnxEncoder(copied_folder)
    assert (encoder.name, encoder.dimension, encoder.max_tokens) == ("copy", 384, 512)
    assert (encoder.question_prompt, encoder.passage_prompt) == ("query: ", "passage: ")
    revision = encoder.revision
    tokenizer = copied_folder / "tokenizer.json"
    tokenizer.write_bytes(tokenizer.read_bytes() + b"\n")
    assert OnnxEncoder(copied_folder).revision != revision


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("1_Pooling/config.json", {"pooling_mode_cls_token": True}, "its pooling is cls_token"),
        ("1_Pooling/config.json", {"pooling_mode": "lasttoken"}, "its pooling is lasttoken"),
        ("1_Pooling/config.json", {"pooling_mode": "mean", "include_prompt": False}, "its pooling is mean"),
        ("modules.json", [{"type": "m.Transformer", "path": ""}, {"type": "m.Dense", "path": "2_Dense"}], "Dense"),
        ("modules.json", None, "modules.json is missing"),
        ("tokenizer.json", None, "tokenizer.json cannot be read"),
        ("tokenizer.json", {}, "is not a tokenizer"),
        ("onnx/model.onnx", {}, "cannot load"),
        ("onnx/model.onnx", None, "cannot load"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(copied_folder, file, content, said):
    path = copied_folder / file
    path.unlink()
    if content is not None:
        path.write_text(json.dumps(content))
    with pytest.raises(ModelError, match=said) as raised:
        OnnxEncoder(copied_folder)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("takes", "gives", "said"),
    [("pixels", "last_hidden_state", "asks for inputs nobody has .pixels"), ("input_ids", "logits", "gives logits")],
)
def test_graphs_of_other_models_are_refused(copied_folder, takes, gives, said):
    graph = helper.make_graph(
        [helper.make_node("Identity", [takes], [gives])],
        "other",
        [helper.make_tensor_value_info(takes, TensorProto.INT64, ["batch", "length"])],
        [helper.make_tensor_value_info(gives, TensorProto.INT64, ["batch", "length"])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(copied_folder / "onnx" / "model.onnx"))
    with pytest.raises(ModelError, match=said):
        OnnxEncoder(copied_folder)
