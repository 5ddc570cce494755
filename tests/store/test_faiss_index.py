import os
import subprocess
import sys

import numpy as np
import pytest

from assistant.errors import StoreError
from assistant.store.faiss_index import DenseIndex, Generation
from assistant.store.local_store import LocalStore
from assistant.store.selection import Allowed

NOW = Generation(3, "aabbcc")
POSIX = pytest.mark.skipif(os.name != "posix", reason="needs POSIX files")


@pytest.fixture
def vectors():
    return np.random.default_rng(0).standard_normal((50, 8)).astype(np.float32)


@pytest.fixture
def ids():
    return np.arange(50, dtype=np.int64) * 3 + 5


@pytest.fixture
def index(ids, vectors):
    return DenseIndex.build(NOW, ids, vectors)


def test_a_saved_index_comes_back_the_same(tmp_path, index, ids, vectors):
    index.save(tmp_path)
    loaded = DenseIndex.load(tmp_path, NOW, ids, 8)
    assert loaded.search(vectors[7], 5) == index.search(vectors[7], 5)
    assert loaded.vectors().tolist() == vectors.tolist()


def test_search_among_allowed_passages_is_exact(index, ids, vectors):
    allowed = ids[[4, 9, 23, 31]]
    scores = {int(ids[row]): float(vectors[row] @ vectors[0]) for row in (4, 9, 23, 31)}
    expected = sorted(scores, key=scores.get, reverse=True)
    assert [c.passage_id for c in index.search(vectors[0], 10, Allowed(allowed))] == expected
    assert [c.passage_id for c in index.search(vectors[0], 2, Allowed(allowed))] == expected[:2]
    assert index.search(vectors[0], 5, Allowed(ids[:0])) == []


def test_an_index_follows_what_was_added_and_removed(index, ids, vectors):
    added = np.random.default_rng(1).standard_normal((2, 8)).astype(np.float32)
    asked_for = []

    def fetch(missing):
        asked_for.append(missing.tolist())
        return added

    after = index.updated(Generation(4, "dd"), np.append(ids[10:], [400, 500]), fetch)
    assert asked_for == [[400, 500]]
    assert after.ids.tolist() == [*ids[10:].tolist(), 400, 500]
    assert after.vectors().tolist() == np.concatenate([vectors[10:], added]).tolist()
    assert index.ids.tolist() == ids.tolist()


def test_a_mapped_index_can_be_followed_too(tmp_path, index, ids, vectors):
    index.save(tmp_path)
    loaded = DenseIndex.load(tmp_path, NOW, ids, 8)
    after = loaded.updated(Generation(4, "dd"), ids[1:], lambda missing: vectors[:0])
    assert after.vectors().tolist() == vectors[1:].tolist()


def test_after_changes_a_search_finds_what_an_index_made_anew_finds(tmp_path):
    random = np.random.default_rng(7)
    vectors = random.standard_normal((900, 8)).astype(np.float32)
    ids = np.arange(300, dtype=np.int64)
    index = DenseIndex.build(Generation(1, "aa"), ids, vectors[ids])
    for number in range(2, 14):
        gone = random.choice(ids, random.integers(0, 40), replace=False)
        new = np.arange(ids.max() + 1, ids.max() + 1 + random.integers(0, 50))
        ids = np.concatenate([np.setdiff1d(ids, gone), new])
        index = index.updated(Generation(number, "aa"), ids, lambda missing: vectors[missing])
        if number % 3 == 0:
            index.save(tmp_path)
            index = DenseIndex.load(tmp_path, Generation(number, "aa"), ids, 8)
        anew = DenseIndex.build(index.generation, ids, vectors[ids])
        assert index.ids.tolist() == ids.tolist()
        assert index.vectors().tolist() == vectors[ids].tolist()
        allowed = random.choice(ids, 60, replace=False)
        for question in random.standard_normal((5, 8)).astype(np.float32):
            for chosen in (None, Allowed(allowed)):
                found, expected = index.search(question, 20, chosen), anew.search(question, 20, chosen)
                assert [one.passage_id for one in found] == [one.passage_id for one in expected]
                assert [one.score for one in found] == pytest.approx([one.score for one in expected], abs=1e-5)


