"""`OnnxEncoder`: encodes with ONNX Runtime and `tokenizers` alone."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import tokenizers

from assistant.embedding.digests import short_digest
from assistant.embedding.encoder import Encoding, Matrix
from assistant.embedding.model_folder import read_model_folder
from assistant.embedding.onnx_run import OnnxGraph
from assistant.embedding.token_spans import text_tokens
from assistant.embedding.tokenizing import Tokenizing
from assistant.embedding.workers import worker_count
from assistant.settings import Device

GRAPH = Path("onnx") / "model.onnx"
"""Where a SentenceTransformer folder keeps its exported graph."""

_GPU_BATCH_TOKENS = 16384


_Tokenized = tuple[list[int], tokenizers.Encoding]


class OnnxEncoder:
    """Encodes with the exported graph of a SentenceTransformer folder that has mean pooling.

    On a processor each text is a run of its own, on one thread, and several texts run side by side. That is as fast as
    padded batches. It also keeps a text's vectors independent of the texts beside it, on which dynamic quantisation
    would make them depend. On a GPU, texts of similar length run together.
    An encoder may be used from several threads.

    Args:
        folder: A SentenceTransformer folder.
        graph: The ONNX graph; by default the folder's `onnx/model.onnx`.
        name: The model's name for the fingerprint; by default the folder's.
        revision: What tells its vectors from those of other versions; by default a digest of graph and tokenizer.
        threads: Texts encoded at the same time; 0 takes one for each core.
        device: What to compute on; "auto" takes a GPU where there is one.
        batch_tokens: Tokens that run together, padding counted; 0 for one text a run, None for what suits the device.
        pieces: The vocabulary on disk, used for short texts before the full tokenizer is loaded; None if there is none.

    Raises:
        ModelError: something is missing or damaged, the model's pooling is another, or the device cannot be had.

    Example:
        >>> encoder = OnnxEncoder(Path("multilingual-e5-small"))  # doctest: +SKIP
        >>> encoder.encode_questions(["When is the next summit?"])[0].pooled.shape  # doctest: +SKIP
        (384,)
    """

    def __init__(
        self,
        folder: Path,
        *,
        graph: Path | None = None,
        name: str | None = None,
        revision: str | None = None,
        threads: int = 0,
        device: Device = "cpu",
        batch_tokens: int | None = None,
        pieces: Path | None = None,
    ) -> None:
        graph = graph or folder / GRAPH
        described = read_model_folder(folder)
        self.max_tokens = described.max_tokens
        self.question_prompt = described.question_prompt
        self.passage_prompt = described.passage_prompt
        workers = worker_count(threads)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="encoder")
        self._tokenizing = Tokenizing(folder / "tokenizer.json", self.max_tokens, pieces)
        self._graph = OnnxGraph(graph, device)
        suiting = _GPU_BATCH_TOKENS if self._graph.is_on_gpu else 0
        self._batch_tokens = suiting if batch_tokens is None else batch_tokens
        self.dimension = int(self._run([[0]])[0].shape[1])
        self.name = name or folder.name
        self.revision = revision or short_digest([graph, folder / "tokenizer.json"])

    def encode_questions(self, texts: Sequence[str]) -> list[Encoding]:
        """Encode `texts` as questions; the result is in the order of `texts`."""
        return self._encode(texts, self.question_prompt)

    def encode_passages(self, texts: Sequence[str]) -> list[Encoding]:
        """Encode `texts` as passages; the result is in the order of `texts`."""
        return self._encode(texts, self.passage_prompt)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has by itself, without prompt and special tokens, and uncut."""
        return self._tokenizing.count(texts)

    def _encode(self, texts: Sequence[str], prompt: str) -> list[Encoding]:
        tokenized = self._tokenizing.encode([prompt + text for text in texts])
        if len(texts) == 1:
            return [self._encode_one(texts[0], len(prompt), tokenized[0])]
        lengths = [len(prompt)] * len(texts)
        if self._batch_tokens:
            states = self._run_batches([ids for ids, _ in tokenized])
            return list(map(_encoding, texts, lengths, tokenized, states))
        return list(self._pool.map(self._encode_one, texts, lengths, tokenized))

    def _encode_one(self, text: str, prompt_length: int, tokenized: _Tokenized) -> Encoding:
        return _encoding(text, prompt_length, tokenized, self._run([tokenized[0]])[0])

    def _run(self, texts: Sequence[Sequence[int]]) -> list[Matrix]:
        return self._graph.run(texts, self._tokenizing.pad_id if len(texts) > 1 else 0)

    def _run_batches(self, texts: Sequence[Sequence[int]]) -> list[Matrix]:
        """Return the states of each text's tokens, running texts of similar length together."""
        states: dict[int, Matrix] = {}
        for batch in batches_by_tokens([len(ids) for ids in texts], self._batch_tokens):
            states |= zip(batch, self._run([texts[number] for number in batch]), strict=True)
        return [states[number] for number in range(len(texts))]


def batches_by_tokens(lengths: Sequence[int], most: int) -> list[list[int]]:
    """Return the indices of texts that run together: of similar length, with at most `most` tokens, padding counted.

    Args:
        lengths: How many tokens each text has.
        most: How many tokens a batch has at most; a longer text is a batch by itself.

    Example:
        >>> batches_by_tokens([30, 5, 7, 28], 60)
        [[1, 2], [3, 0]]
    """
    batches: list[list[int]] = []
    for number in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batches and (len(batches[-1]) + 1) * lengths[number] <= most:
            batches[-1].append(number)
        else:
            batches.append([number])
    return batches


def _encoding(text: str, prompt_length: int, tokenized: _Tokenized, states: Matrix) -> Encoding:
    ids, encoded = tokenized
    pooled = states.mean(axis=0)
    pooled /= np.linalg.norm(pooled)
    kept, offsets = text_tokens(text, prompt_length, encoded.offsets, encoded.special_tokens_mask)
    return Encoding(pooled, states[kept], np.array(ids, np.int32)[kept], offsets)
