"""How a store grows from a thousand to a million passages: a search, opening, memory, changes, and what is missed.

The vectors are those of XQuAD's paragraphs and sentences and of sentences in thirty other languages, each repeated, and
moved by a part of the difference of two others, so that they spread as texts do. Each search is for a question of
XQuAD, as retrieval asks the store; what is missed is told beside comparing all passages. The database beside the index
holds articles of ten passages, nine in English to one in Arabic, without their texts, token vectors and terms, on which
these figures do not depend. Processor time is given beside time, which other work on the machine lengthens.

A million passages take ten minutes on two quiet cores, 5 GB of memory and 5 GB of disk; encoding, the first time, two
more:

    python benchmarks/growth.py --json benchmarks/growth.json --plot docs/images/growth.svg
    python benchmarks/growth.py --most 100000                 # a minute
    python benchmarks/growth.py --check benchmarks/growth.json
"""

import argparse
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np

from assistant.embedding.encoder import Matrix
from assistant.embedding.language_statistics import load_statistics
from assistant.embedding.loading import load_encoder
from assistant.embedding.token_codec import load_codec
from assistant.evaluation.squad import read_squad
from assistant.retrieval.language_centring import LanguageCentring
from assistant.settings import load_settings
from assistant.store import queries
from assistant.store.faiss_index import DenseIndex
from assistant.store.fingerprint import Fingerprint
from assistant.store.local_store import LocalStore
from assistant.store.opening import DATABASE_NAME
from assistant.store.passage_store import Filters
from assistant.store.selection import Ids

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SIZES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
MOVED = 0.35
"""With so much of a difference, the similarities to a question fall off by rank as among the real vectors."""
K = 10
CANDIDATES = 32
FOREIGN = 60
"""Sentences of each language of Tatoeba."""
LARGEST_LOSS = 0.01
WHOLE = 100
"""From here on, figures are shown without a fraction."""
PER_ARTICLE = 10
FILTERS = {
    "nine_tenths": Filters(languages=("en",)),
    "a_tenth": Filters(languages=("ar",)),
    "one_article": Filters(articles=("article-7",)),
}


def texts() -> list[str]:
    """Return XQuAD's paragraphs and their sentences, and sentences in other languages."""
    found = []
    for language in ("en", "ar"):
        document = json.loads((DATA / f"xquad-r.{language}.json").read_text(encoding="utf-8"))
        for part in (part for entry in document["data"] for part in entry["paragraphs"]):
            found.append(part["context"])
            found += [part["context"][first:last] for first, last in part["sentence_breaks"]]
    for file in sorted((DATA / "tatoeba").glob("*.txt")):
        found += file.read_text(encoding="utf-8").splitlines()[:FOREIGN]
    return list(dict.fromkeys(filter(str.strip, found)))


def encode(kept: Path) -> tuple[Matrix, Matrix]:
    """Return the vectors of texts and of questions, from a file where they lie there."""
    if kept.exists():
        with np.load(kept) as arrays:
            return arrays["passages"], arrays["questions"]
    settings = load_settings()
    encoder = load_encoder(settings)
    centring = LanguageCentring(load_statistics(encoder.name, encoder.dimension), load_codec(encoder))
    passages = np.stack([one.pooled for one in encoder.encode_passages(texts())])
    questions = []
    for language in ("en", "ar"):
        asked = [question.text for question in read_squad(DATA / f"xquad.{language}.json").questions]
        questions += [centring.neutral(one.pooled, language) for one in encoder.encode_questions(asked)]
    kept.parent.mkdir(parents=True, exist_ok=True)
    np.savez(kept, passages=passages, questions=np.stack(questions))
    return passages, np.stack(questions)


def moved(real: Matrix, count: int) -> Callable[[Ids], Matrix]:
    """Return what gives the vectors of so many passages, always the same for each."""
    random = np.random.default_rng(0)
    others = random.integers(0, len(real), (2, count))

    def fetch(ids: Ids) -> Matrix:
        vectors = real[ids % len(real)] + MOVED * (real[others[0, ids]] - real[others[1, ids]])
        found: Matrix = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
        return found

    return fetch


def nearest(fetch: Callable[[Ids], Matrix], count: int, questions: Matrix, k: int) -> Ids:
    """Return the `k` nearest passages to each question, every passage compared, shape `(questions, k)`."""
    best = np.full((len(questions), k), -np.inf, np.float32)
    rows = np.zeros((len(questions), k), np.int64)
    for start in range(1, count + 1, 20_000):
        ids = np.arange(start, min(start + 20_000, count + 1))
        scores = np.concatenate([best, questions @ fetch(ids).T], axis=1)
        numbers = np.concatenate([rows, np.broadcast_to(ids, (len(questions), len(ids)))], axis=1)
        order = np.argpartition(-scores, k, axis=1)[:, :k]
        best, rows = np.take_along_axis(scores, order, 1), np.take_along_axis(numbers, order, 1)
    return np.take_along_axis(rows, np.argsort(-best, axis=1), 1)


