import numpy as np
import pytest

from assistant.store import faiss_index, inverted_lists
from assistant.store.faiss_index import DenseIndex, Generation, index_files
from assistant.store.inverted_lists import DamagedListError, InvertedLists
from assistant.store.local_store import LocalStore
from assistant.store.selection import Allowed, Selection

PASSAGES, DIMENSION = 4000, 16
NONE = np.empty(0, np.int64)


@pytest.fixture(scope="module")
def vectors():
    """Passages around centres, as texts are around subjects."""
    random = np.random.default_rng(3)
    centres = random.standard_normal((60, DIMENSION))
    found = centres[random.integers(0, 60, PASSAGES)] + 0.5 * random.standard_normal((PASSAGES, DIMENSION))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def ids():
    return np.arange(PASSAGES, dtype=np.int64) * 2 + 7


@pytest.fixture(scope="module")
def lists(ids, vectors):
    return InvertedLists.build(ids, lambda wanted: vectors[np.searchsorted(ids, wanted)], DIMENSION)


@pytest.fixture
def fewer_compared(monkeypatch):
    """Small lists are compared whole otherwise, and nothing would be told of the rest."""
    monkeypatch.setattr(inverted_lists, "COMPARED_PER_ROOT", 10)


@pytest.fixture
def early_lists(monkeypatch):
    monkeypatch.setattr(faiss_index, "LISTS_FROM", 500)


def exact(ids, vectors, question, k, allowed=None):
    chosen = np.arange(len(ids)) if allowed is None else np.flatnonzero(np.isin(ids, allowed))
    scores = vectors[chosen] @ question
    return [int(ids[chosen[row]]) for row in np.argsort(-scores)[:k]]


def numbers(found):
    return [candidate.passage_id for candidate in found]


def recall(found, expected):
    return len(set(found) & set(expected)) / len(expected)


