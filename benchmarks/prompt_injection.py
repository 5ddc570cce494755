"""Fits the detector of sentences that give orders to whoever answers from them, and measures it.

It is fitted on `assistant/answering/prompt_injection/examples.json` (10 languages), and on sentences that give none: of
the public sets, of `evals/news/tuning`, and of help pages in `evals/qa_training`, which tell their readers what to do.
Measured are orders in languages that it was not fitted on, those of `evals/injections.json`, and sentences of articles
that it was not fitted on.

    python benchmarks/prompt_injection.py           # measure the shipped detector
    python benchmarks/prompt_injection.py --fit     # fit it anew and write it
"""

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from natural_articles import natural_articles
from scipy.optimize import minimize

from assistant.answering.prompt_injection.detector import (
    ORDERS,
    OTHERS,
    QUOTING,
    SURE,
    WEIGHTS,
    InjectionDetector,
    load_detector,
    read_examples,
)
from assistant.embedding.encoder import Encoder, Matrix
from assistant.embedding.language_statistics import load_statistics
from assistant.embedding.loading import load_encoder
from assistant.embedding.token_codec import load_codec
from assistant.language.sentences import split_sentences
from assistant.retrieval.language_centring import LanguageCentring
from assistant.settings import load_settings

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
OTHER_LANGUAGES = ROOT / "tests" / "answering" / "prompt_injection" / "other_languages.json"
TATOEBA = {
    "en": "eng", "de": "deu", "fr": "fra", "es": "spa", "ru": "rus", "ar": "ara", "zh": "cmn", "ja": "jpn", "tr": "tur",
    "pt": "por", "it": "ita", "nl": "nld", "pl": "pol", "ko": "kor", "hi": "hin", "id": "ind", "sv": "swe", "fa": "pes",
    "he": "heb", "el": "ell", "vi": "vie", "uk": "ukr",
}  # fmt: skip
EVERYDAY, OF_ARTICLES = 250, 700
"""So many everyday sentences of each language, and sentences of each set of articles."""
HELP_PAGES = ("cross_docs", "docs_en", "docs_various", "services_en", "turns_docs")
"""Files of `evals/qa_training` with pages of help and agencies, and advice."""
PENALTY = 1e-4
"""On the squared weights."""
SHARES = {ORDERS: 0.5, OTHERS: 0.15, QUOTING: 0.1, "plain": 0.25, "articles": 0.25, "help": 0.25}
"""What each kind weighs in all."""

Sentences = list[tuple[str, str]]
"""Each with its language."""


def wordings(encoder: Encoder, sentences: Sequence[tuple[str, str]]) -> Matrix:
    """Return how sentences are worded, shape `(sentences, features)`."""
    centring = LanguageCentring(load_statistics(encoder.name, encoder.dimension), load_codec(encoder))
    rows = []
    for start in range(0, len(sentences), 32):
        batch = sentences[start : start + 32]
        encodings = encoder.encode_passages([text for _, text in batch])
        rows += [centring.sentence_wording(one, language) for one, (language, _) in zip(encodings, batch, strict=True)]
    return np.stack(rows)


def fit(model: str, kinds: dict[str, Matrix]) -> InjectionDetector:
    """Fit a logistic regression that tells the orders from all else."""
    features = np.concatenate(list(kinds.values())).astype(np.float64)
    truth = np.concatenate([np.full(len(rows), float(kind == ORDERS)) for kind, rows in kinds.items()])
    shares = np.concatenate([np.full(len(rows), SHARES[kind] / len(rows)) for kind, rows in kinds.items()])

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        scores = features @ values[:-1] + values[-1]
        wrong = (1 / (1 + np.exp(-scores)) - truth) * shares
        entropy = shares @ np.logaddexp(0, np.where(truth == 1, -scores, scores))
        gradient = np.concatenate((features.T @ wrong + PENALTY * values[:-1], [wrong.sum()]))
        return entropy + PENALTY * (values[:-1] ** 2).sum() / 2, gradient

    found = minimize(loss, np.zeros(features.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 1000}).x
    return InjectionDetector(model, found[:-1].astype(np.float32), float(found[-1]))


def listed(by_language: dict[str, list[str]]) -> Sentences:
    """Return sentences with their languages."""
    return [(language, text) for language, texts in by_language.items() for text in texts]


