"""Fit the weights of `assistant/retrieval/calibration.py`: is a question answered by what was found?

Each question of XQuAD (both languages, against articles in both) is asked of a library that holds half of its articles:
once with the question's own and once without, and so is each of ARCD. The first half of the questions is fitted, the
second tells how well that went: a line for each pair of languages, also with a fit that never saw the pair.

    python benchmarks/retrieval_calibration.py --limit 300
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from assistant import Assistant
from assistant.evaluation.question_set import QuestionSet
from assistant.evaluation.squad import asked_in, read_squad
from assistant.language.identify import identify_language
from assistant.retrieval.calibration import FEATURES
from assistant.retrieval.retriever import Retriever
from assistant.store.passage_store import Filters

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
RIDGE = 1.0


def pairs() -> Iterator[tuple[str, QuestionSet]]:
    english, arabic = read_squad(DATA / "xquad.en.json"), read_squad(DATA / "xquad.ar.json")
    yield "en-en", english
    yield "ar-ar", arabic
    yield "en-ar", asked_in(arabic, english)
    yield "ar-en", asked_in(english, arabic)
    yield "arcd", read_squad(DATA / "arcd-train.json")


def examples(retriever: Retriever, questions: QuestionSet, limit: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the features of the first hit, and whether the question's article was there, for each search."""
    ids = [article.id for article in questions.articles]
    halves = [Filters(articles=tuple(ids[::2])), Filters(articles=tuple(ids[1::2]))]
    rows, answerable = [], []
    for question in questions.limited(limit).questions:
        gold = {span.article_id for span in question.gold}
        for half in halves:
            comparison, _ = retriever.compare(question.text, identify_language(question.text), 5, half)
            if comparison is not None:
                rows.append(comparison.features[comparison.order[0]])
                answerable.append(bool(gold & set(half.articles)))
    return np.stack(rows).astype(np.float64), np.array(answerable)


def fit(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Logistic regression by Newton's method with a small ridge; the last weight is the bias."""
    design = np.column_stack((features, np.ones(len(features))))
    weights = np.zeros(design.shape[1])
    for _ in range(30):
        chances = 1 / (1 + np.exp(-design @ weights))
        gradient = design.T @ (labels - chances) - RIDGE * weights
        curvature = (design * (chances * (1 - chances))[:, None]).T @ design + RIDGE * np.eye(len(weights))
        weights += np.linalg.solve(curvature, gradient)
    return weights


def refusal_f1(features: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> tuple[float, float, float]:
    refused = np.column_stack((features, np.ones(len(features)))) @ weights < 0
    right = float((refused & ~labels).sum())
    precision, recall = right / max(refused.sum(), 1), right / max((~labels).sum(), 1)
    return 2 * precision * recall / max(precision + recall, 1e-9), precision, recall


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=300, help="questions of each pair")
    limit = parser.parse_args().limit
    found: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for name, questions in pairs():
        with tempfile.TemporaryDirectory() as folder, Assistant(folder) as assistant:
            assistant.add_articles(questions.articles)
            found[name] = examples(assistant._retriever, questions, limit)  # noqa: SLF001 - features are internal
    train = {name: (rows[: len(rows) // 2], labels[: len(rows) // 2]) for name, (rows, labels) in found.items()}
    test = {name: (rows[len(rows) // 2 :], labels[len(rows) // 2 :]) for name, (rows, labels) in found.items()}
    weights = fit(*(np.concatenate(part) for part in zip(*train.values(), strict=True)))
    print(dict(zip((*FEATURES, "bias"), weights.round(3).tolist(), strict=True)))
    for name, (rows, labels) in test.items():
        others = [part for other, part in train.items() if other != name]
        without = fit(*(np.concatenate(part) for part in zip(*others, strict=True)))
        print(
            f"{name}: refusal F1 %.3f (precision %.3f, recall %.3f)" % refusal_f1(rows, labels, weights),
            f"| fitted without this pair: F1 {refusal_f1(rows, labels, without)[0]:.3f}",
            f"| means {rows[labels].mean(0).round(3).tolist()} where it is,",
            f"{rows[~labels].mean(0).round(3).tolist()} elsewhere",
            flush=True,
        )


if __name__ == "__main__":
    main()
