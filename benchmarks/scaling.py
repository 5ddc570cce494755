"""Work out what 1 M, 100 M and 10 G passages take, from figures that were measured on a small library.

python benchmarks/scaling.py              prints the tables of docs/scaling.md, from scaling.json beside this file
python benchmarks/scaling.py --measure    measures anew on XQuAD's paragraphs (a few minutes), and keeps the figures
python benchmarks/scaling.py --write      puts the tables into docs/scaling.md
"""

import argparse
import json
import math
import os
import platform
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from assistant import Assistant, observability

HERE = Path(__file__).resolve().parent
DATA = HERE.parent.parent / "shared" / "data"
FIGURES = HERE / "scaling.json"
DOCUMENT = HERE.parent / "docs" / "scaling.md"
SIZES = {"1 M": 10**6, "100 M": 10**8, "10 G": 10**10}
QUESTIONS = 100
DIMENSION = 384

# What is assumed, and not measured. The document says so.
MACHINE_GIB = 64
MACHINE_CORES = 16
USED = 0.7
CORE_HOUR_DOLLARS = 0.04
TOKENS_FETCHED = 40
FANOUT_MS = 5.0
QUESTIONS_A_SECOND = 20

INDEXES = {
    # Bytes a passage: the vector, and what the index adds to it.
    "flat, 32 bits (FAISS here, exact)": DIMENSION * 4 + 8,
    "HNSW, 32 bits, 16 links": DIMENSION * 4 + 16 * 2 * 4 + 8,
    "HNSW, 16 bits, 16 links (pgvector's halfvec)": DIMENSION * 2 + 16 * 2 * 6 + 8,
    "IVF-PQ, 64 bytes": 64 + 8 + 4,
}
"""Which index holds what in memory."""


# -- Measuring

CLOCK = time.perf_counter
ELSEWHERE = ("read",)
"""Stages in a process of their own, whose processor time is not this one's."""


