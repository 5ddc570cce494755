"""Processes that are killed with SIGKILL while they write."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hash_encoder import HashEncoder

from assistant.indexing.passage_encoder import fingerprint_of
from assistant.indexing.rebuild import rebuild
from assistant.indexing.sync import Indexer
from assistant.store.local_store import LocalStore

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")]

FILES = 640

CHILD = f"""
import sys, time
from contextlib import contextmanager
from pathlib import Path
import numpy as np
sys.path.insert(0, {str(Path(__file__).parents[1] / "store")!r})
from hash_encoder import HashEncoder
from assistant.embedding.token_codec import TokenCodec
from assistant.settings import Settings
from assistant.store.local_store import LocalStore
from assistant.indexing.passage_encoder import fingerprint_of
from assistant.indexing.rebuild import rebuild
from assistant.indexing.sync import Indexer

folder, revision = Path(sys.argv[1]), sys.argv[2]
encoder, settings = HashEncoder(revision=revision), Settings(store=folder)
codec = TokenCodec("plain", np.zeros(encoder.dimension, np.float32))
if sys.argv[3] == "rebuild":
    def told(stage, done, total):
        print(done, flush=True)
        # Leaves time to be killed before the last batch.
        time.sleep(0.05)
    print("started", flush=True)
    rebuild(folder, encoder, codec, settings, progress=told)
else:
    with LocalStore.open(folder, fingerprint_of(encoder, codec, settings)) as store:
        put, together, waiting = store.put, store.together, []
        def noted(article, passages, *, file=None):
            put(article, passages, file=file)
            waiting.append(article.id)
        @contextmanager
        def told():
            with together():
                yield
            while waiting:
                print(waiting.pop(), flush=True)
        store.put, store.together = noted, told
        print("started", flush=True)
        Indexer(store, encoder, codec, settings).sync([folder.parent / "seeds"])
"""


@pytest.fixture
def project(project):
    for number in range(FILES):
        text = f"Article number {number} says this. " * (number % 7 + 1)
        (project / "seeds" / f"{number:04}.txt").write_text(text)
    return project


@pytest.fixture
def kill(folder):
    """Starts a process that writes, kills it some seconds after it has printed some lines, and returns its lines."""

    def killed(job, lines, then=0.0, revision="1"):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(folder), revision, job], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout.readline() == "started\n"
        seen = [child.stdout.readline().strip() for _ in range(lines)]
        time.sleep(then)
        child.kill()
        # The last line may be half written.
        seen += child.communicate()[0].split("\n")[:-1]
        assert child.returncode == -signal.SIGKILL
        return seen

    return killed


def test_a_sync_that_is_killed_again_and_again_loses_nothing_committed(project, folder, settings, encoder, codec, kill):
    seeded = random.Random(20)
    fingerprint = fingerprint_of(encoder, codec, settings)
    committed = set()
    for _ in range(6):
        committed.update(kill("sync", lines=seeded.randrange(25), then=seeded.uniform(0, 0.01)))
        with LocalStore.open(folder, fingerprint) as store:
            assert store.check() == []
            assert committed <= {summary.id for summary in store.summaries()}
    assert committed
    with LocalStore.open(folder, fingerprint) as store:
        before = len(store.summaries())
        report = Indexer(store, encoder, codec, settings).sync([project / "seeds"])
        assert len(report.added) == FILES - before
        assert len(store.summaries()) == FILES
        assert store.check() == []


def test_a_rebuild_that_is_killed_leaves_the_old_store(project, folder, settings, encoder, codec, kill):
    fingerprint = fingerprint_of(encoder, codec, settings)
    with LocalStore.open(folder, fingerprint) as store:
        Indexer(store, encoder, codec, settings).sync([project / "seeds"])
        before = (store.generation, store.summaries())
    for batches in (0, 1, 4):
        kill("rebuild", lines=batches, revision="2")
        with LocalStore.open(folder, fingerprint) as store:
            assert (store.generation, store.summaries()) == before
            assert store.check() == []
    newer = HashEncoder(revision="2")
    rebuild(folder, newer, codec, settings)
    with LocalStore.open(folder, fingerprint_of(newer, codec, settings)) as store:
        assert [s.id for s in store.summaries()] == [s.id for s in before[1]]
        assert store.check() == []


def test_another_process_reads_while_one_writes(project, folder, settings, encoder, codec):
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(folder), "1", "sync"], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout.readline() == "started\n"
        question = encoder.encode_questions(["Article number 7"])[0].pooled
        counts = []
        with LocalStore.open(folder, fingerprint_of(encoder, codec, settings)) as store:
            while child.poll() is None:
                with store.snapshot():
                    hits = store.dense_candidates(question, 10_000)
                    assert len(store.passages([hit.passage_id for hit in hits])) == len(hits)
                    assert sum(summary.passages for summary in store.summaries()) == len(hits)
                counts.append(len(hits))
            assert len(store.summaries()) == FILES
            assert store.check() == []
        assert len(set(counts)) > 2, "the reader must have seen the store grow"
    finally:
        child.kill()
        child.communicate()