def test_nearly_all_that_is_near_is_found_by_comparing_few(fewer_compared, lists, ids, vectors):
    questions = vectors[::80]
    found = [lists.nearest(question, 10, Selection(None, NONE)) for question in questions]
    shares = [recall(numbers(one), exact(ids, vectors, q, 10)) for one, q in zip(found, questions, strict=True)]
    assert np.mean(shares) > 0.9
    for one, question in zip(found, questions, strict=True):
        scores = [float(vectors[(number - 7) // 2] @ question) for number in numbers(one)]
        assert [candidate.score for candidate in one] == pytest.approx(scores, abs=1e-6)
        assert scores == sorted(scores, reverse=True)


def test_few_that_are_allowed_are_all_compared_wherever_they_lie(fewer_compared, lists, ids, vectors):
    random = np.random.default_rng(5)
    for question in vectors[:20]:
        allowed = random.choice(ids, 300, replace=False)
        assert numbers(lists.nearest(question, 20, Selection(Allowed(allowed), NONE))) == exact(
            ids, vectors, question, 20, allowed
        )
    # What is far from the question is found too, where nothing else is allowed.
    far = np.array(exact(ids, vectors, -vectors[0], 5))
    assert sorted(numbers(lists.nearest(vectors[0], 20, Selection(Allowed(far), NONE)))) == sorted(far.tolist())


def test_passages_that_are_not_in_the_lists_are_no_trouble(lists, ids, vectors):
    beside = np.array([0, 8, 10**9])
    assert lists.nearest(vectors[0], 5, Selection(Allowed(beside), NONE)) == []
    assert numbers(lists.nearest(vectors[0], 5, Selection(Allowed(np.append(beside, ids[9])), NONE))) == [int(ids[9])]


def test_what_is_removed_is_not_found(lists, ids, vectors):
    expected = exact(ids, vectors, vectors[0], 30)
    gone = np.sort(expected[:10])
    assert numbers(lists.nearest(vectors[0], 20, Selection(None, gone))) == expected[10:]


def test_vectors_come_back_as_they_were(lists, ids, vectors):
    assert np.array_equal(lists.vectors_of(ids), vectors)
    assert np.array_equal(lists.vectors_of(ids[[900, 3, 77]]), vectors[[900, 3, 77]])


def test_lists_come_back_from_their_file(tmp_path, lists, ids, vectors):
    checksum = lists.write(tmp_path / "lists")
    read = InvertedLists.read(tmp_path / "lists", checksum, DIMENSION)
    assert np.array_equal(read.ids, ids)
    assert np.array_equal(read.vectors_of(ids), vectors)
    for question in vectors[:30]:
        assert read.nearest(question, 10, Selection(None, NONE)) == lists.nearest(question, 10, Selection(None, NONE))
    assert InvertedLists.read(tmp_path / "lists", checksum, DIMENSION * 2) is None
    assert InvertedLists.read(tmp_path / "lists", checksum ^ 1, DIMENSION) is None


def test_any_byte_that_changes_is_noticed_when_opened_or_when_first_read(tmp_path, lists, ids):
    checksum = lists.write(tmp_path / "lists")
    content = (tmp_path / "lists").read_bytes()
    random = np.random.default_rng(0)
    at_once = 0
    for place in [*random.integers(0, len(content), 60), 0, len(content) - 1, len(content) - 24]:
        damaged = bytearray(content)
        damaged[place] ^= 1
        (tmp_path / "damaged").write_bytes(damaged)
        read = InvertedLists.read(tmp_path / "damaged", checksum, DIMENSION)
        if read is None:
            at_once += 1
            continue
        with pytest.raises(DamagedListError):
            read.vectors_of(ids)
    assert 3 <= at_once < 60


@pytest.mark.parametrize("length", [0, 10, 23, 24, 100, 5000, -1, -30, -4000])
def test_a_file_that_is_cut_off_or_too_long_is_not_taken(tmp_path, lists, length):
    checksum = lists.write(tmp_path / "lists")
    content = (tmp_path / "lists").read_bytes()
    for cut in (content[:length], content + bytes(abs(length) + 1)):
        (tmp_path / "lists").write_bytes(cut)
        assert InvertedLists.read(tmp_path / "lists", checksum, DIMENSION) is None


def test_a_large_index_is_put_in_order_and_follows_changes_without_being_made_anew(tmp_path, early_lists, ids, vectors):
    def fetch(wanted):
        return vectors[np.searchsorted(ids, wanted)]

    flat = DenseIndex.build(Generation(1, "aa"), ids[:2000], vectors[:2000])
    assert flat.is_disordered()
    index = flat.reorganised().save(tmp_path)
    assert isinstance(index.base, InvertedLists)
    assert not index.is_disordered()
    assert [path.suffix for path in tmp_path.iterdir()] == [".lists"]
    lists = index.base
    index = index.updated(Generation(2, "bb"), ids[50:2100], fetch).save(tmp_path)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".changes", ".lists"]
    loaded = DenseIndex.load(tmp_path, Generation(2, "bb"), ids[50:2100], DIMENSION)
    for one in (index, loaded):
        assert np.array_equal(one.vectors(), vectors[50:2100])
        for question in vectors[::100]:
            assert numbers(one.search(question, 5)) == exact(ids[50:2100], vectors[50:2100], question, 5)
    # However much is changed, a search does not wait until all is put in order.
    index = loaded.updated(Generation(3, "cc"), ids[1500:], fetch)
    assert len(index.base.ids) == len(lists.ids)
    assert index.is_disordered()
    assert numbers(index.search(vectors[3999], 5)) == exact(ids[1500:], vectors[1500:], vectors[3999], 5)
    index = index.reorganised().save(tmp_path)
    assert np.array_equal(index.base.ids, ids[1500:])
    assert [path.suffix for path in tmp_path.iterdir()] == [".lists"]
    # All gone but what is new, and then few left.
    index = index.updated(Generation(4, "dd"), ids[:600], fetch)
    assert numbers(index.search(vectors[5], 5)) == exact(ids[:600], vectors[:600], vectors[5], 5)
    assert index.updated(Generation(5, "ee"), ids[:300], fetch).is_disordered() is False


def test_lists_of_an_earlier_state_do_not_pass_for_those_of_a_later_one(tmp_path, early_lists, ids, vectors):
    flat = DenseIndex.build(Generation(1, "aa"), ids[:600], vectors[:600])
    later = flat.reorganised().updated(Generation(2, "bb"), ids[:601], lambda wanted: vectors[600:601])
    saved = later.save(tmp_path)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".changes", ".lists"]
    assert DenseIndex.load(tmp_path, Generation(2, "bb"), None, DIMENSION).ids.tolist() == ids[:601].tolist()
    saved.save(tmp_path)
    assert len(index_files(tmp_path)) == 2


@pytest.fixture
def large(folder, fingerprint, make_article, cut, early_lists):
    """A store whose index is in lists."""
    text = " ".join(f"Sentence number {number} of harbour {number % 7}." for number in range(300))
    with LocalStore.open(folder, fingerprint) as store:
        for part in range(4):
            article = make_article(f"{text} Part {part}.", f"{part}.txt")
            store.put(article, cut(article))
        store.publish()
    return folder


def test_a_large_store_is_opened_changed_and_checked(large, fingerprint, make_article, cut, ask):
    assert [path.suffix for path in large.glob("index-*")] == [".lists"]
    with LocalStore.open(large, fingerprint) as reader, LocalStore.open(large, fingerprint) as store:
        assert reader.dense_candidates(ask("harbour"), 3) == store.dense_candidates(ask("harbour"), 3)
        assert isinstance(store._index.base, InvertedLists)
        assert store.check() == []
        article = make_article("Only this one says lighthouse.", "new.txt")
        store.put(article, cut(article))
        (found, *_) = reader.dense_candidates(ask("Only this one says lighthouse."), 3)
        assert reader.passages([found.passage_id])[0].article_id == article.id
        store.remove([article.id])
        (found, *_) = reader.dense_candidates(ask("Only this one says lighthouse."), 3)
        assert reader.passages([found.passage_id])[0].article_id != article.id
        assert store.check() == []
    assert sorted(path.suffix for path in large.glob("index-*")) == [".changes", ".lists"]
    with LocalStore.open(large, fingerprint) as store:
        assert store.check() == []


def test_a_reader_goes_over_to_what_another_process_has_put_in_order(
    folder, fingerprint, make_article, cut, ask, monkeypatch
):
    with LocalStore.open(folder, fingerprint) as store, LocalStore.open(folder, fingerprint) as reader:
        first = make_article(" ".join(f"Sentence {number}." for number in range(600)), "a.txt")
        store.put(first, cut(first))
        store.publish()
        reader.dense_candidates(ask("Sentence"), 3)
        monkeypatch.setattr(faiss_index, "LISTS_FROM", 500)
        second = make_article("A second article.", "b.txt")
        store.put(second, cut(second))
        store.publish()
        assert [path.suffix for path in folder.glob("index-*")] == [".lists"]
        reader.dense_candidates(ask("Sentence"), 3)
        assert isinstance(reader._index.base, InvertedLists)


def _flip_in_the_middle(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _cut_off(path):
    path.write_bytes(path.read_bytes()[:-7])


def _flip_in_the_centroids(path):
    content = bytearray(path.read_bytes())
    content[200] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [_flip_in_the_middle, _cut_off, _flip_in_the_centroids])
def test_a_damaged_large_index_is_made_anew_from_the_database(large, fingerprint, ask, encoder, damage):
    with LocalStore.open(large, fingerprint) as store:
        expected = store.dense_candidates(ask("harbour 3"), 20)
    (path,) = large.glob("index-*")
    damage(path)
    encoder.batches.clear()
    with LocalStore.open(large, fingerprint) as store:
        assert store.dense_candidates(ask("harbour 3"), 20) == pytest.approx(expected)
        assert store.check() == []
    assert encoder.batches == []
    with LocalStore.open(large, fingerprint) as store:
        assert store.check() == []


def test_check_and_repair_see_damage_that_no_search_has_met(large, fingerprint, ask, early_lists):
    (path,) = large.glob("index-*")
    _flip_in_the_middle(path)
    with LocalStore.open(large, fingerprint) as store:
        assert store.check() == ["search index: its vectors are not those of the database"]
        store.repair()
        assert store.check() == []
        assert [path.suffix for path in large.glob("index-*")] == [".lists"]


def test_a_change_upon_damaged_lists_is_kept(large, fingerprint, make_article, cut, ask):
    (path,) = large.glob("index-*")
    _flip_in_the_middle(path)
    with LocalStore.open(large, fingerprint) as store:
        many = make_article(" ".join(f"Other words {number}." for number in range(1300)), "many.txt")
        store.put(many, cut(many))
        store.publish()
        assert store.check() == []
        assert [path.suffix for path in large.glob("index-*")] == [".lists"]
