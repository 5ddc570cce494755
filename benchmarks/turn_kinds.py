"""Fits the classifier that tells what a turn wants, and measures it.

It is fitted on `assistant/answering/turns/examples.json` (18 languages), and on half of some public sets' questions and
on keyword queries, of which it only learns that they are to be searched for. The tables give, for languages that it was
not fitted on, how many turns of each kind are told; and, for the other half of the questions, for further sets and for
keyword queries about other articles, how many are not searched for, and how many are taken for each kind that is.
Everyday Tatoeba questions include some small talk, so their share is no error rate.

    python benchmarks/turn_kinds.py           # measure the shipped classifier
    python benchmarks/turn_kinds.py --fit     # fit it anew and write it
"""

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from natural_articles import natural_articles
from scipy.optimize import minimize

from assistant.answering.turns.kinds import (
    LONGEST,
    SEARCHED,
    WEIGHTS,
    TurnClassifier,
    TurnKind,
    load_classifier,
    read_examples,
    read_requests,
)
from assistant.answering.turns.subject import SUBJECT_WEIGHTS, SubjectFinder, load_subject_finder
from assistant.embedding.encoder import Encoder, Matrix
from assistant.embedding.language_statistics import load_statistics
from assistant.embedding.loading import load_encoder
from assistant.embedding.token_codec import load_codec
from assistant.language.identify import identify_language
from assistant.language.scripts import is_unspaced
from assistant.language.words import WORD
from assistant.retrieval.language_centring import LanguageCentring
from assistant.settings import load_settings

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
OTHER_LANGUAGES = ROOT / "tests" / "answering" / "turns" / "other_languages.json"
PENALTY = 3e-5
"""On the squared weights."""
QUESTIONS_SHARE = 0.5
"""What all real questions together weigh beside all examples. Without them 2 % of XQuAD's are not searched for."""
KEYWORDS_SHARE = 0.1
"""What all keyword queries together weigh. Without them a third are taken for greetings, thanks and the like."""
KEYWORD_QUERIES = 2000
SUBJECT_PENALTY = 1e-4
GROUPS = {
    "library": (TurnKind.LIBRARY, TurnKind.NEWS),
    "greeting or thanks": (TurnKind.GREETING, TurnKind.THANKS, TurnKind.FAREWELL, TurnKind.ACKNOWLEDGEMENT),
    "correction": (TurnKind.DOUBT, TurnKind.SHORTER, TurnKind.LONGER, TurnKind.TRANSLATION),
}
"""Kinds that are answered alike: taking one for the other costs little."""


def manners(encoder: Encoder, finder: SubjectFinder, texts: Sequence[str]) -> Matrix:
    """Return how the texts are worded, shape `(texts, dimension)`."""
    centring = LanguageCentring(load_statistics(encoder.name, encoder.dimension), load_codec(encoder))
    rows = []
    for start in range(0, len(texts), 64):
        batch = texts[start : start + 64]
        for text, encoding in zip(batch, encoder.encode_questions(batch), strict=True):
            language = identify_language(text)
            subject = finder.probabilities(centring.token_vectors(encoding, language))
            rows.append(centring.manner(encoding, language, subject))
    return np.stack(rows)


