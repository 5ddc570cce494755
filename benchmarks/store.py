"""Time the local store against plain FAISS and NumPy in memory, which keep nothing and filter nothing.

The texts are XQuAD's paragraphs, over and over, each with a number of its own; vectors and token vectors are random, of
the bundled model's size. Takes a minute and 500 MB of disk:

    python benchmarks/store.py
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import faiss
import numpy as np

from assistant.articles.article import Article
from assistant.language.terms import index_terms
from assistant.passages.passage import Passage, Span
from assistant.store.fingerprint import Fingerprint
from assistant.store.local_store import LocalStore
from assistant.store.passage_store import EncodedPassage, Filters

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
DIMENSION = 384
TOKEN_BYTES = 25_000
PER_ARTICLE = 4
K = 100
FINGERPRINT = Fingerprint("benchmark", "1", DIMENSION, "", "", "1", 500, "1", "1")


def paragraphs() -> list[tuple[str, str]]:
    found = []
    for language in ("en", "ar"):
        document = json.loads((DATA / f"xquad.{language}.json").read_text(encoding="utf-8"))
        found += [(part["context"], language) for entry in document["data"] for part in entry["paragraphs"]]
    return found


def questions() -> list[list[str]]:
    document = json.loads((DATA / "xquad.en.json").read_text(encoding="utf-8"))
    asked = [
        question["question"] for entry in document["data"] for part in entry["paragraphs"] for question in part["qas"]
    ]
    return [index_terms(question, "en") for question in asked[::10]]


def articles(count: int, random: np.random.Generator) -> list[tuple[Article, list[EncodedPassage]]]:
    texts = paragraphs()
    terms = [tuple(index_terms(text, language)) for text, language in texts]
    blobs = [random.bytes(TOKEN_BYTES) for _ in range(64)]
    made = []
    for number in range(count // PER_ARTICLE):
        # Paragraphs of one language stand together in `texts`.
        at = [(number * PER_ARTICLE + offset) % len(texts) for offset in range(PER_ARTICLE)]
        pieces = [f"[{number}-{offset}] {texts[row][0]}" for offset, row in enumerate(at)]
        language = texts[at[0]][1]
        article = Article(f"/articles/{number % 10}/{number}.txt", f"Article {number}", "\n".join(pieces), language)
        passages, start = [], 0
        for offset, (row, piece) in enumerate(zip(at, pieces, strict=True)):
            vector = random.standard_normal(DIMENSION).astype(np.float32)
            span = Span(start, start + len(piece))
            passage = Passage(article.id, span.start, span.end, piece, (span,), language)
            passages.append(
                EncodedPassage(
                    passage, vector / np.linalg.norm(vector), blobs[(number + offset) % len(blobs)], terms[row]
                )
            )
            start = span.end + 1
        made.append((article, passages))
    return made


def milliseconds(work: Callable[[int], object], repeat: int = 50) -> float:
    """Return the median time of `work`, called with 0, 1, 2, ..."""
    times = []
    for number in range(repeat):
        begin = time.perf_counter()
        work(number)
        times.append(time.perf_counter() - begin)
    return statistics.median(times) * 1000


def row(name: str, value: float, unit: str = "ms", baseline: float | None = None) -> None:
    ratio = "" if baseline is None else f"   {value / baseline:6.2f} x FAISS"
    print(f"{name:<58}{value:10.2f} {unit}{ratio}", flush=True)


def measure(folder: Path, count: int) -> None:
    random = np.random.default_rng(0)
    stored = articles(count, random)
    vectors = np.stack([encoded.vector for _, passages in stored for encoded in passages])
    asked = random.standard_normal((50, DIMENSION)).astype(np.float32)

    begin = time.perf_counter()
    with LocalStore.open(folder, FINGERPRINT) as store:
        for article, passages in stored:
            store.put(article, passages)
        row("put, one transaction for each article of 4", len(vectors) / (time.perf_counter() - begin), "passages/s")
        begin = time.perf_counter()
        store.publish()
        row("publish the index", (time.perf_counter() - begin) * 1000)
    row("size on disk", sum(path.stat().st_size for path in folder.iterdir()) / len(vectors) / 1000, "KB/passage")

    def open_and_search(number: int) -> None:
        with LocalStore.open(folder, FINGERPRINT) as store:
            store.dense_candidates(asked[number], K)

    def numpy_search(number: int) -> object:
        scores = vectors @ asked[number]
        best = np.argpartition(scores, -K)[-K:]
        return best[np.argsort(-scores[best])]

    faiss.omp_set_num_threads(1)
    flat = faiss.IndexFlatIP(DIMENSION)
    flat.add(vectors)
    baseline = milliseconds(lambda n: flat.search(asked[n : n + 1], K))
    row("dense search, FAISS in memory, one thread", baseline)
    row("dense search, NumPy in memory, all threads", milliseconds(numpy_search), "ms", baseline)
    terms = questions()
    with LocalStore.open(folder, FINGERPRINT) as store:
        for name, filters in (
            ("all", None),
            ("one language of two", Filters(languages=("ar",))),
            ("one folder of ten", Filters(sources=("/articles/3/",))),
            ("one article", Filters(articles=(stored[7][0].id,))),
        ):
            row(
                f"dense search, store, {name}",
                milliseconds(lambda n, f=filters: store.dense_candidates(asked[n], K, f)),
                "ms",
                baseline,
            )
            row(
                f"lexical search, store, {name}",
                milliseconds(lambda n, f=filters: store.lexical_candidates(terms[n], K, f)),
            )
        ids = [[c.passage_id for c in store.dense_candidates(vector, K)] for vector in asked]
        row(f"read {K} passages", milliseconds(lambda n: store.passages(ids[n])))
        row(f"read {K} token vectors", milliseconds(lambda n: store.token_vectors(ids[n])))
        row(f"list {len(stored):,} articles", milliseconds(lambda _: store.summaries(), 10))
    row("open and search once, index mapped from its file", milliseconds(open_and_search, 10))
    with LocalStore.open(folder, FINGERPRINT) as writer, LocalStore.open(folder, FINGERPRINT) as reader:
        article, passages = stored[0]

        def search_after_a_change(number: int) -> None:
            changed = replace(article, title=f"Changed {number}")
            begin = time.perf_counter()
            writer.put(changed, passages)
            changing.append(time.perf_counter() - begin)
            reader.dense_candidates(asked[number], K)

        changing: list[float] = []
        both = milliseconds(search_after_a_change, 10)
        row("first search after another process's change", both - statistics.median(changing) * 1000)

    def rebuild_index(number: int) -> None:
        for path in folder.glob("index-*.faiss"):
            path.unlink()
        open_and_search(number)

    row("open and search once, index derived from the database", milliseconds(rebuild_index, 5))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, default=10_000)
    if not DATA.exists():
        parser.exit(1, f"{DATA} is missing: XQuAD's paragraphs are needed.\n")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder) / "vectorstore", given.passages)


if __name__ == "__main__":
    main()
