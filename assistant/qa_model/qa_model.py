"""`QaModel`: reads a question and a passage together, and returns for each sentence the log-odds that it answers."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.encoder import Matrix, Vector
from assistant.embedding.onnx_run import OnnxGraph
from assistant.embedding.tokenizing import Tokenizing
from assistant.embedding.workers import worker_count
from assistant.passages.passage import Span
from assistant.qa_model.adaptation import Adaptation

MAX_TOKENS = 512
"""Tokens that the model reads, of question and passage together; the rest is cut off."""

QUESTION_TOKENS = 64
HEADING_TOKENS = 96
"""Of a longer question only the last tokens are read, because they ask; of a longer heading only the first."""

LONGEST_ANSWER = 30
"""An answer has at most so many tokens."""

UNREAD = -100.0
"""Log-odds of a sentence that the model has not read, because it lies behind the first `MAX_TOKENS` tokens."""

_BEGIN, _SEPARATOR = 0, 2


@dataclass(frozen=True, slots=True)
class QaInput:
    """A question and a passage, as the model reads them.

    Attributes:
        question: The question.
        heading: What the passage is about: its article's title, and the article's first sentence if the passage begins
            after it.
        text: The passage's text.
        sentences: Where its sentences lie in `text`, in order.
    """

    question: str
    heading: str
    text: str
    sentences: tuple[Span, ...]


class QaModel(Protocol):
    """Reads passages for what answers a question."""

    def read(self, texts: Sequence[QaInput]) -> list[Vector]:
        """Return for each text the log-odds of each sentence that it answers, against "nothing in the text answers"."""
        ...


class OnnxQaModel:
    """An extractive QA model: it marks where the answer begins and ends, or that there is none.

    Source: Rajpurkar, Jia and Liang, "Know What You Don't Know", arXiv 1806.03822 (SQuAD 2.0).

    Args:
        graph: The ONNX graph of the adapted model.
        adaptation: Its head marks beginning and end of the answer.
        tokenizer: The model's `tokenizer.json`.
        pieces: The vocabulary on disk, used for short texts before the full tokenizer is loaded.
        threads: Texts read at the same time; 0 takes one for each core.

    Raises:
        ModelError: something is missing or damaged.
    """

    def __init__(self, graph: Path, adaptation: Adaptation, tokenizer: Path, pieces: Path, threads: int = 0) -> None:
        self._graph = OnnxGraph(graph)
        self._head, self._bias = adaptation.head, adaptation.bias
        self._tokenizing = Tokenizing(tokenizer, MAX_TOKENS, pieces)
        self._pool = ThreadPoolExecutor(worker_count(threads), thread_name_prefix="qa")

    def read(self, texts: Sequence[QaInput]) -> list[Vector]:
        """Return for each text the log-odds of each sentence that it answers, against "nothing in the text answers"."""
        # Passages share the question, and often their article's heading.
        strings = list(dict.fromkeys(part for text in texts for part in (text.question, text.heading, text.text)))
        tokens = {
            string: (ids[1:-1], encoding.offsets[1:-1])
            for string, (ids, encoding) in zip(strings, self._tokenizing.encode(strings), strict=True)
        }
        jobs = []
        for text in texts:
            (asked, _), (heading, _), (ids, offsets) = (
                tokens[part] for part in (text.question, text.heading, text.text)
            )
            before = [_BEGIN, *asked[-QUESTION_TOKENS:], _SEPARATOR, _SEPARATOR]
            before += [*heading[:HEADING_TOKENS], *([_SEPARATOR] if heading else [])]
            room = MAX_TOKENS - len(before) - 1
            jobs.append(self._pool.submit(self._read_one, before, ids[:room], offsets[:room], text.sentences))
        return [job.result() for job in jobs]

    def _read_one(
        self, before: list[int], ids: list[int], offsets: list[tuple[int, int]], sentences: Sequence[Span]
    ) -> Vector:
        (states,) = self._graph.run([[*before, *ids, _SEPARATOR]])
        logits = states @ self._head.T + self._bias
        spans = np.array(offsets, np.int32).reshape(-1, 2)
        # The first token's logits stand for "nothing here answers".
        return sentence_odds(logits[len(before) : -1] - logits[0], spans, sentences)


def sentence_odds(logits: Matrix, offsets: NDArray[np.int32], sentences: Sequence[Span]) -> Vector:
    """Return for each sentence the highest sum of the logits of a beginning and an end in it, shape `(sentences,)`.

    Args:
        logits: For each token the logits that the answer begins and that it ends there, shape `(tokens, 2)`.
        offsets: Where each token begins and ends in the text, shape `(tokens, 2)`.
        sentences: The spans of the sentences in the text.
    """
    found = np.full(len(sentences), UNREAD, np.float32)
    for number, sentence in enumerate(sentences):
        inside = (offsets[:, 0] < sentence.end) & (offsets[:, 1] > sentence.start)
        if inside.any():
            begin, end = logits[inside].T
            # Every beginning with every end that makes an answer of 1 to `LONGEST_ANSWER` tokens.
            sums = begin[:, None] + end[None, :]
            allowed = np.triu(np.ones(sums.shape, bool)) & ~np.triu(np.ones(sums.shape, bool), LONGEST_ANSWER)
            found[number] = sums[allowed].max()
    return found