def fit(model: str, examples: Matrix, kinds: Sequence[TurnKind], questions: Matrix, keywords: Matrix) -> TurnClassifier:
    """Fit a multinomial logistic regression in which all kinds count alike.

    Args:
        model: Name of the embedding model.
        examples: How the examples are worded, shape `(examples, dimension)`.
        kinds: The kind of each.
        questions: How real questions are worded, shape `(questions, dimension)`, each of a kind that is searched for.
        keywords: The same of keyword queries.
    """
    names = tuple(TurnKind)
    truth = np.eye(len(names))[[names.index(kind) for kind in kinds]]
    shares = np.concatenate(
        (
            truth @ (1 / (len(names) * truth.sum(axis=0))),
            np.full(len(questions), QUESTIONS_SHARE / len(questions)),
            np.full(len(keywords), KEYWORDS_SHARE / len(keywords)),
        )
    )
    searched = np.array([kind in SEARCHED for kind in names], float)
    allowed = np.concatenate((truth, np.tile(searched, (len(questions) + len(keywords), 1))))
    vectors = np.concatenate((examples, questions, keywords))
    dimension, size = vectors.shape[1], len(names) * vectors.shape[1]

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        weights, biases = values[:size].reshape(len(names), dimension), values[size:]
        probabilities = TurnClassifier(model, names, weights, biases).probabilities(vectors)
        right = probabilities * allowed
        likely = right.sum(axis=1) + 1e-12
        wrong = (probabilities - right / likely[:, None]) * shares[:, None]
        entropy = -shares @ np.log(likely)
        gradient = np.concatenate(((wrong.T @ vectors + PENALTY * weights).ravel(), wrong.sum(axis=0)))
        return entropy + PENALTY * (weights**2).sum() / 2, gradient

    found = minimize(loss, np.zeros(size + len(names)), jac=True, method="L-BFGS-B", options={"maxiter": 500}).x
    weights, biases = found[:size].reshape(len(names), dimension), found[size:]
    return TurnClassifier(model, names, weights.astype(np.float32), biases.astype(np.float32))


def fit_subjects(encoder: Encoder) -> SubjectFinder:
    """Fit a logistic regression that tells the tokens of a request's subject from the others; both count alike."""
    centring = LanguageCentring(load_statistics(encoder.name, encoder.dimension), load_codec(encoder))
    requests = read_requests()
    vectors, subject = [], []
    for start in range(0, len(requests), 64):
        batch = requests[start : start + 64]
        encodings = encoder.encode_questions([text for text, _ in batch])
        for (text, places), encoding in zip(batch, encodings, strict=True):
            holds = encoding.offsets[:, 1] > encoding.offsets[:, 0]
            vectors.append(centring.token_vectors(encoding, identify_language(text))[holds])
            subject += [any(a < place.end and b > place.start for place in places) for a, b in encoding.offsets[holds]]
    tokens, truth = np.concatenate(vectors), np.array(subject, float)
    shares = np.where(truth == 1, 0.5 / truth.sum(), 0.5 / (1 - truth).sum())

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        scores = tokens @ values[:-1] + values[-1]
        wrong = (1 / (1 + np.exp(-scores)) - truth) * shares
        entropy = shares @ np.logaddexp(0, np.where(truth == 1, -scores, scores))
        gradient = np.concatenate((tokens.T @ wrong + SUBJECT_PENALTY * values[:-1], [wrong.sum()]))
        return entropy + SUBJECT_PENALTY * (values[:-1] ** 2).sum() / 2, gradient

    found = minimize(loss, np.zeros(tokens.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 500}).x
    return SubjectFinder(encoder.name, found[:-1].astype(np.float32), float(found[-1]))


def halved_questions() -> dict[str, list[str]]:
    """Return questions that the articles of some set are asked: every other is for fitting, the rest for measuring."""
    sets: dict[str, list[str]] = {}
    for name in ("xquad.en", "xquad.ar", "arcd-train"):
        data = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))["data"]
        sets[name] = [qa["question"] for one in data for part in one["paragraphs"] for qa in part["qas"]]
    tuning = ROOT / "evals" / "news" / "tuning"
    files = [file for file in sorted(tuning.glob("*.jsonl")) if file.stem != "after_an_answer"]
    sets["evals/news/tuning"] = [json.loads(line)["question"] for file in files for line in lines(file)]
    return sets