def test_a_small_change_is_written_beside_the_large_part_and_many_are_not(tmp_path):
    random = np.random.default_rng(2)
    vectors = random.standard_normal((9000, 8)).astype(np.float32)

    def names():
        return sorted(f"{path.name.split('-')[1]}{path.suffix}" for path in tmp_path.iterdir())

    def updated(index, number, ids):
        after = index.updated(Generation(number, "aa"), ids, lambda missing: vectors[missing])
        after.save(tmp_path)
        return after

    index = DenseIndex.build(Generation(1, "aa"), np.arange(4000), vectors[:4000])
    index.save(tmp_path)
    index = DenseIndex.load(tmp_path, Generation(1, "aa"), np.arange(4000), 8)
    index = updated(index, 2, np.arange(1, 4000))
    assert names() == ["1.faiss", "2.changes"]
    index = updated(index, 3, np.arange(3, 4010))
    assert names() == ["1.faiss", "3.changes"]
    index = updated(index, 4, np.arange(3, 6000))
    assert names() == ["4.faiss"]


@pytest.mark.parametrize("which", ["faiss", "changes"])
def test_changes_are_taken_only_if_they_and_the_large_part_are_whole(tmp_path, index, ids, vectors, which):
    index.save(tmp_path)
    loaded = DenseIndex.load(tmp_path, NOW, ids, 8)
    later = Generation(4, "dd")
    loaded.updated(later, ids[1:], lambda missing: vectors[:0]).save(tmp_path)
    assert DenseIndex.load(tmp_path, later, ids[1:], 8).vectors().tolist() == vectors[1:].tolist()
    (path,) = tmp_path.glob(f"*.{which}")
    for damage in (_truncate, _flip_one_bit, _replace_by_a_huge_file, _garble, _empty, _remove):
        content = path.read_bytes()
        damage(path)
        assert DenseIndex.load(tmp_path, later, ids[1:], 8) is None
        path.write_bytes(content)
    assert DenseIndex.load(tmp_path, later, ids[1:], 8) is not None
    assert DenseIndex.load(tmp_path, later, ids, 8) is None


def test_a_store_that_was_changed_a_little_opens_with_what_was_written_beside(
    folder, fingerprint, make_article, cut, ask
):
    articles = [make_article(f"Sentence number {number}.", f"{number}.txt") for number in range(9)]
    with LocalStore.open(folder, fingerprint) as store:
        for article in articles:
            store.put(article, cut(article))
    with LocalStore.open(folder, fingerprint) as store:
        store.remove([articles[4].id])
    assert sorted(path.suffix for path in folder.glob("index-*")) == [".changes", ".faiss"]
    with LocalStore.open(folder, fingerprint) as store:
        assert len(store.dense_candidates(ask("number"), 9)) == 8
        assert store._index.base_file is not None
        assert store.check() == []


def _truncate(path):
    os.truncate(path, path.stat().st_size - 100)


def _empty(path):
    path.write_bytes(b"")


def _garble(path):
    path.write_bytes(os.urandom(5000))


def _flip_one_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


def _lengthen(path):
    path.write_bytes(path.read_bytes() + b"more")


def _remove(path):
    path.unlink()


def _link_to_an_endless_device(path):
    path.unlink()
    path.symlink_to("/dev/zero")


def _replace_by_a_pipe(path):
    path.unlink()
    os.mkfifo(path)


def _replace_by_a_huge_file(path):
    with path.open("wb") as file:
        file.truncate(1 << 40)


@pytest.mark.parametrize(
    "damage",
    [
        _truncate,
        _empty,
        _garble,
        _flip_one_bit,
        _lengthen,
        _remove,
        pytest.param(_link_to_an_endless_device, marks=POSIX),
        pytest.param(_replace_by_a_pipe, marks=POSIX),
        pytest.param(_replace_by_a_huge_file, marks=POSIX),
    ],
)
def test_a_damaged_index_is_derived_anew_without_encoding(folder, fingerprint, make_article, cut, ask, encoder, damage):
    with LocalStore.open(folder, fingerprint) as store:
        for number in range(9):
            article = make_article(f"Sentence number {number}.", f"{number}.txt")
            store.put(article, cut(article))
        expected = store.dense_candidates(ask("number 5"), 9)
    (path,) = folder.glob("index-*.faiss")
    damage(path)
    encoder.batches.clear()
    with LocalStore.open(folder, fingerprint) as store:
        assert store.dense_candidates(ask("number 5"), 9) == expected
        assert store.check() == []
    assert encoder.batches == []
    # The repaired index is published, so the next process can use it.
    (path,) = folder.glob("index-*.faiss")
    assert DenseIndex.load(folder, store._index.generation, store._index.ids, 16) is not None


