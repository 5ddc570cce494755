"""What holds of the store in PostgreSQL alone: what is said of its faults, several processes, its index."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import postgres_server
import psycopg
import pytest

from assistant.articles.article import Section
from assistant.conversation.history import Conversations
from assistant.errors import SettingsError, StoreError, StoreMismatchError
from assistant.settings import DatabaseUrl, load_settings
from assistant.store.passage_store import Filters
from assistant.store.postgres import schema, vectors
from assistant.store.postgres.migrating import scripts
from assistant.store.postgres.postgres_store import PostgresStore, rewriting

SECRET = "s3cret-p4ss"


@pytest.fixture
def place(database):
    return database


@pytest.fixture
def administer(database):
    with psycopg.connect(database.get_secret_value(), autocommit=True) as connection:
        yield connection.execute


def refusal(url, fingerprint, create=True):
    with pytest.raises(StoreError) as caught:
        PostgresStore.open(DatabaseUrl(url), fingerprint, create=create)
    said = str(caught.value)
    assert "\n" not in said
    assert SECRET not in said
    return said


def test_the_program_knows_the_newest_migration():
    assert scripts().get_current_head() == schema.VERSION


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://mona:{SECRET}@@host/db",
        f"postgresql://mona:{SECRET}/x@host/db",
        f"postgresql://mona:{SECRET}:x@host/db",
        f"postgresql://mona:{SECRET}@host/db?nosuch=1",
        f"postgresql://mona:{SECRET}@host:port/db",
    ],
)
def test_a_malformed_address_is_refused_with_how_to_write_it(url, fingerprint):
    assert "is malformed: write postgresql://" in refusal(url, fingerprint)


def test_no_server_no_database_and_a_wrong_account_are_told_apart(postgres, fingerprint, administer):
    administer(f"DROP ROLE IF EXISTS guarded; CREATE ROLE guarded LOGIN PASSWORD '{SECRET}'")
    url = postgres.url()
    assert "cannot be reached" in refusal(f"postgresql://mona:{SECRET}@127.0.0.1:1/db", fingerprint)
    assert "start its server" in refusal(f"postgresql:///db?host={postgres.folder}/none&password={SECRET}", fingerprint)
    assert "make it with `createdb`" in refusal(postgres.url("nosuch"), fingerprint)
    wrong = url.replace("test@", "guarded:wrong@")
    assert "refuses the account (password authentication failed" in refusal(wrong, fingerprint)
    assert "PGPASSWORD" in refusal(url.replace("test@", "guarded@"), fingerprint)
    assert "refuses the account (role" in refusal(url.replace("test@", f"unknown:{SECRET}@"), fingerprint)


def test_a_server_without_pgvector_is_named(fingerprint):
    programs = postgres_server.plain_binaries()
    if programs is None:
        pytest.skip("needs Debian's package postgresql, without pgvector")
    with postgres_server.running(programs) as server:
        assert "has no pgvector: install it there" in refusal(server.url(), fingerprint)


def test_a_user_who_may_not_set_the_database_up_is_told_whom_to_ask(postgres, fingerprint, administer, database):
    administer("DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN")
    theirs = database.get_secret_value().replace("test@", "reader@")
    assert "let a superuser run CREATE EXTENSION vector" in refusal(theirs, fingerprint)
    administer("CREATE EXTENSION vector")
    assert "lacks a right (permission denied for database" in refusal(theirs, fingerprint)


def test_an_old_pgvector_is_refused(database, fingerprint, administer):
    administer("CREATE EXTENSION vector")
    administer("UPDATE pg_extension SET extversion = '0.7.4' WHERE extname = 'vector'")
    assert "has pgvector 0.7.4, and 0.8 is needed" in refusal(database.get_secret_value(), fingerprint)


def test_only_adding_makes_a_store(database, fingerprint):
    assert "There is no store in" in refusal(database.get_secret_value(), fingerprint, create=False)
    Conversations(database)
    assert "There is no store in" in refusal(database.get_secret_value(), fingerprint, create=False)
    PostgresStore.open(database, fingerprint).close()
    PostgresStore.open(database, fingerprint, create=False).close()


def test_tables_of_a_newer_program_are_left_alone(database, fingerprint, administer):
    PostgresStore.open(database, fingerprint).close()
    administer(f"UPDATE {schema.STORE}.{schema.VERSIONS} SET version_num = '9999'")
    assert "was set up by a newer version" in refusal(database.get_secret_value(), fingerprint)
    assert "was set up by a newer version" in refusal(database.get_secret_value(), fingerprint, create=False)


def test_a_database_that_is_not_utf_8_is_refused(postgres, fingerprint, administer):
    administer("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    try:
        assert "does not keep UTF-8" in refusal(postgres.url("latin"), fingerprint)
    finally:
        administer("DROP DATABASE latin")


def test_a_server_that_is_written_to_nowhere_says_so(store, put, database, administer):
    administer(
        f"ALTER DATABASE {database.get_secret_value().split('/')[3].split('?')[0]} SET default_transaction_read_only = on"
    )
    administer(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    assert store.summaries() == []
    # A transaction that asks for nothing is read-only there; this one asks to write.
    with pytest.raises(StoreError, match="cannot be written: name its primary server"):
        put("Text.")


def test_connections_that_broke_while_idle_are_made_anew(store, put, administer):
    article = put("Text.")
    for _ in range(2):
        administer(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
        assert store.has(article.id)
    put("Other text.", "b.txt")
    assert len(store.summaries()) == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "One\x00two."},
        {"text": "One.", "title": "a\x00b"},
        {"text": "One.", "name": "a\x00.txt"},
        {"text": "One.", "sections": (Section(0, "a\x00"),)},
    ],
)
def test_what_postgresql_does_not_take_is_refused_in_one_line(store, put, fields):
    with pytest.raises(StoreError, match=r"a character that PostgreSQL does not take \(U\+"):
        put(**fields)
    assert store.summaries() == []
    assert store.generation == 0


def test_metadata_may_hold_what_a_file_may_say(store, put):
    metadata = {"author": "Ζωή\x00", "n": ["\ud800", 1.5, None]}
    article = put("One.", metadata=metadata)
    assert store.article(article.id).metadata == metadata


def test_what_no_text_can_be_finds_nothing(store, put):
    put("One two.")
    assert store.summaries(Filters(sources=("\x00",), languages=("\ud800",))) == []
    assert store.summaries(Filters(articles=("\x00",))) == []
    assert store.article_of("\x00") is None


def test_the_password_is_nowhere_shown():
    settings = load_settings(store=f"postgresql://mona:{SECRET}@db.example/news?sslpassword={SECRET}&password={SECRET}")
    assert isinstance(settings.store, DatabaseUrl)
    for shown in (str(settings.store), repr(settings.store), str(settings), repr(settings), settings.model_dump_json()):
        assert SECRET not in shown
    assert str(settings.store) == "postgresql://mona:***@db.example/news?sslpassword=***&password=***"
    with pytest.raises(SettingsError, match="mysql://") as caught:
        load_settings(store=f"mysql://mona:{SECRET}@db.example/news")
    assert SECRET not in str(caught.value)


def test_several_processes_may_set_one_database_up_at_once(database, fingerprint):
    failures = []

    def opened():
        try:
            PostgresStore.open(database, fingerprint).close()
        except Exception as error:  # noqa: BLE001 - handed to the main thread
            failures.append(error)

    _together([opened] * 4)
    assert failures == []


def test_writers_of_the_same_and_of_moving_texts_leave_a_sound_store(database, fingerprint, make_article, cut):
    """Two names take turns at a few texts, so that articles lose their last source while others get another one."""
    articles = [make_article(f"Text {n % 5}. Common words.", f"{n % 3}.txt") for n in range(30)]
    encoded = {article.id: cut(article) for article in articles}
    stores = [PostgresStore.open(database, fingerprint) for _ in range(4)]
    failures = []

    def write(store, mine):
        try:
            for article in mine:
                store.put(article, encoded[article.id])
        except Exception as error:  # noqa: BLE001 - handed to the main thread
            failures.append(error)

    _together(
        [lambda store=store, at=at: write(store, articles[at:] + articles[:at]) for at, store in enumerate(stores)]
    )
    assert failures == []
    assert len(stores[0].summaries()) <= 3
    assert {summary.source for summary in stores[0].summaries()} | {
        other for summary in stores[0].summaries() for other in summary.other_sources
    } == {article.source for article in articles}
    assert stores[0].check() == []
    for store in stores:
        store.close()


def test_readers_see_whole_states_while_many_write(database, fingerprint, make_article, cut, ask):
    stores = [PostgresStore.open(database, fingerprint) for _ in range(2)]
    question, failures, done = ask("common words"), [], threading.Event()
    seen = set()

    def write(number):
        for turn in range(12):
            article = make_article(
                f"Common words {turn}. Of writer {number}. Round {turn % 5}.", f"{number}-{turn % 4}.txt"
            )
            stores[number % 2].put(article, cut(article))

    def read(number):
        while not done.is_set():
            store = stores[number % 2]
            with store.snapshot():
                hits = store.dense_candidates(question, 1000)
                found = store.lexical_candidates(["common"], 1000)
                assert len(hits) == sum(summary.passages for summary in store.summaries()) == 3 * len(found)
                store.passages([hit.passage_id for hit in hits])
                seen.add(store.generation)

    def caught(work, number):
        try:
            work(number)
        except Exception as error:  # noqa: BLE001 - handed to the main thread
            failures.append(error)

    readers = [threading.Thread(target=caught, args=(read, number)) for number in range(8)]
    for reader in readers:
        reader.start()
    _together([lambda number=number: caught(write, number) for number in range(8)])
    done.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert len(seen) > 2, "the readers must have seen the store grow"
    assert len(stores[0].summaries()) == 8 * 4
    assert stores[0].check() == []
    for store in stores:
        store.close()


def _together(tasks):
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


CHILD = f"""
import os, signal, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import numpy as np, psycopg
from hash_encoder import HashEncoder
from assistant.articles.article import Article
from assistant.embedding.token_codec import TokenCodec
from assistant.passages.passage import Passage, Span
from assistant.settings import DatabaseUrl
from assistant.store.fingerprint import Fingerprint
from assistant.store.passage_store import EncodedPassage
from assistant.store.postgres.postgres_store import PostgresStore

