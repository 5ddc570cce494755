"""Backups, restoring them under processes at work, repair, and what is left of what was removed."""

import shutil
import sqlite3
import threading
from contextlib import closing

import pytest

from assistant.errors import StoreError
from assistant.store.local_store import LocalStore
from assistant.store.maintenance import backup, databases, restore, vacuum

TITLES = {"Ports.", "Ferries."}


def titles(folder, fingerprint):
    with LocalStore.open(folder, fingerprint, create=False) as opened:
        assert opened.check() == []
        return {opened.article(summary.id).text for summary in opened.summaries()}


def test_a_backup_made_while_others_write_is_sound(store, put, folder, fingerprint, tmp_path):
    put("Ports.")
    stop = threading.Event()

    def write():
        for number in range(200):
            if stop.is_set():
                return
            put(f"Number {number}.", f"{number}.txt")

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for number in range(3):
            backup(folder, tmp_path / f"copy-{number}")
    finally:
        stop.set()
        writing.join()
    counts = [len(titles(tmp_path / f"copy-{number}", fingerprint)) for number in range(3)]
    assert counts == sorted(counts)
    assert counts[0] >= 1


def test_a_backup_goes_into_a_new_folder_only(store, put, folder, tmp_path):
    put("Ports.")
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine.txt").write_text("mine")
    with pytest.raises(StoreError, match="there is there already"):
        backup(folder, tmp_path / "there")
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["mine.txt"]
    with pytest.raises(StoreError, match="no store"):
        backup(tmp_path / "nothing", tmp_path / "copy")


def test_a_backup_that_fails_leaves_nothing(store, put, folder, tmp_path, monkeypatch):
    put("Ports.")
    monkeypatch.setattr("assistant.store.database.os.fsync", _no_space)
    with pytest.raises(StoreError, match="No space left"):
        backup(folder, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    assert not [path for path in tmp_path.iterdir() if "partial" in path.name]


def _no_space(_):
    raise OSError(28, "No space left on device")


def test_a_store_that_is_in_use_goes_over_to_what_is_restored(store, put, ask, folder, fingerprint, tmp_path):
    put("Ports.")
    backup(folder, tmp_path / "copy")
    put("Ferries.", "b.txt")
    replaced = restore(folder, tmp_path / "copy")
    assert {store.article(summary.id).text for summary in store.summaries()} == {"Ports."}
    assert len(store.dense_candidates(ask("Ferries."), 5)) == 1
    put("Trams.", "c.txt")
    assert titles(folder, fingerprint) == {"Ports.", "Trams."}
    assert titles(replaced, fingerprint) == TITLES


def test_a_backup_takes_the_place_of_a_damaged_store(store, put, folder, fingerprint, tmp_path):
    put("Ports.")
    backup(folder, tmp_path / "copy")
    store.close()
    (folder / "store.sqlite").write_bytes(b"not a database at all" * 200)
    replaced = restore(folder, tmp_path / "copy")
    assert titles(folder, fingerprint) == {"Ports."}
    assert (replaced / "store.sqlite").read_bytes().startswith(b"not a database")


def test_a_damaged_backup_is_refused_and_changes_nothing(store, put, folder, fingerprint, tmp_path):
    put("Ports.")
    backup(folder, tmp_path / "copy")
    (copied,) = databases(tmp_path / "copy")
    copied.write_bytes(copied.read_bytes()[:5000])
    with pytest.raises(StoreError, match="is damaged"):
        restore(folder, tmp_path / "copy")
    with pytest.raises(StoreError, match="no backup"):
        restore(folder, tmp_path)
    store.close()
    assert titles(folder, fingerprint) == {"Ports."}


def test_nothing_of_what_was_removed_is_left_in_the_files(store, put, folder):
    put("Xylophonist plays quartzite.", "b.txt")
    store.remove([put("Ports of zirconium.").id])
    store.close()
    vacuum(folder)
    left = b"".join(path.read_bytes() for path in folder.iterdir())
    assert b"zirconium" not in left
    assert b"quartzite" in left


def test_what_is_written_into_a_database_that_was_taken_away_is_told(store, put, folder):
    put("Ports.")
    for path in folder.glob("store.sqlite*"):
        path.unlink()
    with pytest.raises(StoreError, match="is gone: put it back"):
        put("Ferries.", "b.txt")
    assert not (folder / "store.sqlite").exists()


def test_what_is_written_while_the_database_is_replaced_is_told(store, put, folder, make_article, cut, monkeypatch):
    put("Ports.")
    article = make_article("Ferries.", "b.txt")
    encoded = cut(article)

    def replaced_meanwhile(*arguments):
        shutil.copy(folder / "store.sqlite", folder / "other")
        (folder / "other").replace(folder / "store.sqlite")
        return check(*arguments)

    import assistant.store.local_store as module

    check = module.refuse_mismatch
    monkeypatch.setattr(module, "refuse_mismatch", replaced_meanwhile)
    with pytest.raises(StoreError, match="what was written is lost"):
        store.put(article, encoded)


def test_a_database_older_than_its_index_is_told(store, put, folder, fingerprint, tmp_path, caplog):
    put("Ports.")
    backup(folder, tmp_path / "copy")
    put("Ferries.", "b.txt")
    store.publish()
    store.close()
    for path in folder.glob("store.sqlite*"):
        path.unlink()
    shutil.copy(tmp_path / "copy" / "store.sqlite", folder / "store.sqlite")
    with LocalStore.open(folder, fingerprint, create=False) as opened:
        assert any("put back to an earlier state" in line for line in opened.check())
    assert "put back to an earlier state" in caplog.text


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE texts SET text = 'Forged.' WHERE article_id = ?",
        "DELETE FROM token_vectors WHERE passage_id IN (SELECT id FROM passages WHERE article_id = ?)",
        "UPDATE vectors SET vector = zeroblob(16 * 4) WHERE passage_id IN (SELECT id FROM passages WHERE article_id = ?)",
    ],
)
def test_repair_removes_what_is_damaged_and_nothing_else(store, put, folder, damage):
    broken = put("Ports.")
    put("Ferries.", "b.txt")
    with closing(sqlite3.connect(folder / "store.sqlite")) as connection, connection:
        connection.execute(damage, [broken.id])
    assert store.check() != []
    assert any(broken.id in line for line in store.repair())
    assert store.check() == []
    assert {store.article(summary.id).text for summary in store.summaries()} == {"Ferries."}
