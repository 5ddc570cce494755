"""What holds of a search engine beside a store in PostgreSQL: whatever happens, nothing is lost and nothing false found."""

import dataclasses
import importlib.util
import logging
import os
import signal
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pytest

from assistant.embedding.loading import load_encoder
from assistant.embedding.token_codec import load_codec
from assistant.errors import SettingsError, StoreError, StoreMismatchError
from assistant.indexing.passage_encoder import fingerprint_of
from assistant.indexing.sync import Indexer
from assistant.language.terms import index_terms
from assistant.settings import load_settings
from assistant.store.passage_store import Filters
from assistant.store.postgres import engine_rows, vectors, words
from assistant.store.postgres.postgres_store import PostgresStore, rewriting
from assistant.store.stores import open_store

SECRET = "s3cret-p4ss"
SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture
def place(database):
    return database


@pytest.fixture
def search(engine):
    return engine


@pytest.fixture
def follower(store):
    """What knows the engine that follows the store."""
    return store._search


@pytest.fixture
def held(follower):
    """Returns the keys of all that the engine holds."""
    return lambda: set(engine_rows.held_by(follower._engine).tolist())


@pytest.fixture
def by_engine_alone(monkeypatch):
    """Lets a search fail that the engine does not do."""

    def refuse(*_):
        raise AssertionError("the database was asked")

    def use(store):
        monkeypatch.setattr(vectors, "dense_candidates", refuse)
        # Servers before 2.4 know no words.
        if store._search._engine.has_words:
            monkeypatch.setattr(words, "of_passages", refuse)

    return use


def same(candidates):
    """Return candidates in a form in which those are equal whose scores were added up in another order."""
    return sorted((-round(one.score, 9), one.passage_id) for one in candidates)


def texts(store, candidates):
    return [passage.text for passage in store.passages([one.passage_id for one in candidates])]


def refusal(database, fingerprint, address):
    with pytest.raises(StoreError) as caught:
        PostgresStore.open(database, fingerprint, search=load_settings(search=address).search)
    said = str(caught.value)
    assert "\n" not in said
    assert SECRET not in said
    return said


def test_no_server_and_another_server_are_told_in_one_line(milvus, world, database, fingerprint):
    assert "cannot be reached" in refusal(database, fingerprint, f"milvus+http://mona:{SECRET}@127.0.0.1:1/news")
    assert "correct ASSISTANT_SEARCH" in refusal(database, fingerprint, f"milvus+{world.url}")


@pytest.mark.parametrize(
    "address", [f"mona:{SECRET}/x@127.0.0.1:19530", f"mona:19530/{SECRET}@127.0.0.1", ":19530", "host:port"]
)
def test_a_malformed_address_is_refused_without_any_part_of_its_password(milvus, database, fingerprint, address):
    said = refusal(database, fingerprint, f"milvus+http://{address}")
    assert "is malformed: write milvus+http://" in said


def test_a_missing_package_is_named(database, fingerprint, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "pymilvus" else found(name))
    said = refusal(database, fingerprint, "milvus+http://127.0.0.1:1")
    assert "pip install 'article-assistant[milvus]'" in said


def test_a_folder_takes_no_search_engine(folder, fingerprint):
    with pytest.raises(SettingsError, match="needs ASSISTANT_STORE=postgresql://"):
        open_store(folder, fingerprint, search=load_settings(search="milvus+http://127.0.0.1:1").search)


def test_an_address_that_names_no_engine_is_refused_without_its_password():
    with pytest.raises(SettingsError, match="give milvus") as caught:
        load_settings(search=f"http://mona:{SECRET}@127.0.0.1:19530")
    assert SECRET not in str(caught.value)
    settings = load_settings(search=f"milvus+https://mona:{SECRET}@search.example")
    assert SECRET not in f"{settings} {settings!r} {settings.model_dump_json()}"
    assert load_settings(search="").search is None


