"""`QaModel`: reads a question and a passage together, and tells for each sentence how likely it answers."""

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
"""What the model takes in, question and passage together."""

QUESTION_TOKENS = 64
HEADING_TOKENS = 96
"""Of a longer question the last tokens are read, which ask; of a longer heading the first."""

LONGEST_ANSWER = 30
"""Tokens of an answer."""

UNREAD = -100.0
"""Log-odds of a sentence that lies behind what the model takes in."""

_BEGIN, _SEPARATOR = 0, 2


@dataclass(frozen=True, slots=True)
class QaInput:
    """A question and a passage as the model takes them in.

    Attributes:
        question: The question.
        heading: What it is about: its article's title, and the article's first sentence where it begins behind that.
        text: The passage.
        sentences: Where its sentences lie in `text`, in order.
    """

    question: str
    heading: str
    text: str
    sentences: tuple[Span, ...]


class QaModel(Protocol):
    """Reads passages for what answers a question."""

    def read(self, texts: Sequence[QaInput]) -> list[Vector]:
        """Return how likely each sentence of each text answers, in log-odds against that nothing in the text does."""
        ...


class OnnxQaModel:
    """An extractive QA model: it marks where the answer begins and ends, or that there is none.

    Source: Rajpurkar, Jia and Liang, "Know What You Don't Know", arXiv 1806.03822 (SQuAD 2.0).

    Args:
        graph: The adapted model's graph.
        adaptation: Gives the head.
        tokenizer: The model's `tokenizer.json`.
        pieces: The same vocabulary as `Tokenizing` reads the first texts with.
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
        """Return how likely each sentence of each text answers, in log-odds against that nothing in the text does."""
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
        # The first token stands for that nothing answers.
        return sentence_odds(logits[len(before) : -1] - logits[0], spans, sentences)


def sentence_odds(logits: Matrix, offsets: NDArray[np.int32], sentences: Sequence[Span]) -> Vector:
    """Return the highest sum of a beginning and an end within each sentence, shape `(sentences,)`.

    Args:
        logits: Of each token to begin and to end the answer, shape `(tokens, 2)`.
        offsets: Where the tokens lie in the text, shape `(tokens, 2)`.
        sentences: Where the sentences do.
    """
    found = np.full(len(sentences), UNREAD, np.float32)
    for number, sentence in enumerate(sentences):
        inside = (offsets[:, 0] < sentence.end) & (offsets[:, 1] > sentence.start)
        if inside.any():
            begin, end = logits[inside].T
            # Each end with the best beginning among the tokens before it.
            sums = begin[:, None] + end[None, :]
            allowed = np.triu(np.ones(sums.shape, bool)) & ~np.triu(np.ones(sums.shape, bool), LONGEST_ANSWER)
            found[number] = sums[allowed].max()
    return found
