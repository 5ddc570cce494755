import sqlite3
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hash_encoder import HashEncoder
from store_fixtures import every_store

from assistant.embedding.token_codec import TokenCodec
from assistant.errors import StoreError, StoreMismatchError
from assistant.indexing.passage_encoder import fingerprint_of, title_of
from assistant.indexing.rebuild import rebuild
from assistant.indexing.sync import Indexer
from assistant.store.local_store import LocalStore
from assistant.store.stores import open_store


@pytest.fixture
def other():
    encoder = HashEncoder(dimension=24, revision="2")
    return encoder, TokenCodec("other", np.zeros(24, np.float32))


@pytest.fixture
def built(place, encoder, codec, settings, project, make_article):
    """A store with three articles, whose file is gone for one and whose file has two names for another."""
    (project / "seeds" / "a.txt").write_text("The file of this is gone. Its text is not.")
    (project / "seeds" / "b.txt").write_text("This has two names.")
    (project / "seeds" / "c.txt").write_text("This has two names.")
    with open_store(place, fingerprint_of(encoder, codec, settings)) as store:
        indexer = Indexer(store, encoder, codec, settings)
        indexer.sync([project / "seeds"])
        indexer.add_articles([make_article("In memory.", "m", published=date(2024, 5, 6), metadata={"author": "A"})])
        (project / "seeds" / "a.txt").unlink()
        return store.articles([summary.id for summary in store.summaries()])


@every_store
def test_everything_is_encoded_anew_from_the_stored_text(built, place, other, settings):
    fingerprint = fingerprint_of(*other, settings)
    with pytest.raises(StoreMismatchError, match="--rebuild"):
        open_store(place, fingerprint)
    seen = []
    count = rebuild(place, *other, settings, progress=lambda *call: seen.append(call))
    titles = {title_of(article) for article in built.values()}
    assert count == len([text for text in other[0].texts if text not in titles]) > 0
    assert seen[-1] == ("encoding", count, count)
    with open_store(place, fingerprint) as store:
        assert store.articles(built) == built
        assert store.check() == []
        question = other[0].encode_questions(["two names"])[0].pooled
        (best,) = store.dense_candidates(question, 1)
        assert "two names" in store.passages([best.passage_id])[0].text


@every_store
def test_a_rebuilt_store_still_knows_its_files(built, place, other, settings, project):
    rebuild(place, *other, settings)
    other[0].batches.clear()
    with open_store(place, fingerprint_of(*other, settings)) as store:
        report = Indexer(store, *other, settings).sync([project / "seeds"])
    assert other[0].batches == []
    assert len(report.unchanged) == 2
    assert report.removed == (str(project / "seeds" / "a.txt"),)


@every_store
def test_a_rebuild_that_fails_leaves_the_old_store(built, place, other, settings, encoder, codec, monkeypatch):
    monkeypatch.setattr(other[0], "encode_passages", lambda texts: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        rebuild(place, *other, settings)
    with open_store(place, fingerprint_of(encoder, codec, settings)) as store:
        assert store.articles(built) == built
        assert store.check() == []


@every_store
def test_one_who_has_the_old_store_open_is_told(built, place, other, settings, encoder, codec, make_article, cut):
    with open_store(place, fingerprint_of(encoder, codec, settings)) as old:
        question = encoder.encode_questions(["names"])[0].pooled
        assert old.dense_candidates(question, 1)
        rebuild(place, *other, settings)
        with pytest.raises(StoreMismatchError, match="dimension is 24 there and 16 here"):
            old.dense_candidates(question, 1)
        article = make_article("Too late.")
        with pytest.raises(StoreMismatchError, match="--rebuild"):
            old.put(article, cut(article))
    with open_store(place, fingerprint_of(*other, settings)) as store:
        assert store.check() == []


@every_store
def test_where_there_is_no_store_there_is_nothing_to_do(tmp_path, other, settings):
    assert rebuild(tmp_path / "none", *other, settings) == 0
    assert not (tmp_path / "none").exists()


def test_what_is_no_store_is_refused(folder, other, settings):
    folder.mkdir()
    (folder / "store.sqlite").write_text("notes, not a database" * 100)
    with pytest.raises(StoreError, match="is not an article store"):
        rebuild(folder, *other, settings)


def test_a_store_of_the_first_schema_learns_the_sections_of_its_articles(folder, encoder, codec, settings, project):
    file = project / "seeds" / "weir.md"
    file.write_text("# The weir\n\nIt is old.\n\n## Costs\n\nNine thousand.")
    fingerprint = fingerprint_of(encoder, codec, settings)
    with LocalStore.open(folder, fingerprint) as store:
        Indexer(store, encoder, codec, settings).sync([project / "seeds"])
        (known,) = store.summaries()
    older = replace(fingerprint, schema=1)
    connection = sqlite3.connect(folder / "store.sqlite")
    for table, column in (("texts", "structure"), ("articles", "checksum"), ("passages", "checksum")):
        connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    connection.execute("PRAGMA user_version = 1")
    connection.execute("UPDATE state SET fingerprint = ?", (older.to_json(),))
    connection.commit()
    connection.close()

    encoder.batches.clear()
    with LocalStore.open(folder, fingerprint) as store:
        assert store.article(known.id).sections == ()
        report = Indexer(store, encoder, codec, settings).sync([project / "seeds"])
        assert store.article(known.id).section_at(len("The weir  It is old.  Costs ")) == "Costs"
        assert store.check() == []
    assert report.changed == (str(file),)
    assert encoder.batches == []
