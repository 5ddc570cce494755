"""Which precision the bundled model should run in: recall, speed, load time and memory of each, on XQuAD.

    python benchmarks/encoding.py

Recall@1: each XQuAD paragraph is one passage, found by the cosine of pooled vectors. Throughput: one passage in twelve,
in processor time, which other work on the machine disturbs less than the clock. Every ratio is relative to torch fp32
through SentenceTransformer, measured in the same run on one thread.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from assistant.embedding import bundled
from assistant.embedding.encoder import Encoding
from assistant.embedding.onnx_encoder import OnnxEncoder
from assistant.settings import Precision, load_settings

DATA = Path(__file__).parents[2] / "shared" / "data"
LANGUAGES = "en", "ar"
PRECISIONS: tuple[Precision, ...] = ("fp32", "int8", "q4")
QUESTION = "when is the next CSTO summit?"
STRIDE = 12


class Xquad:
    """Paragraphs, questions, and for each question the index of its paragraph."""

    def __init__(self, language: str) -> None:
        self.paragraphs: list[str] = []
        self.questions: list[str] = []
        self.gold: list[int] = []
        articles = json.loads((DATA / f"xquad.{language}.json").read_text(encoding="utf-8"))["data"]
        for paragraph in (paragraph for article in articles for paragraph in article["paragraphs"]):
            self.questions += [entry["question"] for entry in paragraph["qas"]]
            self.gold += [len(self.paragraphs)] * len(paragraph["qas"])
            self.paragraphs.append(paragraph["context"])


def pooled(encodings: Iterable[Encoding]) -> NDArray[np.float32]:
    return np.stack([encoding.pooled for encoding in encodings])


def processor_seconds(work: Callable[[], object], repeats: int) -> float:
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def cold_start(precision: Precision) -> tuple[float, float]:
    """Return seconds from importing to the first encoded question, and the peak memory in MB (Linux), best of three."""
    program = (
        "import re, time\n"
        "from pathlib import Path\n"
        "start = time.perf_counter()\n"
        "from assistant.embedding.loading import load_encoder\n"
        "from assistant.settings import load_settings\n"
        f"load_encoder(load_settings(embedding_precision={precision!r})).encode_questions([{QUESTION!r}])\n"
        "seconds = time.perf_counter() - start\n"
        "peak = re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]\n"
        "print(seconds, int(peak) / 1024)\n"
    )
    runs = [subprocess.run([sys.executable, "-c", program], check=True, capture_output=True) for _ in range(3)]
    seconds, memory = zip(*(map(float, run.stdout.split()) for run in runs), strict=True)
    return min(seconds), min(memory)


def token_agreement(some: Sequence[Encoding], exact: Sequence[Encoding]) -> float:
    """Return the mean cosine of token vectors to the exact ones, the exact mean token vector subtracted."""
    mean = np.concatenate([encoding.tokens for encoding in exact]).mean(axis=0)
    left, right = (np.concatenate([encoding.tokens for encoding in side]) - mean for side in (some, exact))
    cosines = (left * right).sum(axis=1) / np.linalg.norm(left, axis=1) / np.linalg.norm(right, axis=1)
    return float(cosines.mean())


def main() -> None:
    torch.set_num_threads(1)
    cache = load_settings().cache
    sets = {language: Xquad(language) for language in LANGUAGES}
    sample = [text for language in LANGUAGES for text in sets[language].paragraphs[::STRIDE]]
    folder, _ = bundled.unpack(cache, "fp32")
    model = SentenceTransformer(str(folder), device="cpu")
    torch_passages = processor_seconds(lambda: model.encode(sample, prompt_name="passage"), 2)
    torch_question = processor_seconds(lambda: model.encode(QUESTION, prompt_name="query"), 30)
    print(f"torch fp32: {len(sample) / torch_passages:.1f} passages/s, {torch_question * 1e3:.1f} ms a question")
    exact_tokens: list[Encoding] = []
    header = [f"{asked}→{found}" for asked in LANGUAGES for found in LANGUAGES]
    print(
        "| precision |", " | ".join(header), "| passages | question | cold, s | memory, MB | disk, MB | token cosine |"
    )
    for precision in PRECISIONS:
        _, graph = bundled.unpack(cache, precision)
        encoder = OnnxEncoder(folder, graph=graph, threads=1)
        tokens = encoder.encode_passages(sample)
        exact_tokens = exact_tokens or tokens
        passages = {name: pooled(encoder.encode_passages(xquad.paragraphs)) for name, xquad in sets.items()}
        questions = {name: pooled(encoder.encode_questions(xquad.questions)) for name, xquad in sets.items()}
        recalls = [
            np.mean(np.argmax(questions[asked] @ passages[found].T, axis=1) == sets[asked].gold)
            for asked in LANGUAGES
            for found in LANGUAGES
        ]
        faster = torch_passages / processor_seconds(lambda: encoder.encode_passages(sample), 2)  # noqa: B023
        sooner = torch_question / processor_seconds(lambda: encoder.encode_questions([QUESTION]), 30)  # noqa: B023
        seconds, memory = cold_start(precision)
        print(
            f"| {precision} |",
            " | ".join(f"{recall:.4f}" for recall in recalls),
            f"| {faster:.1f}× | {sooner:.1f}× | {seconds:.2f} | {memory:.0f} | {graph.stat().st_size / 1e6:.0f} "
            f"| {token_agreement(tokens, exact_tokens):.4f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