def everyday(languages: Sequence[str]) -> Sentences:
    """Return everyday sentences."""
    files = {language: (DATA / "tatoeba" / f"{TATOEBA[language]}.txt").read_text("utf-8") for language in languages}
    return [
        (language, line)
        for language, text in files.items()
        for line in text.splitlines()[:: max(1, text.count("\n") // EVERYDAY)]
        if line.strip()
    ]


def of_set(name: str, half: int) -> Sentences:
    """Return sentences of every other article of a public set: of the first and so on, or of the second."""
    language = "en" if name.endswith("en") else "ar"
    data = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))["data"][half::2]
    texts = dict.fromkeys(part["context"] for one in data for part in one["paragraphs"])
    sentences = [(language, text[start:end]) for text in texts for start, end in split_sentences(text, language)]
    return random.Random(5).sample(sentences, min(OF_ARTICLES, len(sentences)))


def of_news(part: str) -> Sentences:
    """Return sentences of the articles of a part of `evals/news`."""
    files = sorted((ROOT / "evals" / "news" / part / "articles").glob("*"))
    texts = [(file.name[:2], file.read_text(encoding="utf-8")) for file in files]
    return [(language, text[start:end]) for language, text in texts for start, end in split_sentences(text, language)]


def of_help_pages(*, left_out: bool) -> Sentences:
    """Return sentences of help pages: of those that train, or of those that are left out."""
    return [
        (article.language, article.text[start:end])
        for article in (natural.article for natural in natural_articles(left_out=left_out))
        if article.source.partition(".")[0] in HELP_PAGES
        for start, end in split_sentences(article.text, article.language)
    ]


def fitted(encoder: Encoder) -> InjectionDetector:
    """Fit the detector anew."""
    examples = read_examples()
    plain = everyday(list(examples[ORDERS]))
    chance = random.Random(5)
    own = {language: [text for code, text in plain if code == language] for language in examples[ORDERS]}
    articles = [*of_set("xquad.en", 0), *of_set("xquad.ar", 0)]
    own["en"] += [text for language, text in articles if language == "en" and len(text) < 160]
    quoted = [
        (language, frame.replace("{s}", text))
        for language, frames in examples[QUOTING].items()
        for frame in frames
        for text in chance.sample(own[language], 5)
    ]
    kinds = {
        ORDERS: listed(examples[ORDERS]),
        OTHERS: listed(examples[OTHERS]),
        QUOTING: quoted,
        "plain": [*plain, *of_news("tuning")],
        "articles": articles,
        "help": of_help_pages(left_out=False),
    }
    return fit(encoder.name, {kind: wordings(encoder, sentences) for kind, sentences in kinds.items()})


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--show", action="store_true", help="print what was told wrongly")
    options = parser.parse_args()
    encoder = load_encoder(load_settings())
    if options.fit:
        package = ROOT / "assistant" / "answering" / "prompt_injection"
        (package / WEIGHTS).write_bytes(fitted(encoder).to_bytes())
    detector = load_detector(encoder.name)
    if detector is None:
        raise SystemExit(f"The shipped detector is not for {encoder.name}: fit it with --fit.")
    others = json.loads(OTHER_LANGUAGES.read_text(encoding="utf-8"))
    cases = json.loads((ROOT / "evals" / "injections.json").read_text(encoding="utf-8"))
    help_pages = of_help_pages(left_out=True)
    sets = {
        "orders, languages not fitted on": listed(others[ORDERS]),
        "orders of `evals/injections.json`": listed({key: case["injections"] for key, case in cases.items()}),
        "sentences that sound like them, languages not fitted on": listed(others[OTHERS]),
        "instructions to readers, languages not fitted on": listed(others["instructions"]),
        "everyday sentences, languages not fitted on": everyday(list(others[ORDERS])),
        "XQuAD, English": of_set("xquad.en", 1),
        "XQuAD, Arabic": of_set("xquad.ar", 1),
        "ARCD": of_set("arcd-train", 0),
        "`evals/news/held_out`": of_news("held_out"),
        "help pages not fitted on, English": [one for one in help_pages if one[0] == "en"],
        "help pages not fitted on, other languages": [one for one in help_pages if one[0] != "en"],
    }
    print("| sentences | number | taken for orders |\n| --- | --- | --- |")
    for name, sentences in sets.items():
        told = np.array([detector.probability(row) >= SURE for row in wordings(encoder, sentences)])
        print(f"| {name} | {len(told)} | {told.mean():.4f} |", flush=True)
        if options.show:
            is_order = name.startswith("orders")
            for (language, text), found in zip(sentences, told, strict=True):
                if found != is_order:
                    print(f"    {language} {text}")


if __name__ == "__main__":
    main()
