"""The same texts through every way of encoding."""

import json

import numpy as np
import pytest

from assistant.text.controls import without_surrogates

SAMPLE = [
    "When is the next CSTO summit?",
    "متى تعقد القمة المقبلة لمنظمة معاهدة الأمن الجماعي؟",
    "  ﷺ  ﻣﺮﺣﺒﺎ ـــ مُحَمَّد ｗｏｒｌｄ\u00a0é e\u0301 👩‍👩‍👧 \ud800 北京。 ",
    "",
    "<s> </s> <mask>",
    "один два три " * 300,
]


@pytest.fixture(scope="module")
def xquad_sample(shared_data) -> tuple[list[str], list[str]]:
    """Every thirtieth paragraph and its first question, in English and Arabic."""
    paragraphs, questions = [], []
    for language in ("en", "ar"):
        articles = json.loads((shared_data / f"xquad.{language}.json").read_text(encoding="utf-8"))["data"]
        found = [paragraph for article in articles for paragraph in article["paragraphs"]][::30]
        paragraphs += [paragraph["context"] for paragraph in found]
        questions += [paragraph["qas"][0]["question"] for paragraph in found]
    return paragraphs, questions


def cosines(some, others):
    return np.array([one @ other for one, other in zip(some, others, strict=True)])


def pooled(encodings):
    return [encoding.pooled for encoding in encodings]


def test_onnx_runtime_equals_sentence_transformers(fp32_encoder, torch_encoder):
    assert fp32_encoder.count_tokens(SAMPLE) == torch_encoder.count_tokens(SAMPLE)
    for method in ("encode_questions", "encode_passages"):
        for onnx_side, torch_side in zip(
            getattr(fp32_encoder, method)(SAMPLE), getattr(torch_encoder, method)(SAMPLE), strict=True
        ):
            assert onnx_side.pooled @ torch_side.pooled > 0.9999
            np.testing.assert_array_equal(onnx_side.token_ids, torch_side.token_ids)
            np.testing.assert_array_equal(onnx_side.offsets, torch_side.offsets)
            np.testing.assert_allclose(onnx_side.tokens, torch_side.tokens, atol=2e-3)


def test_pooled_vectors_are_those_sentence_transformers_gives_by_itself(torch_encoder, fp32_encoder):
    clean = [without_surrogates(text) for text in SAMPLE]
    expected = torch_encoder._model.encode(clean, prompt_name="passage")
    assert cosines(pooled(fp32_encoder.encode_passages(SAMPLE)), expected).min() > 0.9999
    assert fp32_encoder.max_tokens == torch_encoder.max_tokens == 512


def test_torch_encoder_reports_the_same_model(torch_encoder, fp32_encoder):
    assert torch_encoder.dimension == fp32_encoder.dimension
    assert (torch_encoder.question_prompt, torch_encoder.passage_prompt) == ("query: ", "passage: ")
    assert torch_encoder.revision != fp32_encoder.revision


def test_torch_encoder_takes_no_texts_and_several_threads(torch_encoder):
    from concurrent.futures import ThreadPoolExecutor

    assert torch_encoder.encode_questions([]) == []
    assert torch_encoder.count_tokens([]) == []
    with ThreadPoolExecutor(4) as threads:
        counts = [threads.submit(torch_encoder.count_tokens, SAMPLE) for _ in range(6)]
        encodings = [threads.submit(torch_encoder.encode_questions, SAMPLE[:2]) for _ in range(6)]
    assert len({tuple(done.result()) for done in counts}) == 1
    assert len({done.result()[0].pooled.tobytes() for done in encodings}) == 1


def test_unpacked_weights_agree_with_the_reference_engine(fp32_encoder, reference_engine, xquad_sample):
    paragraphs, questions = xquad_sample
    short = [text for text, count in zip(paragraphs, fp32_encoder.count_tokens(paragraphs), strict=True) if count < 500]
    assert len(short) > 10
    for texts, encode, is_question in (
        (short, fp32_encoder.encode_passages, False),
        (questions, fp32_encoder.encode_questions, True),
    ):
        expected = [reference_engine(text, is_question) for text in texts]
        assert cosines(pooled(encode(texts)), expected).min() > 0.999