def test_the_index_of_another_generation_or_copy_is_not_taken(tmp_path, index, ids):
    index.save(tmp_path)
    assert DenseIndex.load(tmp_path, Generation(4, NOW.stamp), ids, 8) is None
    assert DenseIndex.load(tmp_path, Generation(NOW.number, "ffffff"), ids, 8) is None
    assert DenseIndex.load(tmp_path, NOW, ids[1:], 8) is None
    assert DenseIndex.load(tmp_path, NOW, ids, 16) is None


def test_a_store_restored_from_a_copy_does_not_take_the_later_index(folder, fingerprint, make_article, cut, ask):
    import shutil

    with LocalStore.open(folder, fingerprint) as store:
        first = make_article("The first text.", "a.txt")
        store.put(first, cut(first))
    shutil.copy(folder / "store.sqlite", folder / "copy")
    with LocalStore.open(folder, fingerprint) as store:
        lost = make_article("Lost to the restoration.", "b.txt")
        store.put(lost, cut(lost))
    (folder / "copy").replace(folder / "store.sqlite")
    with LocalStore.open(folder, fingerprint) as store:
        other = make_article("Written after it.", "c.txt")
        store.put(other, cut(other))
        assert store.generation == 2
        assert store.check() == []


def test_only_the_latest_index_is_kept(tmp_path, index, ids, vectors):
    index.save(tmp_path)
    DenseIndex.build(Generation(4, "dd"), ids, vectors).save(tmp_path)
    assert [path.name.split("-")[1] for path in tmp_path.iterdir()] == ["4"]


def test_a_reader_keeps_an_index_that_is_replaced_under_it(tmp_path, index, ids, vectors):
    index.save(tmp_path)
    loaded = DenseIndex.load(tmp_path, NOW, ids, 8)
    expected = loaded.search(vectors[3], 5)
    DenseIndex.build(Generation(4, "dd"), ids, -vectors).save(tmp_path)
    assert loaded.search(vectors[3], 5) == expected


def test_a_folder_that_cannot_be_written_is_named(tmp_path, index):
    with pytest.raises(StoreError, match=r"could not be written into .*missing"):
        index.save(tmp_path / "missing")


def test_what_a_killed_writer_left_is_overwritten(tmp_path, index, ids):
    (tmp_path / "index.faiss.tmp").write_bytes(b"half an index")
    index.save(tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    assert DenseIndex.load(tmp_path, NOW, ids, 8) is not None


def test_a_link_in_the_place_of_the_temporary_file_is_not_followed(tmp_path, index, ids):
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "index.faiss.tmp").symlink_to(tmp_path / "notes.txt")
    index.save(tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert DenseIndex.load(tmp_path, NOW, ids, 8) is not None


def test_a_reader_that_cannot_keep_the_index_warns_and_goes_on(folder, fingerprint, make_article, cut, ask, caplog):
    article = make_article("Still found.")
    with LocalStore.open(folder, fingerprint) as store:
        store.put(article, cut(article))
    (path,) = folder.glob("index-*.faiss")
    path.unlink()
    (folder / "index.faiss.tmp").mkdir()

    with LocalStore.open(folder, fingerprint) as store:
        assert len(store.dense_candidates(ask("found"), 1)) == 1

    (warning,) = caplog.messages
    assert warning.startswith("The search index was not kept")
    assert str(folder) in warning
    assert "\n" not in warning
    assert "faiss::" not in warning


@pytest.mark.skipif(sys.platform == "win32", reason="a file that is open cannot be cut off there")
def test_an_index_that_is_cut_off_under_a_reader_ends_no_process(tmp_path):
    # In a process of its own, which is what it would end.
    script = """
import sys
from pathlib import Path
import numpy as np
from assistant.store.faiss_index import DenseIndex, Generation, index_files
folder = Path(sys.argv[1])
ids, vectors = np.arange(500), np.random.default_rng(1).normal(size=(500, 64)).astype(np.float32)
DenseIndex.build(Generation(1, "ab"), ids, vectors).save(folder)
index = DenseIndex.load(folder, Generation(1, "ab"), ids, 64)
((path, _),) = index_files(folder)
with path.open("rb+") as file:
    file.truncate(100)
print(index.search(vectors[400], 1)[0].passage_id)
"""
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "400"), done.stderr