class TimedStage(observability.Stage):
    """A stage whose time goes to a list."""

    def __init__(self, seconds: list[float], clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._started = clock()

    def end(self, failure: type[BaseException] | None = None) -> None:
        del failure
        self._seconds.append(self._clock() - self._started)


class Times:
    """A recorder for `assistant.observability` that keeps how long each stage took."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.passages = 0

    def begin(self, name: str, attributes: dict[str, Any]) -> observability.Stage:
        del attributes
        return TimedStage(self.seconds[name], CLOCK if name in ELSEWHERE else time.process_time)

    def count(self, name: str, amount: int, attributes: dict[str, Any]) -> None:
        del attributes
        if name == "assistant.passages.encoded":
            self.passages += amount

    def record(self, name: str, seconds: float, attributes: dict[str, Any]) -> None:
        self.seconds[str(attributes.get("stage", name))].append(seconds)

    def watch(self, name: str, read: Callable[[], float | None]) -> None:
        pass

    def flush(self) -> None:
        pass


def measure() -> dict[str, Any]:
    """Put XQuAD's paragraphs into a store, ask its questions, and return what that took."""
    faiss.omp_set_num_threads(1)
    # All is measured in the processor's time, so that other work on the machine does not count.
    time.perf_counter = time.process_time
    times = Times()
    observability._recorder = times  # noqa: SLF001 - as `start` would, without a collector
    with tempfile.TemporaryDirectory() as folder:
        articles, store = Path(folder) / "articles", Path(folder) / "store"
        articles.mkdir()
        asked = []
        for language in ("en", "ar"):
            document = json.loads((DATA / f"xquad.{language}.json").read_text(encoding="utf-8"))
            parts = [part for entry in document["data"] for part in entry["paragraphs"]]
            for number, part in enumerate(parts):
                (articles / f"{language}-{number}.txt").write_text(part["context"], encoding="utf-8")
            asked += [part["qas"][0]["question"] for part in parts][: QUESTIONS // 2]
        with Assistant(store, chat_model="extractive", threads=1) as assistant:
            assistant.create()
            assistant.sync([articles])
            ingest_seconds = {name: sum(times.seconds[name]) for name in ("chunk", "encode_passages", "store")}
            # By the clock: the median, because other work delays some.
            reading = statistics.median(times.seconds["read"]) * len(times.seconds["read"])
            ingest_seconds = {"read": reading, **ingest_seconds}
            passages = times.passages
            assistant.ask(asked[0])
            times.seconds.clear()
            for question in asked:
                assistant.ask(question)
            question_ms = {
                name: statistics.median(times.seconds[name]) * 1000
                for name in ("encode_question", "rank", "search", "assistant.question.duration")
            }
            nearest = zip(times.seconds["dense"], times.seconds["siblings"], strict=True)
            question_ms["candidates"] = statistics.median(map(sum, nearest)) * 1000
        return {
            "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
            "passages": passages,
            "ingest_ms": {name: seconds * 1000 / passages for name, seconds in ingest_seconds.items()},
            "question_ms": question_ms,
            "question_mean_ms": statistics.mean(times.seconds["assistant.question.duration"]) * 1000,
            "bytes": stored_bytes(next(store.glob("*.sqlite")), passages),
            "flat_scan_ms_per_million": flat_scan(),
            "process_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }


def stored_bytes(database: Path, passages: int) -> dict[str, float]:
    """Return how many bytes a passage takes in the database, by kind."""
    kinds = {
        "text": ("texts", "articles"),
        "pooled vectors": ("vectors",),
        "token vectors": ("token_vectors",),
        "terms": ("passage_terms",),
    }
    with sqlite3.connect(database) as connection:
        pages = dict(connection.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name").fetchall())
    taken: dict[str, float] = {}
    for kind, tables in kinds.items():
        names = [name for name in pages if name in tables or name.startswith(tuple(f"{table}_" for table in tables))]
        if kind == "text":
            names = [name for name in names if name in tables]
        taken[kind] = sum(pages.pop(name) for name in names) / passages
    taken["sentences, sources and the rest"] = sum(pages.values()) / passages
    return taken


def flat_scan(count: int = 200_000) -> float:
    """Return the milliseconds of one core that an exact search takes for each million of passages."""
    faiss.omp_set_num_threads(1)
    random = np.random.default_rng(0)
    index = faiss.IndexFlatIP(DIMENSION)
    index.add(random.standard_normal((count, DIMENSION), dtype=np.float32))
    question = random.standard_normal((1, DIMENSION), dtype=np.float32)
    took = []
    for _ in range(9):
        started = time.perf_counter()
        index.search(question, 64)
        took.append(time.perf_counter() - started)
    return statistics.median(took) * 1000 * 10**6 / count


# -- Working out


def figure(value: float) -> str:
    """Write a figure with two digits that count, as people read it."""
    if value == 0:
        return "0"
    digits = max(0, 1 - math.floor(math.log10(abs(value))))
    rounded = round(value, digits if value < 10 else -(math.floor(math.log10(abs(value))) - 1))
    return f"{rounded:,.{digits if value < 10 else 0}f}"


def size(count: float) -> str:
    """Write a number of bytes."""
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if count < 1000:
            return f"{figure(count)} {unit}"
        count /= 1000
    return f"{figure(count)} PB"


def duration(hours: float) -> str:
    """Write a time."""
    if hours < 48:
        return f"{figure(hours)} h"
    days = hours / 24
    return f"{figure(days)} days" if days < 730 else f"{figure(days / 365)} years"


def milliseconds(count: float) -> str:
    """Write a short time."""
    return f"{figure(count)} ms" if count < 10_000 else f"{figure(count / 1000)} s"


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines) + "\n"


def tables(figures: dict[str, Any]) -> dict[str, str]:
    """Return the tables of the document, by their names.

    Args:
        figures: What was measured.
    """
    sizes = list(SIZES.values())
    head = list(SIZES)
    a_passage = sum(figures["ingest_ms"].values()) / 3.6e6
    total = sum(figures["bytes"].values())
    usable = MACHINE_GIB * 2**30 * USED
    stages = [
        [
            name.replace("_", " "),
            milliseconds(took),
            *(duration(count * took / 3.6e6) for count in sizes),
        ]
        for name, took in figures["ingest_ms"].items()
    ]
    ingest = [
        *stages,
        ["all, on one core", f"{figure(a_passage * 3.6e6)} ms", *(duration(count * a_passage) for count in sizes)],
        [
            f"on one machine of {MACHINE_CORES} cores",
            "",
            *(duration(count * a_passage / MACHINE_CORES) for count in sizes),
        ],
        ["on 1,000 cores", "", *(duration(count * a_passage / 1000) for count in sizes)],
        [
            f"cost, at {CORE_HOUR_DOLLARS} $ an hour of a core",
            "",
            *(f"{figure(count * a_passage * CORE_HOUR_DOLLARS)} $" for count in sizes),
        ],
    ]
    kinds = [
        [kind, size(taken), *(size(taken * count) for count in sizes)]
        for kind, taken in sorted(figures["bytes"].items(), key=lambda item: -item[1])
    ]
    kinds.append(["all", size(total), *(size(total * count) for count in sizes)])
    memory = [
        [
            name,
            f"{taken:,}",
            *(f"{size(taken * count)}, {math.ceil(taken * count / usable):,}" for count in sizes),
        ]
        for name, taken in INDEXES.items()
    ]
    core_ms = figures["question_mean_ms"]
    scan = figures["flat_scan_ms_per_million"]
    # One shard of the 16-bit graph, on a machine as assumed: what each of them holds.
    shard = usable / INDEXES["HNSW, 16 bits, 16 links (pgvector's halfvec)"]
    machines = [math.ceil(count / shard) for count in sizes]
    fetched = TOKENS_FETCHED * figures["bytes"]["token vectors"]
    question = [
        [
            "exact search of pooled vectors, one core",
            *(milliseconds(scan * count / 10**6) for count in sizes),
        ],
        [
            f"the same on {', '.join(f'{one:,}' for one in machines)} machines, which hold the 16-bit graph",
            *(
                milliseconds(scan * count / 10**6 / one / MACHINE_CORES)
                for count, one in zip(sizes, machines, strict=True)
            ),
        ],
        ["token vectors fetched", *([size(fetched)] * len(sizes))],
        [
            f"token vectors a second, at {QUESTIONS_A_SECOND} questions a second",
            *([size(fetched * QUESTIONS_A_SECOND)] * len(sizes)),
        ],
        [
            f"page processes' cores, at {QUESTIONS_A_SECOND} questions a second",
            *([figure(math.ceil(core_ms * QUESTIONS_A_SECOND / 1000 / USED * 10) / 10)] * len(sizes)),
        ],
    ]
    took = figures["question_ms"]
    budget = [
        ["encode the question", f"{figure(took['encode_question'])} ms", "measured"],
        [
            "candidates, local store",
            f"{figure(took['candidates'])} ms",
            f"measured at {figures['passages']:,} passages",
        ],
        ["late interaction and ranking", f"{figure(took['rank'])} ms", "measured"],
        [
            "an extractive answer as a whole",
            f"{figure(took['assistant.question.duration'])} ms",
            "measured; some questions are searched twice",
        ],
        ["the way to a shard and back", f"{figure(FANOUT_MS)} ms", "assumed"],
    ]
    return {
        "ingest": table(["ingest", "a passage", *head], ingest),
        "bytes": table(["kept", "a passage", *head], kinds),
        "memory": table(["index", "bytes a passage", *(f"{one}: memory, machines" for one in head)], memory),
        "question": table(["a question", *head], question),
        "budget": table(["step", "time", ""], budget),
    }


def filled(document: str, made: dict[str, str]) -> str:
    """Return a document with its tables in their places, which are marked by comments."""
    for name, text in made.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        before, _, rest = document.partition(begin)
        _, _, after = rest.partition(end)
        if not rest or not after:
            raise ValueError(f"the document has no place for the table {name}")
        document = f"{before}{begin}\n{text}\n{end}{after}"
    return document


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measure", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if options.measure:
        FIGURES.write_text(json.dumps(measure(), indent=2) + "\n", encoding="utf-8")
    made = tables(json.loads(FIGURES.read_text(encoding="utf-8")))
    if options.write:
        DOCUMENT.write_text(filled(DOCUMENT.read_text(encoding="utf-8"), made), encoding="utf-8")
    else:
        for text in made.values():
            sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