url, source, text, when = sys.argv[1:]
encoder = HashEncoder()
store = PostgresStore.open(
    DatabaseUrl(url), Fingerprint("hash", "1", encoder.dimension, "question: ", "passage: ", "1", 30, "plain/1", "1")
)
article = Article(source=source, title="a", text=text)
(encoding,) = encoder.encode_passages([text])
codec = TokenCodec("plain", np.zeros(encoder.dimension, np.float32))
passage = Passage(article.id, 0, len(text), text, (Span(0, len(text)),))
execute = psycopg.Connection.execute

def killed(self, query, *values, **options):
    if query == "COMMIT" and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    done = execute(self, query, *values, **options)
    if query == "COMMIT":
        os.kill(os.getpid(), signal.SIGKILL)
    return done

psycopg.Connection.execute = killed
store.put(article, [EncodedPassage(passage, encoding.pooled, codec.compress(encoding), ("new", "words"))])
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_writer_that_is_killed_around_its_commit_leaves_all_or_nothing(store, put, database, ask, when):
    old = put("The old text stays.")
    child = subprocess.run(
        [sys.executable, "-c", CHILD, database.get_secret_value(), old.source, "The new text came.", when], check=False
    )
    assert child.returncode == -signal.SIGKILL
    expected = "The old text stays." if when == "before" else "The new text came."
    (summary,) = store.summaries()
    assert store.article(summary.id).text == expected
    (found,) = store.passages([one.passage_id for one in store.dense_candidates(ask("text"), 5)])
    assert found.text == expected
    assert bool(store.lexical_candidates(["new"], 5)) == (when == "after")
    assert store.check() == []
    # Its locks are gone with it.
    put("Another text.")
    assert store.check() == []


