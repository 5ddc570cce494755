"""Fit the weights of `assistant/retrieval/calibration.py` within a language: is a question answered by what was found?

Each question of XQuAD (both languages, against articles in both) and of ARCD is asked of five libraries: half of the
articles with the question's own; the other half; the first half again, without the paragraph that answers; the
question's own article alone; and that one without the paragraph that answers. The first half of the questions is
fitted; the second tells how well the shipped weights do.

    python benchmarks/retrieval_calibration.py
"""

import argparse
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from assistant import Assistant
from assistant.articles.article import Article
from assistant.evaluation.question_set import QuestionSet
from assistant.evaluation.squad import PARAGRAPH_BREAK, asked_in, read_squad
from assistant.language.identify import identify_language
from assistant.passages.passage import Span
from assistant.retrieval.calibration import FEATURES, RELEVANCE_THRESHOLD, relevance
from assistant.retrieval.retriever import Retriever
from assistant.store.passage_store import Filters

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
RIDGE = 1.0
LIBRARIES = {
    "own": (True, 1.0),
    "other": (False, 1.0),
    "own, cut": (False, 0.2),
    "article": (True, 0.4),
    "article, cut": (False, 0.2),
}
"""Whether a library answers, and how much each of its questions counts. The cut ones count less, because what they lack
can hardly be told from token vectors: with full shares the fit refuses what is answered too."""

Examples = dict[str, np.ndarray]
Cut = dict[str, list[tuple[Span, Article]]]


def pairs() -> Iterator[tuple[str, QuestionSet]]:
    english, arabic = read_squad(DATA / "xquad.en.json"), read_squad(DATA / "xquad.ar.json")
    yield "en-en", english
    yield "ar-ar", arabic
    yield "en-ar", asked_in(arabic, english)
    yield "ar-en", asked_in(english, arabic)
    yield "arcd", read_squad(DATA / "arcd-train.json")


def without_paragraphs(article: Article) -> list[tuple[Span, Article]]:
    """Return each paragraph's place in an article of several, with the article that lacks it."""
    found = []
    start = 0
    paragraphs = article.text.split(PARAGRAPH_BREAK)
    for number, paragraph in enumerate(paragraphs):
        rest = PARAGRAPH_BREAK.join(paragraphs[:number] + paragraphs[number + 1 :])
        if rest:
            source = f"{article.source}-without-{number + 1}"
            found.append((Span(start, start + len(paragraph)), replace(article, source=source, text=rest)))
        start += len(paragraph) + len(PARAGRAPH_BREAK)
    return found


def examples(retriever: Retriever, questions: QuestionSet, limit: int, cut: Cut) -> Examples:
    """Return what was found in each library for each question; a row of NaN where a library has nothing to search."""
    ids = [article.id for article in questions.articles]
    halves = [ids[::2], ids[1::2]]
    found: dict[str, list[np.ndarray]] = {name: [] for name in LIBRARIES}
    for question in questions.limited(limit).questions:
        gold = question.gold[0]
        own, other = halves if gold.article_id in halves[0] else halves[::-1]
        rest = [article.id for span, article in cut[gold.article_id] if span.covers(gold.span)]
        neighbours = [number for number in own if number != gold.article_id]
        libraries = (own, other, neighbours + rest if rest else [], [gold.article_id], rest)
        for name, library in zip(LIBRARIES, libraries, strict=True):
            row = np.full(len(FEATURES), np.nan)
            if library:
                language = identify_language(question.text)
                comparison, _ = retriever.compare(question.text, language, 5, Filters(articles=tuple(library)))
                if comparison is not None:
                    row = comparison.features(comparison.order[:1])[0].astype(np.float64)
            found[name].append(row)
    return {name: np.stack(rows) for name, rows in found.items()}


def design(examples: Iterable[Examples]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return features, whether they answer, and how much each counts, where question and passage share a language."""
    parts = [
        (rows[kept], np.full(kept.sum(), answers), np.full(kept.sum(), share))
        for found in examples
        for name, (answers, share) in LIBRARIES.items()
        for rows in [found[name]]
        for kept in [~np.isnan(rows).any(axis=1)]
    ]
    features, labels, shares = (np.concatenate(part) for part in zip(*parts, strict=True))
    own = features[:, FEATURES.index("own_language")] == 1
    return features[own], labels[own], shares[own]


def fit(features: np.ndarray, labels: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Logistic regression by Newton's method with a small ridge; the last weight is the bias."""
    columns = np.column_stack((features, np.ones(len(features))))
    weights = np.zeros(columns.shape[1])
    for _ in range(30):
        chances = 1 / (1 + np.exp(-columns @ weights))
        gradient = columns.T @ (shares * (labels - chances)) - RIDGE * weights
        curvature = (columns * (shares * chances * (1 - chances))[:, None]).T @ columns + RIDGE * np.eye(len(weights))
        weights += np.linalg.solve(curvature, gradient)
    return weights


def outcome(found: Examples) -> str:
    """Say how many questions of each library are refused, and the F1 of refusing between the first two."""
    known = {name: rows[~np.isnan(rows).any(axis=1)].astype(np.float32) for name, rows in found.items()}
    refusals = {name: relevance(rows) < RELEVANCE_THRESHOLD for name, rows in known.items()}
    wrong, right = refusals["own"].sum(), refusals["other"].sum()
    f1 = 2 * right / (right + wrong + len(refusals["other"]))
    shares = ", ".join(f"{name} {refused.mean():.3f}" for name, refused in refusals.items())
    return f"refusal F1 {f1:.3f}; refused of {shares}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=2000, help="questions of each pair")
    limit = parser.parse_args().limit
    found: dict[str, Examples] = {}
    for name, questions in pairs():
        with tempfile.TemporaryDirectory() as folder, Assistant(folder) as assistant:
            cut = {article.id: without_paragraphs(article) for article in questions.articles}
            assistant.add_articles([*questions.articles, *(article for rest in cut.values() for _, article in rest)])
            found[name] = examples(assistant._retriever, questions, limit, cut)  # noqa: SLF001 - features are internal
    train = {name: {key: rows[: len(rows) // 2] for key, rows in each.items()} for name, each in found.items()}
    test = {name: {key: rows[len(rows) // 2 :] for key, rows in each.items()} for name, each in found.items()}
    weights = fit(*design(train.values()))
    print("within a language:", dict(zip((*FEATURES, "bias"), weights.round(3).tolist(), strict=True)))
    for name, each in test.items():
        print(f"{name}, as shipped: {outcome(each)}")


if __name__ == "__main__":
    main()
