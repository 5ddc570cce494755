"""Stores whose tables somebody has altered by hand: every call says so in one line, and none guesses."""

import sqlite3

import pytest

from assistant.errors import StoreError
from assistant.store.local_store import LocalStore


def _read_everything(folder, fingerprint, article_id, vector):
    with LocalStore.open(folder, fingerprint) as store:
        store.summaries()
        store.article(article_id)
        store.known_files()
        (found,) = store.dense_candidates(vector, 1)
        store.passages([found.passage_id])
        store.vectors([found.passage_id])
        store.lexical_candidates(["alone"], 1)


@pytest.mark.parametrize(
    "alteration",
    [
        "DELETE FROM texts",
        "UPDATE texts SET text = 'Something else was said here by nobody.'",
        "UPDATE texts SET text = 'Short.'",
        "DELETE FROM sources",
        "UPDATE sources SET origin = '/gone.txt'",
        "UPDATE articles SET published = 'yesterday'",
        "UPDATE articles SET metadata = 'none'",
        "UPDATE articles SET title = CAST(x'ff' AS TEXT)",
        "UPDATE passages SET sentences = x'010203'",
        "UPDATE passages SET sentences = x''",
        "UPDATE passages SET sentences = x'00000000ffff0000'",
        "UPDATE vectors SET vector = x'0102030405'",
        "DELETE FROM state",
        "UPDATE state SET fingerprint = 'none'",
        "UPDATE state SET fingerprint = '[1]'",
        "DROP TABLE texts",
        "DROP TABLE articles",
        "DROP TABLE state",
        "DROP TABLE passage_terms_data",
        "ALTER TABLE articles DROP COLUMN metadata",
    ],
)
def test_an_altered_table_is_named_with_its_file(folder, fingerprint, store, put, ask, alteration):
    article = put("A sentence that stands here alone.")
    store.close()
    _read_everything(folder, fingerprint, article.id, ask("alone"))
    for index in folder.glob("index-*"):
        index.unlink()
    connection = sqlite3.connect(folder / "store.sqlite")
    # `defensive` mode and foreign keys are off, as in any editor of databases.
    connection.execute(alteration)
    connection.commit()
    connection.close()

    with pytest.raises(StoreError) as caught:
        _read_everything(folder, fingerprint, article.id, ask("alone"))

    message = str(caught.value)
    assert message.startswith(f"{folder / 'store.sqlite'} is damaged (")
    assert "assistant sync PATH…" in message
    assert "\n" not in message


@pytest.mark.parametrize("create", [True, False])
def test_an_emptied_database_is_not_taken_for_a_new_one(folder, fingerprint, store, put, create):
    put("Lost.")
    store.close()
    (folder / "store.sqlite").write_bytes(b"")

    with pytest.raises(StoreError, match=r"store\.sqlite is damaged \(it is empty"):
        LocalStore.open(folder, fingerprint, create=create)

    # As the message says: moved away, it makes room for a new store.
    (folder / "store.sqlite").unlink()
    with LocalStore.open(folder, fingerprint) as opened:
        assert opened.check() == []
