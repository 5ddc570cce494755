"""Files that Ray's workers read and encode are stored as those that are read and encoded here."""

import json
import os
import pickle
import re
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from contextlib import suppress
from pathlib import Path

import pytest

from assistant.indexing.cluster import _for_workers
from assistant.settings import load_settings

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PATIENCE = 300
FILES = 64
WORKER = re.compile(rb"ray::.*(MapWorker|MapBatches)")


@pytest.fixture(scope="module", autouse=True)
def ray():
    # Not imported here: Ray reads the environment as it is imported, and leaves threads.
    import importlib.util

    if importlib.util.find_spec("ray") is None:
        pytest.skip("needs the extra cluster")


@pytest.fixture(scope="module")
def articles(tmp_path_factory):
    folder = tmp_path_factory.mktemp("articles")
    for number in range(FILES):
        (folder / f"{number:03}.txt").write_text(
            f"Ferry {number}\n\nFerry number {number} to Oakhaven carries {100 + number} people. "
            + " ".join(f"On day {day} its captain told of {number * day} gulls." for day in range(1, 40)),
            encoding="utf-8",
        )
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 and nothing more")
    return folder


def command(articles, store, *options):
    return [sys.executable, "-m", "assistant", "sync", str(articles), "--store", str(store), "--json", *options]


def sync(articles, store, *options, environment=None):
    done = subprocess.run(
        command(articles, store, *options), cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False,
        env=environment,
    )  # fmt: skip
    # The broken file.
    assert done.returncode == 1, done.stderr
    return json.loads(done.stdout)


def stored(store):
    """Return what a store holds of each source, in the order in which the articles came."""
    with sqlite3.connect(store / "store.sqlite") as connection:
        return connection.execute(
            "SELECT source, sources.article_id, start, end, vector, data FROM sources JOIN passages USING (article_id) "
            "JOIN vectors ON vectors.passage_id = passages.id JOIN token_vectors ON token_vectors.passage_id = passages.id "
            "ORDER BY passages.id"
        ).fetchall()


@pytest.fixture(scope="module")
def here(articles, tmp_path_factory):
    store = tmp_path_factory.mktemp("here") / "store"
    report = sync(articles, store)
    assert len(report["added"]) == FILES
    return report, stored(store)


def test_workers_of_this_machine_store_what_one_process_does(articles, here, tmp_path):
    report = sync(articles, tmp_path / "store", "--ray", "local")
    assert report == here[0]
    assert stored(tmp_path / "store") == here[1]

    again = sync(articles, tmp_path / "store", "--ray", "local")
    assert (len(again["unchanged"]), again["encoded"]) == (FILES, 0)


def workers(mark):
    """Return the processes that encode for the sync that has a mark in its environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark.encode() in (process / "environ").read_bytes() and WORKER.search(
                (process / "cmdline").read_bytes()
            ):
                found.append(int(process.name))
    return found


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds Ray's workers in /proc")
def test_a_worker_that_is_killed_costs_nothing(articles, here, tmp_path):
    store, mark = tmp_path / "store", uuid.uuid4().hex
    environment = os.environ | {"MARK_OF_TEST": mark}
    with subprocess.Popen(
        command(articles, store, "--ray", "local"), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, env=environment,
    ) as running:  # fmt: skip
        killed = None
        end = time.monotonic() + PATIENCE
        while killed is None and running.poll() is None and time.monotonic() < end:
            time.sleep(0.1)
            with suppress(sqlite3.Error, IndexError):
                if len({source for source, *_ in stored(store)}) >= 8:
                    killed = workers(mark)[0]
                    os.kill(killed, signal.SIGKILL)
        said = running.communicate(timeout=PATIENCE)[0]
    assert killed is not None
    assert running.returncode == 1
    assert json.loads(said) == here[0]
    assert stored(store) == here[1]
    while workers(mark):
        # They end when they miss their parent.
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.parametrize("address", ["127.0.0.1:1", "nonsense"])
def test_an_address_without_ray_is_told(address, articles, tmp_path):
    done = subprocess.run(
        command(articles, tmp_path / "store", "--ray", address), cwd=ROOT, capture_output=True, text=True,
        timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert f"--ray {address}: Ray cannot be had there" in done.stderr
    assert "Traceback" not in done.stderr


def test_workers_get_no_password():
    settings = load_settings(
        store="postgresql://mona:hidden@db.example/news",
        search="milvus+http://mona:hidden@search.example:19530/news",
        chat_api_key="hidden",
        embedding_precision="q4",
    )
    given = _for_workers(settings)
    assert b"hidden" in pickle.dumps(settings)
    assert b"hidden" not in pickle.dumps(given)
    assert (given.embedding_precision, given.threads) == ("q4", 1)
