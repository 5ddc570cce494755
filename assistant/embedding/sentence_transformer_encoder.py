"""`SentenceTransformerEncoder`: encodes with sentence-transformers, for any model and any device."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.embedding.digests import short_digest
from assistant.embedding.encoder import Encoding
from assistant.embedding.model_folder import choose_prompts
from assistant.embedding.token_spans import text_tokens
from assistant.errors import ModelError
from assistant.settings import Device
from assistant.text.controls import without_surrogates

_EXTRA = "sentence-transformers"
_BATCH = 32


class SentenceTransformerEncoder:
    """Encodes with a SentenceTransformer, on a GPU where torch finds one.

    An encoder may be used from several threads; they take turns.

    Args:
        model: A SentenceTransformer folder, or a model's name on the hub.
        threads: Threads of torch on a processor; 0 leaves it to torch.
        device: What to compute on; "auto" leaves it to torch.

    Raises:
        ModelError: the library or the model cannot be had, or the model gives no token vectors or offsets.

    Example:
        >>> encoder = SentenceTransformerEncoder("intfloat/multilingual-e5-small")  # doctest: +SKIP
        >>> encoder.encode_passages(["A passage."])[0].tokens.shape  # doctest: +SKIP
        (3, 384)
    """

    def __init__(self, model: str, *, threads: int = 0, device: Device = "auto") -> None:
        self._model = _load(model, threads, device)
        self._turn = threading.Lock()
        tokenizer = self._model.tokenizer
        if not getattr(tokenizer, "is_fast", False):
            raise ModelError(
                f"The embedding model {model} has no fast tokenizer, which tells where a token lies in the text: "
                "choose another with ASSISTANT_EMBEDDING_MODEL."
            )
        self.name = Path(model).name if Path(model).is_dir() else model
        self.revision = _revision(self._model, model)
        self.max_tokens = int(self._model.max_seq_length or tokenizer.model_max_length)
        self.question_prompt, self.passage_prompt = choose_prompts(self._model.prompts)
        self.dimension = len(self._encode(["dimension"], "")[0].pooled)

    def encode_questions(self, texts: Sequence[str]) -> list[Encoding]:
        """Encode `texts` as questions; the result is in the order of `texts`."""
        return self._encode(texts, self.question_prompt)

    def encode_passages(self, texts: Sequence[str]) -> list[Encoding]:
        """Encode `texts` as passages; the result is in the order of `texts`."""
        return self._encode(texts, self.passage_prompt)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has by itself, without prompt and special tokens, and uncut."""
        if not texts:
            return []
        with self._turn:
            counted = self._model.tokenizer(
                [without_surrogates(text) for text in texts], add_special_tokens=False, truncation=False, verbose=False
            )
        return [len(ids) for ids in counted["input_ids"]]

    def _encode(self, texts: Sequence[str], prompt: str) -> list[Encoding]:
        if not texts:
            return []
        clean = [without_surrogates(text) for text in texts]
        # A fast tokenizer keeps truncation and padding as state, so no other thread may call it in between.
        with self._turn:
            outputs = self._model.encode(
                clean, prompt=prompt, batch_size=_BATCH, output_value=None, show_progress_bar=False
            )
            tokenised = self._model.tokenizer(
                [prompt + text for text in clean],
                truncation=True,
                max_length=self.max_tokens,
                return_offsets_mapping=True,
                return_special_tokens_mask=True,
            )
        return [
            _encoding(text, len(prompt), output, ids, offsets, special)
            for text, output, ids, offsets, special in zip(
                clean,
                outputs,
                tokenised["input_ids"],
                tokenised["offset_mapping"],
                tokenised["special_tokens_mask"],
                strict=True,
            )
        ]


def _encoding(
    text: str,
    prompt_length: int,
    output: dict[str, Any],
    ids: Sequence[int],
    offsets: Sequence[tuple[int, int]],
    special: Sequence[int],
) -> Encoding:
    states = output["token_embeddings"][output["attention_mask"].bool()].float().cpu().numpy()
    pooled = output["sentence_embedding"].float().cpu().numpy()
    pooled = pooled / np.linalg.norm(pooled)
    kept, spans = text_tokens(text, prompt_length, offsets, special)
    return Encoding(pooled, states[kept], np.array(ids, np.int32)[kept], spans)


def _load(model: str, threads: int, device: Device) -> Any:
    try:
        import torch  # noqa: PLC0415
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415
    except ImportError as error:
        raise ModelError(
            f"The embedding model {model} needs sentence-transformers: "
            f"`pip install 'article-assistant[{_EXTRA}]'`, or unset ASSISTANT_EMBEDDING_MODEL."
        ) from error
    if device == "cuda" and not torch.cuda.is_available():
        raise ModelError(
            "Setting embedding_device='cuda': torch finds no GPU; install its build for CUDA, or set it to 'auto'."
        )
    if threads:
        torch.set_num_threads(threads)
    try:
        return SentenceTransformer(model, device=None if device == "auto" else device)
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise ModelError(
            f"Cannot load the embedding model {model} ({reason}): name a SentenceTransformer folder or, "
            "where the model hub can be reached, a hub name with ASSISTANT_EMBEDDING_MODEL."
        ) from error


def _revision(loaded: Any, model: str) -> str:
    folder = Path(model)
    if folder.is_dir():
        weights = sorted((*folder.rglob("*.safetensors"), *folder.rglob("pytorch_model*.bin")))
        return short_digest([*weights, *sorted(folder.glob("tokenizer*"))])
    commit = getattr(loaded[0].auto_model.config, "_commit_hash", None)
    return str(commit or "unknown")
