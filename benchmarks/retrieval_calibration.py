"""Fit the weights of `assistant/retrieval/scoring.py`: is a question answered by what was found?

One store holds XQuAD in English and Arabic, ARCD and the tuning part of evals/news; filters make libraries of it.

- XQuAD (within and between its languages) and ARCD: each question is asked of its whole set and of a few articles, with
  the article that answers and without it.
- evals/news/tuning: what its articles answer and what they do not, alone and among all the others, and further sets of
  questions alone.
- The articles of evals/qa_training that the QA model was not trained on: what they answer and what they do not, by
  plain questions, names as people write them and follow-ups, all languages together.
- MTRAG (in a store of its own, all of it on a few subjects): the questions whose first hit is right, the unanswerable
  ones, and what XQuAD asks.
- evals/seeds.jsonl, of its one article: what that answers. What it nearly answers cannot be told by this.
- Everyday questions of Tatoeba in 31 languages, which nothing answers, of each set and of all of them.

Every group of trials counts as its weight below says, whatever its size. Printed are the weights, fitted on all of it,
and for each group the shares that are wrongly refused and wrongly answered by weights that were fitted without the
question's quarter of the articles (or of the questions, where no article answers).

    python benchmarks/retrieval_calibration.py
"""

import argparse
import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from natural_articles import natural_articles

from assistant import Assistant
from assistant.articles.article import Article
from assistant.articles.registry import find_files, read_source
from assistant.evaluation.conversations import read_conversations
from assistant.evaluation.json_lines import read_json_lines
from assistant.evaluation.question_set import GoldSpan, Question, QuestionSet
from assistant.evaluation.squad import asked_in, read_squad
from assistant.language.identify import identify_language
from assistant.retrieval.scoring import FEATURES
from assistant.store.passage_store import Filters

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
NEWS = ROOT / "evals" / "news" / "tuning"
RIDGE = 0.02
QUARTERS = 4
FEW = 3
"""Articles of a small library."""
NATURAL = {"natural": 1200, "names": 350, "turns": 400}
"""Questions about natural articles: plain ones, those with names as people write them, and follow-ups."""
WITHIN = ("gap", "few", "late", "length", "answered", "shared", "lexical", "closeness", "qa")
BETWEEN = ("gap", "few", "late", "length", "ahead", "qa")
WEIGHTS: Mapping[str, float] = {"news": 2.0, "natural": 2.0, "everyday": 2.0, "MTRAG, everyday": 2.0, "seeds": 12.0}
"""Of groups by the beginning of their name, where it is not 1. Natural questions matter most; and one
article alone is what many have first."""
UNANSWERED = 0.35
"""How much of a natural group's weight those questions have that nothing answers."""


@dataclass(frozen=True)
class Trial:
    """One question asked of one library.

    Attributes:
        features: What was found, as `FEATURES` orders it.
        answers: Whether the library answers.
        right: Whether the sentence that was found does, as far as is known.
        fold: Its quarter.
    """

    features: np.ndarray
    answers: bool
    right: bool
    fold: int


Trials = dict[str, list[Trial]]


def articles_in(folder: Path) -> list[Article]:
    return [article for path in find_files([folder]).files for article in read_source(path).articles]


def everyday_questions(count: int) -> list[str]:
    """Return so many everyday questions of each language."""
    drawn = random.Random(1)
    found = []
    for path in sorted((DATA / "tatoeba").glob("*.txt")):
        asked = [
            line for line in path.read_text(encoding="utf-8").splitlines() if line.rstrip().endswith(tuple("?？؟;"))
        ]
        found += drawn.sample(asked, min(count, len(asked)))
    return found


class Asked(NamedTuple):
    """A question.

    Attributes:
        text: It.
        gold: Where its answer stands, nowhere if that is not known; None where nothing answers.
        prefix_length: How many characters at its beginning only name its topic.
    """

    text: str
    gold: Sequence[GoldSpan] | None
    prefix_length: int = 0


def asked_of_news(sets: Sequence[str], articles: Sequence[Article]) -> list[Asked]:
    """Return the questions of sets of evals/news/tuning."""
    return [
        Asked(question.text, question.gold if question.answerable else None)
        for name in sets
        for question in read_json_lines(NEWS / f"{name}.jsonl", articles).questions
    ]


