"""Fit the weights of `assistant/retrieval/scoring.py`: is a question answered by what was found?

Questions of XQuAD (English and Arabic, each about articles in both) and of ARCD are asked of libraries of many sizes:
the whole set, and parts of it with about 120, 40, 15 and 5 paragraphs. Each library is asked what its articles answer,
and what those of another part do (of the whole set, what an article answers that is left out); the smallest also what
the paragraph answers that is cut from its article. Sizes and pairs of languages count alike. Printed are the weights,
fitted on all of it, and what weights that were fitted on three quarters of the articles make of the others' questions.

    python benchmarks/retrieval_calibration.py
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from assistant import Assistant
from assistant.articles.article import Article
from assistant.evaluation.question_set import Question, QuestionSet
from assistant.evaluation.squad import PARAGRAPH_BREAK, asked_in, read_squad
from assistant.language.identify import identify_language
from assistant.passages.passage import Span
from assistant.retrieval.scoring import FEATURES
from assistant.store.passage_store import Filters

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
RIDGE = 0.02
WHOLE = 10**6
SIZES = (WHOLE, 120, 40, 15, 5)
"""Paragraphs of a library."""
MOST_PARTS = 48
CUT_SHARE = 0.8
"""How much a question counts whose paragraph was cut: what is missing then can hardly be told from token vectors."""
WITHIN, BETWEEN = ("gap", "shared", "lexical", "few"), ("gap", "few")
QUARTERS = 4


@dataclass(frozen=True)
class Trial:
    """One question asked of one library.

    Attributes:
        features: What was found, as `FEATURES` orders it.
        answers: Whether the library answers.
        is_cut: Whether it lacks only the paragraph.
        article: The article that answers.
    """

    features: np.ndarray
    answers: bool
    is_cut: bool
    article: str


def sets() -> list[dict[str, QuestionSet]]:
    """Return the questions asked about each set of articles, by pair of languages."""
    english, arabic = read_squad(DATA / "xquad.en.json"), read_squad(DATA / "xquad.ar.json")
    return [
        {"en, en": english, "ar, en": asked_in(english, arabic)},
        {"ar, ar": arabic, "en, ar": asked_in(arabic, english)},
        {"ARCD": read_squad(DATA / "arcd-train.json")},
    ]


def parts(articles: Sequence[Article], paragraphs: int) -> list[list[Article]]:
    """Divide articles, in their order, into at least two libraries of about so many paragraphs."""
    lengths = np.array([len(article.text.split(PARAGRAPH_BREAK)) for article in articles])
    count = max(2, round(lengths.sum() / paragraphs))
    # A library gets the articles whose middle lies in its share of all paragraphs.
    place = ((lengths.cumsum() - lengths / 2) * count // lengths.sum()).astype(int)
    divided = [
        [article for article, at in zip(articles, place, strict=True) if at == number] for number in range(count)
    ]
    return [part for part in divided if part][:MOST_PARTS]


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


@contextmanager
def library(articles: Sequence[Article]) -> Iterator[Assistant]:
    """Open an assistant over articles."""
    with tempfile.TemporaryDirectory() as folder, Assistant(folder, chat_model="extractive") as assistant:
        assistant.add_articles(articles)
        yield assistant


def trial(assistant: Assistant, question: Question, among: Sequence[str], *, answers: bool, is_cut: bool) -> Trial:
    """Ask a question of the articles with some ids."""
    comparison, _ = assistant._retriever.compare(  # noqa: SLF001 - features are internal
        question.text, identify_language(question.text), 1, Filters(articles=tuple(among))
    )
    assert comparison is not None
    features = comparison.features(comparison.order[:1])[0].astype(np.float64)
    return Trial(features, answers, is_cut, question.gold[0].article_id)


def ask_whole(articles: Sequence[Article], questions: Sequence[Question], assistant: Assistant) -> list[Trial]:
    """Ask each question of all articles, and of all but its own."""
    ids = [article.id for article in articles]
    return [
        trial(assistant, question, [one for one in ids if answers or one != own], answers=answers, is_cut=False)
        for question in questions
        for own in [question.gold[0].article_id]
        for answers in (True, False)
    ]


def ask_part(
    part: Sequence[Article], other: Sequence[Article], questions: Sequence[Question], assistant: Assistant
) -> list[Trial]:
    """Ask a part what it answers and what another part does."""
    ids = [article.id for article in part]
    return [
        trial(assistant, question, ids, answers=answers, is_cut=False)
        for answers, asked in ((True, ids), (False, [article.id for article in other]))
        for question in questions
        if question.gold[0].article_id in asked
    ]


def ask_cut(article: Article, questions: Sequence[Question], assistant: Assistant) -> list[Trial]:
    """Ask an article, each time without the paragraph that answers."""
    return [
        trial(assistant, question, [rest.id], answers=False, is_cut=True)
        for span, rest in without_paragraphs(article)
        for question in questions
        if question.gold[0].article_id == article.id and span.covers(question.gold[0].span)
    ]


def trials(
    articles: Sequence[Article], size: int, by_pair: dict[str, QuestionSet], count: int
) -> dict[str, list[Trial]]:
    """Ask about `count` questions of each pair of libraries of one size."""
    asked = {pair: questions.limited(count, seed=1).questions for pair, questions in by_pair.items()}
    found: dict[str, list[Trial]] = {pair: [] for pair in by_pair}
    if size == WHOLE:
        with library(articles) as assistant:
            return {pair: ask_whole(articles, questions, assistant) for pair, questions in asked.items()}
    libraries = parts(articles, size)
    for number, part in enumerate(libraries):
        smallest = size == min(SIZES)
        # Copies of an article that lack a paragraph each lie beside it; filters keep them apart.
        copies = [rest for article in part for _, rest in without_paragraphs(article)] if smallest else []
        with library([*part, *copies]) as assistant:
            for pair, questions in asked.items():
                found[pair] += ask_part(part, libraries[(number + 1) % len(libraries)], questions, assistant)
                if smallest and len(part) == 1:
                    found[pair] += ask_cut(part[0], questions, assistant)
    return found


def columns(asked: Sequence[Trial], names: Sequence[str]) -> np.ndarray:
    """Return the features with some names, and a column of ones for the bias."""
    rows = np.stack([one.features[[FEATURES.index(name) for name in names]] for one in asked])
    return np.column_stack((rows, np.ones(len(rows))))


def fit(groups: Sequence[Sequence[Trial]], names: Sequence[str]) -> np.ndarray:
    """Logistic regression by Newton's method with a small ridge, each group of trials counting alike; bias last."""
    kept = [group for group in groups if group]
    rows = np.concatenate([columns(group, names) for group in kept])
    labels = np.array([one.answers for group in kept for one in group], float)
    shares = np.array([(CUT_SHARE if one.is_cut else 1) * 1000 / len(group) for group in kept for one in group])
    weights = np.zeros(rows.shape[1])
    for _ in range(40):
        chances = 1 / (1 + np.exp(-rows @ weights))
        gradient = rows.T @ (shares * (labels - chances)) - RIDGE * weights
        curvature = (rows * (shares * chances * (1 - chances))[:, None]).T @ rows + RIDGE * np.eye(len(weights))
        weights += np.linalg.solve(curvature, gradient)
    return weights


