"""Fits the classifier that tells greetings, thanks and the like from questions, and measures it.

It is fitted on `assistant/answering/turns/examples.json` (18 languages). The tables give, for languages that it was not
fitted on, how much small talk is told as such and of which kind; and, for real questions, how many are taken for small
talk. Everyday Tatoeba questions include some ("How are you?"), so their share is no error rate.

    python benchmarks/turn_kinds.py           # measure the shipped classifier
    python benchmarks/turn_kinds.py --fit     # fit it anew and write it
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from assistant.answering.turns.kinds import (
    WEIGHTS,
    TurnClassifier,
    TurnKind,
    load_classifier,
    read_examples,
)
from assistant.embedding.encoder import Encoder, Matrix
from assistant.embedding.language_statistics import load_statistics
from assistant.embedding.loading import load_encoder
from assistant.embedding.token_codec import load_codec
from assistant.language.identify import identify_language
from assistant.retrieval.late_interaction import LanguageCentring
from assistant.settings import load_settings

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
OTHER_LANGUAGES = ROOT / "tests" / "answering" / "turns" / "other_languages.json"
PENALTY = 3e-4
"""On the squared weights. With a third of it no more small talk is told in other languages, but more questions are
taken for it."""


def neutral_vectors(encoder: Encoder, texts: Sequence[str]) -> Matrix:
    """Return the texts' vectors without what says their language, shape `(texts, dimension)`."""
    centring = LanguageCentring(load_statistics(encoder.name, encoder.dimension), load_codec(encoder))
    rows = []
    for start in range(0, len(texts), 64):
        batch = texts[start : start + 64]
        for text, encoding in zip(batch, encoder.encode_questions(batch), strict=True):
            rows.append(centring.neutral(encoding.pooled, identify_language(text)))
    return np.stack(rows)


def fit(model: str, vectors: Matrix, kinds: Sequence[TurnKind]) -> TurnClassifier:
    """Fit a multinomial logistic regression."""
    names = tuple(TurnKind)
    truth = np.eye(len(names))[[names.index(kind) for kind in kinds]]
    count, dimension, size = len(vectors), vectors.shape[1], len(names) * vectors.shape[1]

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        weights, biases = values[:size].reshape(len(names), dimension), values[size:]
        probabilities = TurnClassifier(model, names, weights, biases).probabilities(vectors)
        wrong = (probabilities - truth) / count
        entropy = -np.log((probabilities * truth).sum(axis=1) + 1e-12).mean()
        gradient = np.concatenate(((wrong.T @ vectors + PENALTY * weights).ravel(), wrong.sum(axis=0)))
        return entropy + PENALTY * (weights**2).sum() / 2, gradient

    found = minimize(loss, np.zeros(size + len(names)), jac=True, method="L-BFGS-B", options={"maxiter": 500}).x
    weights, biases = found[:size].reshape(len(names), dimension), found[size:]
    return TurnClassifier(model, names, weights.astype(np.float32), biases.astype(np.float32))


def real_questions() -> dict[str, list[str]]:
    """Return questions that the articles of some set are asked."""
    sets: dict[str, list[str]] = {}
    for name in ("xquad.en", "xquad.ar"):
        data = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))["data"]
        sets[name] = [qa["question"] for one in data for part in one["paragraphs"] for qa in part["qas"]]
    tuning = ROOT / "evals" / "news" / "tuning"
    files = [file for file in sorted(tuning.glob("*.jsonl")) if file.stem != "after_an_answer"]
    sets["evals/news/tuning"] = [json.loads(line)["question"] for file in files for line in lines(file)]
    turns = [turn for line in lines(DATA / "mtrag" / "tasks.jsonl") for turn in json.loads(line)["turns"]]
    sets["mtrag"] = sorted({turn["text"] for turn in turns if turn["speaker"] == "user"})
    everyday = [line for file in sorted((DATA / "tatoeba").glob("*.txt")) for line in lines(file)]
    sets["tatoeba, questions"] = [line for line in everyday if line.rstrip().endswith(("?", "？", "؟"))][::3]
    return sets


def lines(file: Path) -> list[str]:
    return [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def main() -> None:
    """Print two Markdown tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fit", action="store_true")
    options = parser.parse_args()
    encoder = load_encoder(load_settings())
    if options.fit:
        examples = read_examples()
        fitted = fit(encoder.name, neutral_vectors(encoder, [text for *_, text in examples]), [k for k, *_ in examples])
        (ROOT / "assistant" / "answering" / "turns" / WEIGHTS).write_bytes(fitted.to_bytes())
    classifier = load_classifier(encoder.name, encoder.dimension)
    if classifier is None:
        raise SystemExit(f"The shipped classifier is not for {encoder.name}: fit it with --fit.")
    print(
        "| kind, languages not fitted on | said | told as small talk | of the right kind |\n| --- | --- | --- | --- |"
    )
    for name, by_language in json.loads(OTHER_LANGUAGES.read_text(encoding="utf-8")).items():
        texts = [text for texts in by_language.values() for text in texts]
        kinds = [classifier.kind(vector) for vector in neutral_vectors(encoder, texts)]
        told = np.mean([kind is not TurnKind.CONTENT for kind in kinds])
        print(f"| {name} | {len(texts)} | {told:.2f} | {np.mean([kind == name for kind in kinds]):.2f} |")
    print("\n| questions | number | taken for small talk |\n| --- | --- | --- |")
    for name, texts in real_questions().items():
        kinds = [classifier.kind(vector) for vector in neutral_vectors(encoder, texts)]
        taken = [text for text, kind in zip(texts, kinds, strict=True) if kind is not TurnKind.CONTENT]
        print(f"| {name} | {len(texts)} | {len(taken) / len(texts):.4f} ({'; '.join(taken[:5])}) |", flush=True)


if __name__ == "__main__":
    main()
