"""Stores of every earlier layout, made by the statements of that time, opened by the program of today."""

import dataclasses
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from assistant.errors import StoreError, StoreMismatchError
from assistant.store.fingerprint import Fingerprint
from assistant.store.local_store import LocalStore
from assistant.store.maintenance import restore
from assistant.store.schema import APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION
from assistant.store.writing import rewriting

OLDER = range(1, SCHEMA_VERSION)
TABLES = ("articles", "texts", "origins", "sources", "passages", "vectors", "token_vectors")


def test_there_is_a_step_from_every_earlier_layout():
    assert list(MIGRATIONS) == list(OLDER)


@pytest.fixture(params=OLDER)
def version(request):
    return request.param


@pytest.fixture
def old(store, put, folder, fingerprint, version):
    """Makes the store one of an earlier layout; returns what it held."""
    put("Ports were deepened. Ferries came.", "a.txt", title="Ports")
    put("Trams run on Sundays.", "b.txt", metadata={"author": "M. Ruben"})
    held = contents(store)
    store.close()
    path = folder / "store.sqlite"
    path.rename(folder / "new.sqlite")
    for index in folder.glob("index-*"):
        index.unlink()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript((Path(__file__).parent / f"schema_{version}.sql").read_text())
        connection.execute("ATTACH ? AS new", (str(folder / "new.sqlite"),))
        for table in TABLES:
            columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info ({table})"))
            connection.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM new.{table}")
        connection.execute("INSERT INTO passage_terms (rowid, terms) SELECT rowid, terms FROM new.passage_terms")
        older = json.dumps(json.loads(fingerprint.to_json()) | {"schema": version})
        connection.execute("INSERT INTO state SELECT only, generation, stamp, ? FROM new.state", (older,))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {version}")
    (folder / "new.sqlite").unlink()
    return held


def contents(store):
    numbers = [passage.id for passage in store.passages_of([one.id for one in store.summaries()], 9)]
    return (
        store.summaries(),
        [store.article(summary.id) for summary in store.summaries()],
        store.passages(numbers),
        store.token_vectors(numbers),
        [vector.tolist() for vector in store.vectors(numbers)],
        store.lexical_candidates(["trams"], 9),
    )


def test_a_store_of_an_earlier_layout_is_brought_over_as_it_is(old, folder, fingerprint, put, version):
    with LocalStore.open(folder, fingerprint) as opened:
        assert contents(opened) == old
        assert opened.check() == []
        generation = opened.generation
    with LocalStore.open(folder, fingerprint) as again:
        assert again.generation == generation
    with closing(sqlite3.connect(folder / f"before-schema-{SCHEMA_VERSION}" / "store.sqlite")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (version,)
        assert connection.execute("SELECT count(*) FROM passages").fetchone() == (3,)


def test_what_was_there_before_can_be_restored(old, folder, fingerprint, tmp_path):
    LocalStore.open(folder, fingerprint).close()
    restore(tmp_path / "elsewhere", folder / f"before-schema-{SCHEMA_VERSION}")
    with LocalStore.open(tmp_path / "elsewhere", fingerprint) as opened:
        assert opened.check() == []
        assert len(opened.summaries()) == 2


def test_an_altered_bit_is_found_after_the_step_too(old, folder, fingerprint):
    with LocalStore.open(folder, fingerprint) as opened:
        connection = opened._database.connect()
        (data,) = connection.execute("SELECT data FROM token_vectors WHERE passage_id = 2").fetchone()
        connection.execute("UPDATE token_vectors SET data = ? WHERE passage_id = 2", (bytes([data[0] ^ 1]) + data[1:],))
        connection.close()
        assert [line for line in opened.check() if line.startswith("passage 2: its place, vectors or terms")]


def test_a_rebuild_brings_it_over_as_well(old, folder, fingerprint):
    newer = dataclasses.replace(fingerprint, token_codec="plain/2")
    with pytest.raises(StoreMismatchError, match="--rebuild"):
        LocalStore.open(folder, newer)
    assert not (folder / f"before-schema-{SCHEMA_VERSION}").exists()
    with rewriting(folder, newer):
        pass
    with LocalStore.open(folder, newer) as opened:
        assert opened.check() == []
    assert (folder / f"before-schema-{SCHEMA_VERSION}" / "store.sqlite").is_file()


def test_without_a_copy_nothing_is_changed(old, folder, fingerprint, version):
    (folder / f"before-schema-{SCHEMA_VERSION}").touch()
    with pytest.raises(StoreError, match="cannot be copied before"):
        LocalStore.open(folder, fingerprint)
    with closing(sqlite3.connect(folder / "store.sqlite")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (version,)
    (folder / f"before-schema-{SCHEMA_VERSION}").unlink()
    with LocalStore.open(folder, fingerprint) as opened:
        assert opened.check() == []


def test_a_process_of_the_older_program_writes_no_more(old, folder, fingerprint, version):
    # What it compares before each change is in the database.
    LocalStore.open(folder, fingerprint).close()
    with closing(sqlite3.connect(folder / "store.sqlite")) as connection:
        (stored,) = connection.execute("SELECT fingerprint FROM state").fetchone()
    assert dataclasses.replace(fingerprint, schema=version).differences(stored)
    assert Fingerprint(**json.loads(stored)) == fingerprint
