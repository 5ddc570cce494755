"""What holds of a store after any edits, syncs and removals, whatever the articles are made of."""

import os
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from assistant.articles.article import canonical_text
from assistant.embedding.token_codec import TokenCodec
from assistant.indexing.passage_encoder import fingerprint_of
from assistant.indexing.sync import Indexer
from assistant.settings import Settings
from assistant.store.local_store import LocalStore

NAMES = strategies.sampled_from(["a.txt", "b.txt", "مقال.txt", "新闻.txt", "sub/c.txt"])
WORDS = strategies.text(strategies.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
TEXTS = strategies.lists(WORDS, max_size=30).map(" ".join)
MARKS = [f"mark{letter}" for letter in "abcdefghij"]


class Library(RuleBasedStateMachine):
    """A folder of articles that changes, and the store that follows it.

    Every file has a mark in its text, a word that no other has, so that it can be searched for.
    """

    @initialize()
    def begin(self):
        from hash_encoder import HashEncoder

        self.folder = Path(tempfile.mkdtemp())
        self.seeds = self.folder / "seeds"
        self.seeds.mkdir()
        self.encoder = HashEncoder()
        self.codec = TokenCodec("plain", np.zeros(self.encoder.dimension, np.float32))
        self.settings = Settings(store=self.folder / "store")
        self.marks = dict.fromkeys(MARKS)
        self.is_synced = True
        self._open()

    def _open(self):
        self.store = LocalStore.open(self.settings.store, fingerprint_of(self.encoder, self.codec, self.settings))
        self.indexer = Indexer(self.store, self.encoder, self.codec, self.settings)

    def _paths(self):
        return {path for path in self.seeds.rglob("*") if path.is_file()}

    def _candidates(self, mark):
        return self.store.lexical_candidates([mark], 50)

    @rule(name=NAMES, text=TEXTS, mark=strategies.sampled_from(MARKS))
    def write(self, name, text, mark):
        path = self.seeds / name
        for word, holder in self.marks.items():
            if holder == path:
                self.marks[word] = None
        if self.marks[mark] is not None:
            return
        self.marks[mark] = path
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{mark}. {text}", encoding="utf-8", newline="")
        then = time.time() - 3600
        os.utime(path, (then, then))
        self.is_synced = False

    @rule(name=NAMES)
    def delete(self, name):
        path = self.seeds / name
        if path.exists():
            path.unlink()
            self.marks.update({word: None for word, holder in self.marks.items() if holder == path})
            self.is_synced = False

    @rule()
    def sync(self):
        self.indexer.sync([self.seeds], remove_most=True)
        again = self.indexer.sync([self.seeds], remove_most=True)
        assert (again.added, again.changed, again.removed, again.encoded) == ((), (), (), 0)
        assert self.store.check() == []
        self.is_synced = True

    @rule()
    def remove_one(self):
        for summary in self.store.summaries()[:1]:
            self.store.remove([summary.id])
            self.is_synced = False

    @rule()
    def reopen(self):
        before = [self._candidates(mark) for mark in MARKS]
        question = self.encoder.encode_questions(["marka"])[0].pooled
        nearest = self.store.dense_candidates(question, 5)
        self.store.close()
        self._open()
        assert [self._candidates(mark) for mark in MARKS] == before
        assert self.store.dense_candidates(question, 5) == nearest

    @invariant()
    def what_is_there_is_found_and_nothing_else(self):
        if not hasattr(self, "store") or not self.is_synced:
            return
        for mark, path in self.marks.items():
            found = self.store.passages([one.passage_id for one in self._candidates(mark)])
            assert bool(found) == (path is not None)
            for passage in found:
                article = self.store.article(passage.article_id)
                assert article.text == canonical_text(path.read_bytes().decode("utf-8"))
                assert passage.text == article.text[passage.start : passage.end]
        assert {summary.source for summary in self.store.summaries()} <= {str(path) for path in self._paths()}

    def teardown(self):
        if hasattr(self, "store"):
            assert self.store.check() == []
            self.store.close()
            shutil.rmtree(self.folder)


TestLibrary = Library.TestCase
TestLibrary.settings = settings(
    max_examples=10, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)
