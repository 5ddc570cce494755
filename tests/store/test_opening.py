import dataclasses
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from assistant.errors import StoreError, StoreMismatchError
from assistant.store.fingerprint import Fingerprint
from assistant.store.local_store import LocalStore
from assistant.store.schema import SCHEMA_VERSION


def refusal(kind, folder, fingerprint, **options):
    """Returns the message with which a store is refused, having checked that it is one line."""
    with pytest.raises(kind) as caught:
        LocalStore.open(folder, fingerprint, **options)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_missing_store_names_the_command_that_makes_it(tmp_path, fingerprint):
    message = refusal(StoreError, tmp_path / "nowhere", fingerprint, create=False)
    assert "assistant sync PATH…" in message
    assert not (tmp_path / "nowhere").exists()


def test_what_a_killed_creation_left_counts_as_no_store(folder, fingerprint):
    folder.mkdir()
    (folder / "store.sqlite").touch()
    assert "There is no store" in refusal(StoreError, folder, fingerprint, create=False)
    with LocalStore.open(folder, fingerprint) as store:
        assert store.check() == []


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Fingerprint) if field.name != "schema"])
def test_a_store_built_with_anything_else_is_refused(folder, fingerprint, put, store, field):
    put("Kept.")
    value = getattr(fingerprint, field)
    other = dataclasses.replace(fingerprint, **{field: value + 1 if isinstance(value, int) else value + "x"})
    message = refusal(StoreMismatchError, folder, other)
    assert "assistant sync PATH… --rebuild" in message
    assert f"{field} is {value!r} there and {getattr(other, field)!r} here" in message
    assert len(store.summaries()) == 1


def test_a_newer_schema_is_refused_and_left_alone(folder, fingerprint, store):
    store.close()
    connection = sqlite3.connect(folder / "store.sqlite")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    assert "newer version of this program" in refusal(StoreMismatchError, folder, fingerprint)


def test_a_file_that_is_no_database_is_refused_and_left_alone(folder, fingerprint):
    folder.mkdir()
    (folder / "store.sqlite").write_bytes(b"these are my notes, not a database " * 100)
    assert "is not an article store" in refusal(StoreError, folder, fingerprint)
    assert (folder / "store.sqlite").read_bytes().startswith(b"these are my notes")


def test_the_database_of_another_program_is_refused_and_left_alone(folder, fingerprint):
    folder.mkdir()
    connection = sqlite3.connect(folder / "store.sqlite")
    connection.execute("CREATE TABLE photos (name TEXT)")
    connection.commit()
    connection.close()
    before = (folder / "store.sqlite").read_bytes()
    assert "is not an article store" in refusal(StoreError, folder, fingerprint)
    assert (folder / "store.sqlite").read_bytes() == before


def test_a_file_where_the_folder_should_be_is_named(tmp_path, fingerprint):
    (tmp_path / "file").touch()
    assert "cannot be made" in refusal(StoreError, tmp_path / "file", fingerprint)