def cross_fitted(groups: dict[tuple[str, int], list[Trial]], names: Sequence[str]) -> Iterator[str]:
    """Yield a row for each pair and size: what is refused by weights fitted on other articles."""
    articles = sorted({one.article for group in groups.values() for one in group})
    quarter = {article: number % QUARTERS for number, article in enumerate(articles)}
    weights = [
        fit([[one for one in group if quarter[one.article] != held] for group in groups.values()], names)
        for held in range(QUARTERS)
    ]
    for (pair, size), group in groups.items():
        rows = columns(group, names)
        refused = np.array([row @ weights[quarter[one.article]] < 0 for row, one in zip(rows, group, strict=True)])
        answers, cut = np.array([one.answers for one in group]), np.array([one.is_cut for one in group])
        other = ~answers & ~cut
        f1 = 2 * refused[other].sum() / (refused[~cut].sum() + other.sum())
        shares = [f1, refused[answers].mean(), 1 - refused[other].mean()]
        missing = f"{1 - refused[cut].mean():.3f}" if cut.any() else ""
        shown = "all" if size == WHOLE else str(size)
        yield f"| {pair} | {shown} | {' | '.join(f'{share:.3f}' for share in shares)} | {missing} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=600, help="of each pair, for each size of library")
    options = parser.parse_args()
    found: dict[tuple[str, int], list[Trial]] = {}
    for by_pair in sets():
        articles = next(iter(by_pair.values())).articles
        for size in SIZES:
            for pair, asked in trials(articles, size, by_pair, options.questions).items():
                found[pair, size] = asked
    print(
        "| questions, articles | paragraphs | F1 of refusing | answerable, refused | others, answered | cut, answered |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    for names in (WITHIN, BETWEEN):
        groups = {key: asked for key, asked in found.items() if (key[0] in {"en, ar", "ar, en"}) == (names is BETWEEN)}
        for row in cross_fitted(groups, names):
            print(row)
        weights = fit(list(groups.values()), names).round(3).tolist()
        print(dict(zip((*names, "bias"), weights, strict=True)))


if __name__ == "__main__":
    main()