def trial(assistant: Assistant, asked: Asked, among: Sequence[str], fold: int) -> Trial:
    """Ask a question of the articles with some ids."""
    question, gold, prefix_length = asked
    retriever = assistant._retriever  # noqa: SLF001 - features are internal
    filters = Filters(articles=tuple(among))
    comparison, _ = retriever.compare(question, identify_language(question), 5, filters, prefix_length=prefix_length)
    assert comparison is not None
    place = comparison.order[:1]
    passage = comparison.passages[place[0]]
    article = assistant.article(passage.article_id)
    features = comparison.features(place, {article.id: article}, comparison.covered())[0].astype(np.float64)
    sentence = passage.sentences[comparison.evidence.best_sentence[place[0]]]
    right = gold is not None and (
        not gold or any(one.article_id == article.id and one.span.overlaps(sentence) for one in gold)
    )
    return Trial(features, gold is not None, right, fold)


def ask_set(assistant: Assistant, questions: Sequence[Question], articles: Sequence[Article], few: bool) -> list[Trial]:
    """Ask each question with and without the article that answers, of the whole set or of a few articles."""
    ids = [article.id for article in articles]
    drawn = random.Random(2)
    found = []
    for question in questions:
        own = question.gold[0].article_id
        others = [one for one in ids if one != own]
        if few:
            others = drawn.sample(others, FEW)
        fold = ids.index(own) % QUARTERS
        found.append(trial(assistant, Asked(question.text, question.gold), [own, *others], fold))
        found.append(trial(assistant, Asked(question.text, None), others, fold))
    return found


def ask_all(assistant: Assistant, questions: Sequence[Asked], ids: Sequence[str]) -> list[Trial]:
    """Ask questions of some articles."""
    return [trial(assistant, asked, ids, number % QUARTERS) for number, asked in enumerate(questions)]


def trials(count: int, everyday_count: int) -> Trials:
    """Ask about `count` questions of each set and `everyday_count` everyday ones of each language, and all others."""
    english, arabic = read_squad(DATA / "xquad.en.json"), read_squad(DATA / "xquad.ar.json")
    arcd = read_squad(DATA / "arcd-train.json")
    news, seeds = articles_in(NEWS / "articles"), articles_in(ROOT / "seeds")
    sets: dict[str, QuestionSet] = {
        "en, en": english,
        "ar, ar": arabic,
        "en, ar": asked_in(arabic, english),
        "ar, en": asked_in(english, arabic),
        "ARCD": arcd,
    }
    asked = asked_of_news(("detail", "unanswerable"), news)
    further = asked_of_news(("names", "old_and_new", "tables", "two_things"), news)
    about_seeds = read_json_lines(ROOT / "evals" / "seeds.jsonl", seeds).questions
    everyday = [Asked(text, None) for text in everyday_questions(everyday_count)]
    libraries = {
        "seeds": [article.id for article in seeds],
        "news": [article.id for article in news],
        "XQuAD en": [article.id for article in english.articles],
        "XQuAD ar": [article.id for article in arabic.articles],
    }
    libraries["all"] = [one for ids in libraries.values() for one in ids]
    with tempfile.TemporaryDirectory() as folder, Assistant(folder, chat_model="extractive") as assistant:
        assistant.add_articles([*seeds, *news, *english.articles, *arabic.articles, *arcd.articles])
        found: Trials = {}
        for name, questions in sets.items():
            for few in (False, True):
                limited = questions.limited(count, seed=1).questions
                found[f"{name}, {'few' if few else 'all'}"] = ask_set(assistant, limited, questions.articles, few)
        # Answered all of them: between languages they would let everyday questions through.
        within = [one for one in ask_all(assistant, further, libraries["news"]) if is_within(one)]
        found["news in news"] = ask_all(assistant, asked, libraries["news"]) + within
        found["news in all"] = ask_all(assistant, asked, libraries["all"])
        answered = [Asked(question.text, question.gold) for question in about_seeds if question.answerable]
        found |= ask_natural(assistant)
        found["seeds"] = ask_all(assistant, answered, libraries["seeds"])
        found |= {f"everyday in {name}": ask_all(assistant, everyday, ids) for name, ids in libraries.items()}
    return found | ask_conversations(english.limited(120, seed=1), everyday)


def ask_natural(assistant: Assistant) -> Trials:
    """Ask the natural articles that were left out of the QA model's training, within a language and between."""
    left_out = natural_articles(left_out=True)
    assistant.add_articles([one.article for one in left_out])
    ids = [one.article.id for one in left_out]
    found: Trials = {}
    for name, most in NATURAL.items():
        asked = [
            Asked(question.text, None if question.gold is None else (question.gold,), question.prefix_length)
            for one in left_out
            for question in one.questions
            if name == ("names" if question.is_of_names else "turns" if question.prefix_length else "natural")
        ]
        tried = ask_all(assistant, random.Random(3).sample(asked, most), ids)
        found[f"{name}, one language"] = [one for one in tried if is_within(one)]
        found[f"{name}, two languages"] = [one for one in tried if not is_within(one)]
    return found


