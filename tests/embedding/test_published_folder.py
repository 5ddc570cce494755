import json
import logging
import multiprocessing
import os
import signal
import time

import pytest

from assistant.embedding import published_folder
from assistant.embedding.published_folder import MANIFEST, find_damage, publish


def write(folder):
    (folder / "sub").mkdir()
    (folder / "sub" / "weights").write_bytes(b"12345")
    (folder / "config").write_text("{}")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def refuse(folder):
    pytest.fail("a whole folder was written again")


def test_a_whole_folder_is_written_once(tmp_path):
    folder = publish(tmp_path / "new" / "model", write)
    assert json.loads((folder / MANIFEST).read_text())["sub/weights"]["size"] == 5
    publish(folder, refuse, verify_digests=True)
    assert names(folder.parent) == ["model"]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda folder: (folder / "sub" / "weights").write_bytes(b"123"), "sub/weights has 3 bytes instead of 5"),
        (lambda folder: (folder / "config").unlink(), "config is missing"),
        (lambda folder: (folder / MANIFEST).unlink(), "manifest.json is missing"),
        (lambda folder: (folder / MANIFEST).write_text("{"), "manifest.json cannot be read"),
        (lambda folder: (folder / MANIFEST).write_text('["config"]'), "manifest.json cannot be read"),
    ],
)
def test_a_damaged_folder_is_made_again_and_the_log_says_so(tmp_path, caplog, damage, said):
    folder = publish(tmp_path / "model", write)
    damage(folder)
    with caplog.at_level(logging.WARNING):
        publish(folder, write)
    assert said in caplog.text
    assert find_damage(folder, digests=True) is None
    assert names(tmp_path) == ["model"]


def test_changed_content_of_the_same_size_is_found_by_its_digest(tmp_path):
    folder = publish(tmp_path / "model", write)
    (folder / "sub" / "weights").write_bytes(b"54321")
    publish(folder, refuse)
    publish(folder, write, verify_digests=True)
    assert (folder / "sub" / "weights").read_bytes() == b"12345"


def test_a_failing_writer_leaves_nothing(tmp_path):
    def fail(folder):
        (folder / "half").write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        publish(tmp_path / "model", fail)
    assert names(tmp_path) == []


def test_what_another_process_published_meanwhile_is_kept(tmp_path):
    def overtaken(folder):
        publish(tmp_path / "model", lambda other: (other / "first").write_text("first"))
        write(folder)

    publish(tmp_path / "model", overtaken)
    assert names(tmp_path / "model") == ["first", MANIFEST]
    assert names(tmp_path) == ["model"]


def write_slowly(folder):
    (folder / "half").write_text("half")
    time.sleep(300)


def test_a_killed_process_leaves_no_folder_and_its_rest_is_removed_later(tmp_path, monkeypatch):
    process = multiprocessing.get_context("spawn").Process(target=publish, args=(tmp_path / "model", write_slowly))
    process.start()
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob(".unpacking-*/half")) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert not (tmp_path / "model").exists()
    assert len(names(tmp_path)) == 1
    monkeypatch.setattr(published_folder, "_ABANDONED_AFTER_SECONDS", -1)
    publish(tmp_path / "model", write)
    assert names(tmp_path) == ["model"]


def test_processes_that_start_together_all_get_a_whole_folder(tmp_path):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=publish, args=(tmp_path / "model", write)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert find_damage(tmp_path / "model", digests=True) is None
    assert names(tmp_path) == ["model"]