def test_a_large_store_gets_an_index_that_finds_what_filters_let_through(
    store, make_article, cut, ask, monkeypatch, administer
):
    for number in range(120):
        article = make_article(
            f"Sentence {number} of many. Other {number}.", f"{number}.txt", language="en" if number % 10 else "ar"
        )
        store.put(article, cut(article))
    question = ask("Sentence 30 of many")
    exact = store.dense_candidates(question, 5)
    few = store.dense_candidates(question, 5, Filters(languages=("ar",)))
    monkeypatch.setattr(vectors, "INDEXED_FROM", 100)
    store.publish()
    administer("ANALYZE")
    assert administer(
        "SELECT indisvalid FROM pg_index WHERE indexrelid = %s::regclass", [f"{schema.STORE}.{vectors.INDEX}"]
    ).fetchone() == (True,)
    assert store.dense_candidates(question, 5) == exact
    assert store.dense_candidates(question, 5, Filters(languages=("ar",))) == few
    assert len(store.dense_candidates(question, 1000)) == 240
    with rewriting(store._connections.url, store.fingerprint) as change:
        assert len(change.article_ids()) == 120
    assert administer("SELECT to_regclass(%s)", [f"{schema.STORE}.{vectors.INDEX}"]).fetchone() == (None,)


def test_a_check_finds_what_was_altered_and_repair_mends_it(store, put, administer):
    put("One two. Three.", "a.txt")
    broken, kept = put("Four five.", "b.txt"), put("Six seven.", "c.txt")
    administer(f"SET search_path = {schema.STORE}, public")
    administer("UPDATE texts SET text = 'Forged.' WHERE article_id = %s", [broken.id])
    administer("DELETE FROM postings WHERE word = 'six'")
    administer("UPDATE words SET passages = 7 WHERE word = 'one'")
    administer("UPDATE state SET words = 1")
    problems = "\n".join(store.check())
    for part in (
        f"article {broken.id}: its text",
        "words with another count",
        "other postings",
        "the numbers of passages",
    ):
        assert part in problems
    assert any(broken.id in line for line in store.repair())
    assert store.check() == []
    assert len(store.lexical_candidates(["six"], 5)) == 1
    assert kept.id in {summary.id for summary in store.summaries()}


def test_other_settings_are_refused_with_the_command_that_rebuilds(database, fingerprint, store):
    import dataclasses

    with pytest.raises(StoreMismatchError, match=r"passage_tokens is 30 there and 31 here.*--rebuild"):
        PostgresStore.open(database, dataclasses.replace(fingerprint, passage_tokens=31))