def ask_conversations(others: QuestionSet, everyday: Sequence[Asked]) -> Trials:
    """Ask MTRAG's documents what they answer, what they do not, and what others do."""
    turns = read_conversations(DATA / "mtrag")
    ids = [article.id for article in turns.articles]
    with tempfile.TemporaryDirectory() as folder, Assistant(folder, chat_model="extractive") as assistant:
        assistant.add_articles(turns.articles)
        asked = [
            Asked(question.text, () if question.answerable else None)
            for question in turns.questions
            if not question.answerable or assistant.search(question.text, k=1).hits[0].article.id in question.documents
        ]
        return {
            "MTRAG": ask_all(assistant, asked, ids),
            "MTRAG, asked by XQuAD": ask_all(assistant, [Asked(one.text, None) for one in others.questions], ids),
            "MTRAG, everyday": ask_all(assistant, everyday, ids),
        }


def rows_of(asked: Sequence[Trial], names: Sequence[str]) -> np.ndarray:
    """Return the features with some names, and a column of ones for the bias."""
    rows = np.stack([one.features[[FEATURES.index(name) for name in names]] for one in asked])
    return np.column_stack((rows, np.ones(len(rows))))


def fit(groups: Mapping[str, Sequence[Trial]], names: Sequence[str]) -> np.ndarray:
    """Logistic regression by Newton's method with a small ridge; bias last.

    Where the library answers and another sentence was found, neither to answer nor to refuse is learnt.
    """
    told = {name: [one for one in group if one.right or not one.answers] for name, group in groups.items()}
    kept = {name: group for name, group in told.items() if group}
    rows = np.concatenate([rows_of(group, names) for group in kept.values()])
    labels = np.array([one.answers for group in kept.values() for one in group], float)
    shares = np.concatenate([shares_of(name, group) for name, group in kept.items()])
    weights = np.zeros(rows.shape[1])
    for _ in range(40):
        chances = 1 / (1 + np.exp(-rows @ weights))
        gradient = rows.T @ (shares * (labels - chances)) - RIDGE * weights
        curvature = (rows * (shares * chances * (1 - chances))[:, None]).T @ rows + RIDGE * np.eye(len(weights))
        weights += np.linalg.solve(curvature, gradient)
    return weights


def shares_of(name: str, group: Sequence[Trial]) -> np.ndarray:
    """Return how much each trial of a group counts."""
    answered = np.array([one.answers for one in group])
    if not name.startswith(("news", "natural", "names", "turns")) or answered.all() or not answered.any():
        return np.full(len(group), weight_of(name) * 1000 / len(group))
    shares = np.where(answered, (1 - UNANSWERED) / answered.sum(), UNANSWERED / (~answered).sum())
    return weight_of(name) * 1000 * shares


def weight_of(name: str) -> float:
    return next((weight for beginning, weight in WEIGHTS.items() if name.startswith(beginning)), 1.0)


def is_within(one: Trial) -> bool:
    return bool(one.features[FEATURES.index("own_language")])


def cross_fitted(found: Trials) -> Iterator[str]:
    """Yield a row for each group: what is wrong with weights fitted on other quarters."""
    fitted = {}
    for held in range(QUARTERS):
        for within, names in ((True, WITHIN), (False, BETWEEN)):
            others = {
                name: [one for one in group if one.fold != held and is_within(one) == within]
                for name, group in found.items()
            }
            fitted[held, within] = fit(others, names)
    for name, group in found.items():
        refused = np.array(
            [
                (rows_of([one], WITHIN if is_within(one) else BETWEEN) @ fitted[one.fold, is_within(one)])[0] < 0
                for one in group
            ]
        )
        answers = np.array([one.answers for one in group])
        wrongly_refused = f"{refused[answers].mean():.3f}" if answers.any() else ""
        wrongly_answered = f"{1 - refused[~answers].mean():.3f}" if (~answers).any() else ""
        yield f"| {name} | {len(group)} | {wrongly_refused} | {wrongly_answered} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=400, help="of each set, for each size of library")
    parser.add_argument("--everyday", type=int, default=12, help="everyday questions of each language")
    arguments = parser.parse_args()
    found = trials(arguments.questions, arguments.everyday)
    print("| questions, library | trials | answerable, refused | others, answered |\n| --- | --- | --- | --- |")
    for row in cross_fitted(found):
        print(row)
    for within, names in ((True, WITHIN), (False, BETWEEN)):
        groups = {name: [one for one in group if is_within(one) == within] for name, group in found.items()}
        print(dict(zip((*names, "bias"), fit(groups, names).round(3).tolist(), strict=True)))


if __name__ == "__main__":
    main()
