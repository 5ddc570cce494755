"""The real cross-encoder, on a model of one small layer that is made here."""

import pytest

from assistant.errors import ModelError
from assistant.retrieval.reranker import CrossEncoderReranker, load_reranker, rerank

pytestmark = pytest.mark.model

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "who", "built", "the", "old", "bridge", "weber", "sea", "lamp"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    pytest.importorskip("sentence_transformers", reason="needs the extra sentence-transformers")
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny-cross-encoder")
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    torch.manual_seed(5)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    BertForSequenceClassification(
        BertConfig(vocab_size=len(WORDS), num_labels=1, initializer_range=1.0, **sizes)
    ).save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]",
        model_max_length=128,
    ).save_pretrained(folder)  # fmt: skip
    return folder


def test_scores_are_what_the_model_says_between_0_and_1(tiny):
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    question, passages = "who built the bridge", ["weber built the old bridge", "the lamp", "sea sea sea"]
    scores = CrossEncoderReranker(str(tiny)).score(question, passages)
    model = AutoModelForSequenceClassification.from_pretrained(tiny).eval()
    tokenizer = AutoTokenizer.from_pretrained(tiny)
    with torch.no_grad():
        expected = [
            torch.sigmoid(model(**tokenizer(question, passage, return_tensors="pt")).logits).item()
            for passage in passages
        ]
    assert scores == pytest.approx(expected, abs=1e-4)
    assert len({round(score, 4) for score in scores}) == 3


def test_it_orders_hits(tiny, retriever):
    hits = retriever.search("Who built the lighthouse?", 4).hits
    reranker = load_reranker(str(tiny))
    reranked = rerank(reranker, "who built the old bridge", hits, 3)
    assert [hit.score for hit in reranked] == sorted((hit.score for hit in reranked), reverse=True)
    assert len(reranked) == 3


def test_a_model_that_is_not_there_is_named(tmp_path):
    pytest.importorskip("sentence_transformers", reason="needs the extra sentence-transformers")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match=r"The reranker '.*empty' cannot be loaded .*ASSISTANT_RERANKER"):
        CrossEncoderReranker(str(tmp_path / "empty"))