def test_a_damaged_database_says_so(folder, fingerprint, put, store):
    put("One two three.")
    store.close()
    path = folder / "store.sqlite"
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreError, match="is damaged"), LocalStore.open(folder, fingerprint) as opened:
        opened.summaries()


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="needs POSIX permissions")
def test_a_read_only_folder_is_named(fingerprint):
    # As another user, because root may write anywhere.
    script = """
import os, sys
from pathlib import Path
from assistant.errors import StoreError
from assistant.store.fingerprint import Fingerprint
from assistant.store.local_store import LocalStore
if os.geteuid() == 0:
    os.seteuid(65534)
fingerprint = Fingerprint("hash", "1", 16, "", "", "1", 30, "1", "1")
for folder in sys.argv[1:]:
    try:
        with LocalStore.open(Path(folder), fingerprint) as store:
            store.remove([])
    except StoreError as error:
        print(error)
"""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        built = root / "built"
        LocalStore.open(built, Fingerprint("hash", "1", 16, "", "", "1", 30, "1", "1")).close()
        (built / "store.sqlite").chmod(0o444)
        for path in (built, root):
            path.chmod(0o555)
        child = subprocess.run(
            [sys.executable, "-c", script, str(built), str(root / "new")], capture_output=True, text=True, check=True
        )
        for path in (root, built):
            path.chmod(0o755)
    existing, new = child.stdout.splitlines()
    assert "check the folder's permissions" in existing
    assert "cannot be made" in new


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="needs POSIX permissions")
@pytest.mark.parametrize("is_written", [False, True])
def test_a_read_only_folder_can_be_read_unless_somebody_writes(make_article, cut, is_written):
    # As another user, because root may write anywhere.
    script = """
import os, sys
from pathlib import Path
import numpy as np
from assistant.errors import StoreError
from assistant.store.fingerprint import Fingerprint
from assistant.store.local_store import LocalStore
if os.geteuid() == 0:
    os.seteuid(65534)
fingerprint = Fingerprint("hash", "1", 16, "", "", "1", 30, "1", "1")
with LocalStore.open(Path(sys.argv[1]), fingerprint, create=False) as store:
    for _ in range(2):
        print(len(store.summaries()), len(store.dense_candidates(np.ones(16, np.float32), 5)))
"""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        built = root / "a store?#%"
        article = make_article("One sentence. Another one.")
        with LocalStore.open(built, Fingerprint("hash", "1", 16, "", "", "1", 30, "1", "1")) as store:
            store.put(article, cut(article))
        for index in built.glob("index-*"):
            index.unlink()
        if is_written:
            # What a writer that was killed leaves: a log that belongs to the data, and nothing that others can share.
            (built / "store.sqlite-wal").write_bytes(b"log")
        built.chmod(0o555)
        child = subprocess.run([sys.executable, "-c", script, str(built)], capture_output=True, text=True, check=False)
        built.chmod(0o755)
    if is_written:
        assert "check the folder's permissions" in child.stderr.splitlines()[-1]
        assert child.stdout == ""
    else:
        assert child.stdout == "1 2\n1 2\n", child.stderr
        (warning,) = child.stderr.splitlines()
        assert "The search index was not kept" in warning


def test_a_full_disk_loses_nothing(store, put, make_article, cut):
    kept = put("Stored while there was room.")
    store._database.close()
    store._database._closed = False
    connection = store._database.connect()
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    store._database._idle.append(connection)
    big = make_article("No room for this. " * 1000, "b.txt")
    with pytest.raises(StoreError, match="No space is left"):
        store.put(big, cut(big))
    connection.execute("PRAGMA max_page_count = 1000000")
    assert [summary.id for summary in store.summaries()] == [kept.id]
    assert store.check() == []
    store.put(big, cut(big))
    assert len(store.summaries()) == 2


def test_a_writer_that_does_not_finish_is_reported_while_reading_goes_on(
    folder, fingerprint, put, store, make_article, cut
):
    article = put("Read me meanwhile.")
    blocker = sqlite3.connect(folder / "store.sqlite", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    try:
        with LocalStore.open(folder, fingerprint, busy_seconds=0.1) as second:
            other = make_article("Wait.", "b.txt")
            with pytest.raises(StoreError, match=r"Another process is writing .* within 0\.1 s"):
                second.put(other, cut(other))
            assert second.article(article.id) == article
    finally:
        blocker.close()
    store.put(other, cut(other))


def test_a_writer_waits_for_its_turn(folder, fingerprint, store, make_article, cut):
    blocker = sqlite3.connect(folder / "store.sqlite", isolation_level=None, check_same_thread=False)
    blocker.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.3, blocker.rollback)
    timer.start()
    article = make_article("Patience.")
    store.put(article, cut(article))
    timer.join()
    blocker.close()
    assert len(store.summaries()) == 1


def test_processes_that_make_the_same_store_at_once_both_succeed(folder):
    script = """
import sys
from pathlib import Path
from assistant.store.fingerprint import Fingerprint
from assistant.store.local_store import LocalStore
sys.stdin.readline()
with LocalStore.open(Path(sys.argv[1]), Fingerprint("hash", "1", 16, "", "", "1", 30, "1", "1")) as store:
    print(store.check())
"""
    children = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    for child in children:
        child.stdin.write("\n")
        child.stdin.flush()
    assert [child.communicate()[0].strip() for child in children] == ["[]"] * 4


def test_the_database_is_in_wal_mode_with_foreign_keys(store):
    with store._database.reading() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_no_pickle_anywhere():
    import assistant.store

    for path in Path(assistant.store.__file__).parent.glob("*.py"):
        assert "pickle" not in path.read_text(encoding="utf-8")