def test_without_the_setting_nothing_of_it_is_imported(database, fingerprint):
    code = (
        "import sys; from assistant.assistant import Assistant; from assistant.settings import DatabaseUrl\n"
        "from assistant.store.fingerprint import Fingerprint; from assistant.store.stores import open_store\n"
        f"open_store(DatabaseUrl({database.get_secret_value()!r}), Fingerprint(*{dataclasses.astuple(fingerprint)!r})).close()\n"
        "assert not {'pymilvus', 'grpc', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_candidates_are_the_engines_and_their_scores_the_databases(store, put, ask, by_engine_alone, database):
    for number in range(30):
        put(f"Sentence {number} alpha. Sentence {number} beta gamma.", f"{number}.txt")
    with open_store(database, store.fingerprint) as plain:
        dense = plain.dense_candidates(ask("Sentence 17 beta"), 7)
        lexical = plain.lexical_candidates(["17", "beta", "sentence"], 7)
    by_engine_alone(store)
    assert same(store.dense_candidates(ask("Sentence 17 beta"), 7)) == same(dense)
    assert same(store.lexical_candidates(["17", "beta", "sentence"], 7)) == same(lexical)
    assert len({one.passage_id for one in dense}) == 7


@pytest.mark.parametrize(
    "filters",
    [
        Filters(languages=("ar", "en")),
        Filters(languages=("de",), published_from=date(2024, 1, 10)),
        Filters(published_to=date(2024, 1, 12)),
        Filters(published_from=date(1969, 1, 1), published_to=date(1969, 12, 31)),
        Filters(languages=('de" or day > 0 or language == "', "\ud800")),
        Filters(languages=("no such",)),
    ],
)
def test_filters_let_through_what_they_let_through_in_the_database(store, put, ask, database, filters):
    days = [None, date(1969, 7, 20), *(date(2024, 1, day) for day in range(1, 19))]
    for number, day in enumerate(days):
        put(f"Common {number}. Words.", f"{number}.txt", language=("ar", "de", "en")[number % 3], published=day)
    with open_store(database, store.fingerprint) as plain:
        for k in (3, 50):
            ours, theirs = (
                (one.dense_candidates(ask("common"), k, filters), one.lexical_candidates(["common"], k, filters))
                for one in (store, plain)
            )
            assert list(map(same, ours)) == list(map(same, theirs))


def test_an_article_is_found_by_its_day_after_that_has_changed(store, put, ask, make_article, by_engine_alone, held):
    for number in range(5):
        put(f"Other {number}.", f"{number}.txt", published=date(2020, 1, 1))
    article = put("Ferry.", published=date(2020, 1, 1), language="en")
    store.attach([dataclasses.replace(article, published=date(2021, 1, 1))])
    by_engine_alone(store)
    for year, expected in ((2020, 0), (2021, 1)):
        filters = Filters(published_from=date(year, 1, 1), published_to=date(year, 12, 31))
        assert len(store.lexical_candidates(["ferry"], 5, filters)) == expected
    assert texts(store, store.dense_candidates(ask("Ferry"), 1, Filters(published_from=date(2021, 1, 1)))) == ["Ferry."]


def test_what_others_put_without_the_engine_is_found_and_comes_to_it_later(
    store, put, ask, database, make_article, cut, by_engine_alone, caplog, held
):
    for number in range(4):
        put(f"Early {number}.", f"{number}.txt")
    with open_store(database, store.fingerprint) as plain:
        article = make_article("A ferry without the engine.", "x.txt")
        plain.put(article, cut(article))
        plain.remove([summary.id for summary in plain.summaries() if summary.title == "0.txt"])
    with caplog.at_level(logging.WARNING):
        assert texts(store, store.dense_candidates(ask("ferry"), 1)) == [article.text]
        assert len(store.lexical_candidates(["ferry"], 1)) == 1
    assert sum("lacks 1 passages" in record.message for record in caplog.records) == 1
    assert any("1 passages were not put into" in line for line in store.check())
    store.publish()
    assert store.check() == []
    by_engine_alone(store)
    assert texts(store, store.dense_candidates(ask("ferry"), 1)) == [article.text]
    assert len(store.lexical_candidates(["ferry"], 1)) == 1


def test_a_library_that_was_there_before_the_engine_comes_to_it(
    database, engine, fingerprint, make_article, cut, ask, by_engine_alone
):
    with open_store(database, fingerprint) as plain:
        for number in range(12):
            article = make_article(f"Early {number}. Second {number}.", f"{number}.txt")
            plain.put(article, cut(article))
        expected = plain.dense_candidates(ask("Second 7"), 5)
    with open_store(database, fingerprint, search=engine) as store:
        assert store.dense_candidates(ask("Second 7"), 5) == expected
        assert "24 passages were put into the search engine" in store.repair()
        by_engine_alone(store)
        assert store.dense_candidates(ask("Second 7"), 5) == expected


def test_what_is_gone_leaves_the_engine_when_no_reader_can_see_it(store, put, held, monkeypatch):
    put("Old one. Old two.")
    old = held()
    put("New one.")
    assert old < held(), "a reader may still see it"
    monkeypatch.setattr(engine_rows, "GRACE_SECONDS", 0)
    put("Another.", "b.txt")
    assert not old & held()
    assert len(held()) == 2


def test_the_same_text_put_again_stays_in_the_engine(store, put, ask, held, monkeypatch, by_engine_alone):
    put("One ferry.")
    before = held()
    monkeypatch.setattr(engine_rows, "GRACE_SECONDS", 0)
    put("Something else.")
    put("One ferry.")
    put("More.", "b.txt")
    assert before < held()
    monkeypatch.setattr(engine_rows, "GRACE_SECONDS", 300)
    by_engine_alone(store)
    assert texts(store, store.dense_candidates(ask("One ferry"), 1)) == ["One ferry."]
    assert len(held()) == 2


def test_a_clean_up_does_not_take_what_another_writer_is_about_to_commit(
    store, put, make_article, cut, held, monkeypatch, database, ask, by_engine_alone
):
    """The writer has put its rows, and has not committed; others clean up and repair meanwhile."""
    article = put("One ferry.", "a.txt")
    put("Two.", "b.txt")
    store.remove([article.id])
    monkeypatch.setattr(engine_rows, "GRACE_SECONDS", 0)
    reached, goes_on = threading.Event(), threading.Event()
    upsert = store._search._engine.upsert

    def slow(rows):
        upsert(rows)
        reached.set()
        goes_on.wait(20)

    monkeypatch.setattr(store._search._engine, "upsert", slow)
    writer = threading.Thread(target=lambda: store.put(article, cut(article)))
    writer.start()
    assert reached.wait(20)
    store._search.clean()
    store._search.clean()
    sweep = threading.Thread(target=store._search.level)
    sweep.start()
    sweep.join(1)
    assert sweep.is_alive(), "it has to wait for the writer"
    goes_on.set()
    writer.join()
    sweep.join()
    monkeypatch.undo()
    by_engine_alone(store)
    assert texts(store, store.dense_candidates(ask("One ferry"), 1)) == ["One ferry."]
    assert store.check() == []


def test_a_reader_whose_snapshot_is_old_asks_the_database(store, put, ask, monkeypatch, held):
    put("One ferry.")
    other = PostgresStore.open(store._connections.url, store.fingerprint, search=store._search._address)
    with store.snapshot():
        assert texts(store, store.dense_candidates(ask("ferry"), 1)) == ["One ferry."]
        monkeypatch.setattr(engine_rows, "GRACE_SECONDS", 0)
        other.remove([summary.id for summary in other.summaries()])
        other._search.clean()
        assert held() == set()
        assert texts(store, store.dense_candidates(ask("ferry"), 1)) == ["One ferry."]
        assert len(store.lexical_candidates(["ferry"], 1)) == 1
    other.close()


def test_repair_brings_back_what_the_engine_has_lost_and_takes_what_is_nobodys(store, put, held, follower, ask):
    put("One. Two. Three.")
    sound = held()
    assert store.repair() == ["the words' index was made anew"]
    lost = min(sound)
    row = engine_rows.EngineRow(5, ask("nobody"), {7: 1.0}, "en", 0)
    follower._engine.upsert([row])
    follower._engine.delete([lost])
    assert store.check() == ["1 passages are lost in the search engine"]
    assert len(store.dense_candidates(ask("nobody"), 3)) == 3
    done = store.repair()
    assert "1 rows of no passage were deleted from the search engine" in done
    assert "1 passages were put into the search engine" in done
    assert held() == sound
    assert store.check() == []


def test_an_engine_that_has_lost_everything_is_filled_again(
    store, put, milvus, database, engine, fingerprint, ask, by_engine_alone
):
    put("One ferry. Two.")
    milvus[0].drop_collection(store._search._engine._name)
    with pytest.raises(StoreError, match="`assistant repair` makes anew"):
        store.dense_candidates(ask("ferry"), 1)
    with open_store(database, fingerprint, search=engine) as again:
        assert texts(again, again.dense_candidates(ask("One ferry"), 1)) == ["One ferry."]
        assert any("does not hold this store" in line for line in again.check())
        assert "2 passages were put into the search engine" in again.repair()
        assert again.check() == []
        by_engine_alone(again)
        assert texts(again, again.dense_candidates(ask("One ferry"), 1)) == ["One ferry."]


def test_a_rebuilt_store_gets_a_collection_of_its_own_and_the_old_one_goes(
    store, put, database, engine, fingerprint, cut, milvus, ask, by_engine_alone
):
    put("One ferry. Two.")
    old = store._search._engine._name
    newer = dataclasses.replace(fingerprint, passage_tokens=31)
    with rewriting(database, newer) as change:
        for article in change.articles(change.article_ids()):
            change.put(article, cut(article))
    with open_store(database, newer, search=engine) as rebuilt:
        assert texts(rebuilt, rebuilt.dense_candidates(ask("One ferry"), 1)) == ["One ferry."]
        for outdated in (store.publish, lambda: store.lexical_candidates(["ferry"], 1), store._search.level):
            with pytest.raises(StoreMismatchError):
                outdated()
        rebuilt.publish()
        assert rebuilt.check() == []
        assert old not in milvus[0].list_collections()
        by_engine_alone(rebuilt)
        assert texts(rebuilt, rebuilt.dense_candidates(ask("One ferry"), 1)) == ["One ferry."]


def test_a_passage_of_very_many_words_is_put_and_found(store, make_article, cut, by_engine_alone):
    article = make_article("Long.")
    (one,) = cut(article)
    terms = tuple(f"word{number}" for number in range(12_000))
    store.put(article, [dataclasses.replace(one, terms=terms)])
    by_engine_alone(store)
    assert len(store.lexical_candidates(["word11999"], 5)) == 1
    assert len(store.lexical_candidates(["word12000"], 5)) == 0


CHILD = f"""
import os, signal, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import numpy as np, psycopg
from hash_encoder import HashEncoder
from assistant.articles.article import Article
from assistant.embedding.token_codec import TokenCodec
from assistant.passages.passage import Passage, Span
from assistant.settings import DatabaseUrl, EngineUrl
from assistant.store.fingerprint import Fingerprint
from assistant.store.passage_store import EncodedPassage
from assistant.store.postgres.postgres_store import PostgresStore

url, engine, when = sys.argv[1:]
encoder = HashEncoder()
fingerprint = Fingerprint("hash", "1", encoder.dimension, "question: ", "passage: ", "1", 30, "plain/1", "1")
store = PostgresStore.open(DatabaseUrl(url), fingerprint, search=EngineUrl(engine))

def put(text, source, *terms):
    article = Article(source=source, title="a", text=text)
    (encoding,) = encoder.encode_passages([text])
    codec = TokenCodec("plain", np.zeros(encoder.dimension, np.float32))
    passage = Passage(article.id, 0, len(text), text, (Span(0, len(text)),))
    store.put(article, [EncodedPassage(passage, encoding.pooled, codec.compress(encoding), terms)])

for number in range(5):
    put(f"Another {{number}}.", f"/{{number}}.txt", "another")
put("The old text stays.", "/a.txt", "old", "words")
execute = psycopg.Connection.execute

def killed(self, query, *values, **options):
    if query == "COMMIT" and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    done = execute(self, query, *values, **options)
    if query == "COMMIT":
        os.kill(os.getpid(), signal.SIGKILL)
    return done

psycopg.Connection.execute = killed
put("The new text came.", "/a.txt", "new", "words")
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_writer_that_is_killed_around_its_commit_leaves_nothing_lost_and_nothing_false(
    database, milvus, fingerprint, ask, make_article, cut, tmp_path, when, monkeypatch
):
    """Killed between putting into the engine and the commit, and between the commit and the clean-up."""
    # A file of Milvus Lite belongs to one process.
    own = f"milvus+file://{tmp_path / 'own.db'}"
    address = milvus[1] if os.environ.get("TEST_MILVUS_URI") else load_settings(search=own).search
    child = subprocess.run(
        [sys.executable, "-c", CHILD, database.get_secret_value(), address.get_secret_value(), when], check=False
    )
    assert child.returncode == -signal.SIGKILL
    expected = "The old text stays." if when == "before" else "The new text came."
    with PostgresStore.open(database, fingerprint, search=address) as store:
        assert store._search.is_there
        follower = store._search
        assert len(engine_rows.held_by(follower._engine)) == 7, "the engine holds both"
        with monkeypatch.context() as patched:
            patched.setattr(vectors, "dense_candidates", None)
            (found,) = texts(store, store.dense_candidates(ask("The text"), 1))
            assert found == expected
            assert len(store.lexical_candidates(["new"], 5)) == (when == "after")
            assert len(store.lexical_candidates(["old"], 5)) == (when == "before")
            assert len(store.lexical_candidates(["words"], 5)) == 1
        assert len(store.dense_candidates(ask("The text"), 100)) == 6
        assert store.check() == []
        monkeypatch.setattr(engine_rows, "GRACE_SECONDS", 0)
        done = store.repair()
        # What was committed says what is stale; what was not, only the sweep finds.
        assert ("1 rows of no passage were deleted from the search engine" in done) == (when == "before")
        assert len(engine_rows.held_by(follower._engine)) == 6
        again = make_article("The new text came.", "/a.txt")
        store.put(again, cut(again))
        assert store.check() == []


def test_candidates_on_real_vectors_are_those_of_the_database(database, engine, by_engine_alone):
    settings = load_settings(store=database)
    encoder = load_encoder(settings)
    codec = load_codec(encoder)
    fingerprint = fingerprint_of(encoder, codec, settings)
    questions = ["When is the next summit?", "Who won the election?", "متى تُعقد القمة؟", "How much does it cost?"]
    asked = [encoding.pooled for encoding in encoder.encode_questions(questions)]
    with open_store(database, fingerprint, search=engine) as store:
        Indexer(store, encoder, codec, settings).sync([SEEDS])
        size = sum(summary.passages for summary in store.summaries())
        k = min(10, size // 2)
        with open_store(database, fingerprint) as plain:
            dense = [plain.dense_candidates(vector, k) for vector in asked]
            lexical = [plain.lexical_candidates(index_terms(question, "en"), k) for question in questions]
        assert any(lexical)
        by_engine_alone(store)
        assert [same(store.dense_candidates(vector, k)) for vector in asked] == list(map(same, dense))
        ours = [store.lexical_candidates(index_terms(question, "en"), k) for question in questions]
        assert list(map(same, ours)) == list(map(same, lexical))