def _seconds() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _memory() -> float:
    """Return how much of the memory this process holds that no file lies behind, in MB."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    fields = dict(line.split(":", 1) for line in status.read_text(encoding="ascii").splitlines())
    return int(fields["RssAnon"].split()[0]) / 1024


def _resident() -> float:
    fields = Path("/proc/self/statm").read_text(encoding="ascii").split() if Path("/proc/self/statm").exists() else None
    return int(fields[1]) * 4096 / 2**20 if fields else float("nan")


def fingerprint(dimension: int) -> Fingerprint:
    """Return the fingerprint of a store of such vectors."""
    return Fingerprint("benchmark", "1", dimension, "", "", "1", 500, "1", "1")


def fill(folder: Path, count: int, dimension: int) -> None:
    """Make a store with so many passages, numbered from 1, without what belongs to them."""
    LocalStore.open(folder, fingerprint(dimension)).close()
    articles = range(-(-count // PER_ARTICLE))
    with closing(sqlite3.connect(folder / DATABASE_NAME)) as connection, connection:
        connection.executemany(
            "INSERT INTO articles (id, title, language, characters, metadata) VALUES (?, ?, ?, 9000, '{}')",
            ((f"article-{one}", f"Title {one}", "ar" if one % 10 == 9 else "en") for one in articles),
        )
        connection.executemany(
            "INSERT INTO sources (source, article_id) VALUES (?, ?)",
            ((f"/articles/{one % 10}/{one}.txt", f"article-{one}") for one in articles),
        )
        connection.executemany(
            "INSERT INTO passages (article_id, start, end, sentences, language) VALUES (?, ?, ?, zeroblob(40), 'en')",
            (
                (f"article-{one // PER_ARTICLE}", one % PER_ARTICLE * 900, one % PER_ARTICLE * 900 + 899)
                for one in range(count)
            ),
        )


def ask(folder: Path, questions: Path) -> dict[str, float]:
    """Open a store in this process and search it for each question; return figures, and what was found in a file."""
    asked = np.load(questions)
    before = _resident()
    wall, processor = _seconds()
    store = LocalStore.open(folder, fingerprint(asked.shape[1]), create=False)
    store.dense_candidates(asked[0], CANDIDATES)
    opened, processed = _seconds()
    figures = {
        "opening_ms": (opened - wall) * 1000,
        "opening_processor_ms": (processed - processor) * 1000,
        "memory_before_mb": before,
        "memory_mb": _resident(),
    }
    found = [[one.passage_id for one in store.dense_candidates(vector, CANDIDATES)] for vector in asked]
    np.save(folder / "found.npy", np.array(found))
    # The second time is timed: the first reads the file.
    figures |= _timed("search", lambda vector: store.dense_candidates(vector, CANDIDATES), asked)
    figures |= {"memory_after_searches_mb": _resident(), "memory_without_files_mb": _memory()}
    for name, filters in FILTERS.items():
        store.dense_candidates(asked[0], CANDIDATES, filters)
        figures |= _timed(name, lambda vector, f=filters: store.dense_candidates(vector, CANDIDATES, f), asked[::8])
    removing, following, publishing = [], [], []
    for number in range(0, 6, 2):
        before = time.process_time()
        store.remove([f"article-{number}"])
        removed = time.process_time()
        store.dense_candidates(asked[0], CANDIDATES)
        followed = time.process_time()
        store.publish()
        removing.append(removed - before)
        following.append(followed - removed)
        publishing.append(time.process_time() - followed)
    for name, times in (("removing", removing), ("following", following), ("publishing", publishing)):
        figures[f"{name}_processor_ms"] = statistics.median(times) * 1000
    start = time.process_time()
    store.summaries(limit=100, offset=200)
    figures["listing_100_processor_ms"] = (time.process_time() - start) * 1000
    store.close()
    return figures


def _timed(name: str, work: Callable[[Matrix], object], asked: Matrix) -> dict[str, float]:
    walls, processors = [], []
    for vector in asked:
        wall, processor = _seconds()
        work(vector)
        ended, processed = _seconds()
        walls.append((ended - wall) * 1000)
        processors.append((processed - processor) * 1000)
    return {
        f"{name}{kind}_p{part}_ms": float(np.percentile(times, part))
        for kind, times in (("", walls), ("_processor", processors))
        for part in (50, 95)
    }


def measure(real: Matrix, questions: Matrix, count: int, place: Path) -> dict[str, float]:
    """Make an index of so many passages and return its figures."""
    # SQLite numbers passages from 1.
    fetch, ids = moved(real, count + 1), np.arange(1, count + 1)
    exact = nearest(fetch, count, questions, CANDIDATES)
    with tempfile.TemporaryDirectory(dir=place) as name:
        folder = Path(name)
        fill(folder, count, real.shape[1])
        with closing(sqlite3.connect(folder / DATABASE_NAME)) as connection:
            generation = queries.generation(connection)
        index = DenseIndex.build(generation, ids, fetch(ids))
        wall, processor = _seconds()
        if index.is_disordered():
            index = index.reorganised()
        built, processed = _seconds()
        index.save(folder)
        del index
        np.save(folder / "questions.npy", questions)
        command = [sys.executable, __file__, "--ask", str(folder)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        found = np.load(folder / "found.npy")
        size = sum(path.stat().st_size for path in folder.glob("index-*")) / 2**20
    missed = [
        [len(set(one[:k]) & set(two[:k])) / k for one, two in zip(found, exact, strict=True)] for k in (K, CANDIDATES)
    ]
    return {
        "passages": count,
        "recall_at_10": float(np.mean(missed[0])),
        "recall_at_32": float(np.mean(missed[1])),
        "ordering_s": built - wall,
        "ordering_processor_s": processed - processor,
        "file_mb": size,
        **json.loads(done.stdout),
    }


def table(rows: list[dict[str, float]]) -> str:
    """Return the figures as Markdown."""
    heads = {
        "passages": "passages",
        "search_p50_ms": "search p50, ms",
        "search_p95_ms": "p95, ms",
        "search_processor_p95_ms": "p95, processor ms",
        "nine_tenths_processor_p95_ms": "of nine tenths, p95, processor ms",
        "a_tenth_processor_p95_ms": "of a tenth",
        "one_article_processor_p95_ms": "of one article",
        "recall_at_10": "recall@10",
        "recall_at_32": "recall@32",
        "opening_processor_ms": "opening, processor ms",
        "memory_mb": "memory after opening, MB",
        "memory_without_files_mb": "of its own after searches, MB",
        "following_processor_ms": "following a removal, processor ms",
        "ordering_processor_s": "making lists, processor s",
    }
    cells = ([_shown(row[one]) for one in heads] for row in rows)
    lines = [list(heads.values()), ["---"] * len(heads), *cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _shown(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= WHOLE else f"{figure:.3f}" if figure <= 1 else f"{figure:.1f}"


def plot(rows: list[dict[str, float]], to: Path) -> None:
    """Draw the figures."""
    import matplotlib as mpl  # noqa: PLC0415 - in an extra

    mpl.use("svg")
    # The same figures give the same file.
    mpl.rcParams.update({"svg.hashsalt": "growth", "svg.fonttype": "none", "font.size": 9})
    import matplotlib.pyplot as plt  # noqa: PLC0415

    sizes = [row["passages"] for row in rows]
    figure, places = plt.subplots(1, 3, figsize=(10, 3), layout="constrained")
    for key, label in (
        ("search_p50_ms", "median"),
        ("search_p95_ms", "95 of 100"),
        ("search_processor_p95_ms", "95 of 100, processor"),
    ):
        places[0].plot(sizes, [row[key] for row in rows], marker="o", markersize=3, label=label)
    places[0].set_title("A search, ms")
    places[0].set_yscale("log")
    places[1].plot(sizes, [row["recall_at_10"] for row in rows], marker="o", markersize=3, label="of the nearest 10")
    places[1].plot(sizes, [row["recall_at_32"] for row in rows], marker="o", markersize=3, label="of the nearest 32")
    places[1].set_title("Found, beside comparing all")
    places[1].set_ylim(0.9, 1.005)
    places[2].plot(
        sizes, [row["memory_mb"] for row in rows], marker="o", markersize=3, label="memory after opening, MB"
    )
    places[2].plot(
        sizes, [row["opening_processor_ms"] for row in rows], marker="o", markersize=3, label="opening, processor ms"
    )
    places[2].set_title("Opening")
    for place in places:
        place.set_xscale("log")
        place.set_xlabel("passages")
        place.grid(alpha=0.3)
        place.legend(frameon=False)
    figure.savefig(to, metadata={"Date": None})


def fallen(rows: list[dict[str, float]], kept: list[dict[str, float]]) -> list[str]:
    """Return a line for each size at which more is missed than was kept."""
    before = {row["passages"]: row["recall_at_10"] for row in kept}
    return [
        f"{row['passages']:,} passages: recall@10 is {row['recall_at_10']:.3f} instead of {before[row['passages']]:.3f}"
        for row in rows
        if row["recall_at_10"] < before.get(row["passages"], 0) - LARGEST_LOSS
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=SIZES[-1], help="passages in the largest index")
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--kept", type=Path, metavar="FILE", help="where the real vectors are kept; else in the cache")
    parser.add_argument("--place", type=Path, help="a folder on the disk to measure")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures here")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw them here, as SVG")
    parser.add_argument("--check", type=Path, metavar="FILE", help="end with an error where more is missed than here")
    parser.add_argument("--ask", type=Path, metavar="FOLDER", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ask:
        print(json.dumps(ask(options.ask, options.ask / "questions.npy")))
        return
    real, questions = encode(options.kept or load_settings().cache / "growth-vectors.npz")
    questions = questions[:: max(1, len(questions) // options.questions)]
    rows = []
    for count in (size for size in SIZES if size <= options.most):
        rows.append(measure(real, questions, count, options.place))
        print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
        if options.json:
            options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print(table(rows))
    if options.plot:
        plot(rows, options.plot)
    if options.check and (lines := fallen(rows, json.loads(options.check.read_text(encoding="utf-8")))):
        sys.exit("\n".join(lines))


if __name__ == "__main__":
    main()