def keyword_queries(*, left_out: bool) -> list[str]:
    """Return one to three words beside each other of each article's title, half of them in small letters.

    Of all such places in a title that is taken whose first and last word are longest; words between function words are
    no query. In scripts without spaces it is any two to six characters.

    Args:
        left_out: Of the articles of `evals/qa_training` that nothing is fitted on, instead of the others.
    """
    drawn = random.Random(1)
    articles = [one.article for one in natural_articles(left_out=left_out)]
    drawn.shuffle(articles)
    queries = []
    for article in articles[:KEYWORD_QUERIES]:
        if is_unspaced(article.language):
            length = drawn.choice((2, 3, 4, 6))
            start = drawn.randrange(max(1, len(article.title) - length))
            queries.append(article.title[start : start + length])
            continue
        words = WORD.findall(article.title)
        length = min(drawn.choice((1, 2, 2, 3)), len(words))
        runs = [words[start : start + length] for start in range(len(words) - length + 1)]
        query = " ".join(max(runs, key=lambda run: (min(len(run[0]), len(run[-1])), drawn.random())))
        queries.append(query.lower() if drawn.random() < 0.5 else query)
    return queries


def further_questions() -> dict[str, list[str]]:
    """Return questions of sets that nothing is fitted on."""
    sets: dict[str, list[str]] = {}
    turns = [turn for line in lines(DATA / "mtrag" / "tasks.jsonl") for turn in json.loads(line)["turns"]]
    sets["mtrag"] = sorted({turn["text"] for turn in turns if turn["speaker"] == "user"})
    everyday = [line for file in sorted((DATA / "tatoeba").glob("*.txt")) for line in lines(file)]
    sets["tatoeba, questions"] = [line for line in everyday if line.rstrip().endswith(("?", "？", "؟"))][::3]
    sets["keyword queries"] = keyword_queries(left_out=True)
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
        questions = [text for texts in halved_questions().values() for text in texts[::2]]
        finder = fit_subjects(encoder)
        worded, asked, searched = (
            manners(encoder, finder, texts)
            for texts in ([text for *_, text in examples], questions, keyword_queries(left_out=False))
        )
        fitted = fit(encoder.name, worded, [kind for kind, *_ in examples], asked, searched)
        package = ROOT / "assistant" / "answering" / "turns"
        (package / WEIGHTS).write_bytes(fitted.to_bytes())
        (package / SUBJECT_WEIGHTS).write_bytes(finder.to_bytes())
    classifier = load_classifier(encoder.name, encoder.dimension)
    finder = load_subject_finder(encoder.name, encoder.dimension)
    if classifier is None or finder is None:
        raise SystemExit(f"The shipped classifier is not for {encoder.name}: fit it with --fit.")
    print("| kind, languages not fitted on | said | told | or one that is answered alike |\n| --- | --- | --- | --- |")
    everything: list[tuple[bool, bool]] = []
    for name, by_language in json.loads(OTHER_LANGUAGES.read_text(encoding="utf-8")).items():
        texts = [text for texts in by_language.values() for text in texts]
        kinds = [classifier.kind(vector) for vector in manners(encoder, finder, texts)]
        matches = [(kind == name, group(kind) == group(TurnKind(name))) for kind in kinds]
        everything += matches
        print(f"| {name} | {len(texts)} | {' | '.join(f'{share:.2f}' for share in np.mean(matches, axis=0))} |")
    print(f"| all | {len(everything)} | {' | '.join(f'{share:.3f}' for share in np.mean(everything, axis=0))} |")
    columns = sorted(SEARCHED)
    print(f"\n| questions | number | {' | '.join(columns)} | not searched for |\n| {'--- | ' * (len(columns) + 3)}")
    measured = {name: texts[1::2] for name, texts in halved_questions().items()} | further_questions()
    for name, texts in measured.items():
        kinds = [
            classifier.kind(vector, is_long=len(text) > LONGEST)
            for text, vector in zip(texts, manners(encoder, finder, texts), strict=True)
        ]
        shares = [f"{kinds.count(kind) / len(kinds):.3f}" for kind in columns]
        others = [f"{kind}: {text}" for text, kind in zip(texts, kinds, strict=True) if kind not in SEARCHED]
        missed = f"{len(others) / len(texts):.4f} ({'; '.join(others[:8])})"
        print(f"| {name} | {len(texts)} | {' | '.join([*shares, missed])} |", flush=True)


def group(kind: TurnKind) -> str:
    """Return the name of the kinds that are answered as this one is."""
    return next((name for name, kinds in GROUPS.items() if kind in kinds), str(kind))


if __name__ == "__main__":
    main()
