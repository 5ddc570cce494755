import os
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from store_fixtures import every_store

from assistant.articles.registry import read_source
from assistant.errors import ReadError, StoreError
from assistant.indexing.passage_encoder import BATCH, PassageEncoder, title_of
from assistant.indexing.sync import Indexer
from assistant.store.local_store import LocalStore


@pytest.fixture
def indexer(store, encoder, codec, settings):
    return Indexer(store, encoder, codec, settings)


@pytest.fixture
def seeds(project):
    return project / "seeds"


@pytest.fixture
def write(seeds):
    """Writes a file that looks as if it had been there for a while."""

    def written(name, text, age=3600):
        path = seeds / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        then = time.time() - age
        os.utime(path, (then, then))
        return str(path)

    return written


@pytest.fixture
def sync(indexer, seeds, store, encoder):
    """Syncs the project's articles, checks the store, and returns the report."""

    def synced(*paths):
        encoder.batches.clear()
        report = indexer.sync(paths or [seeds])
        assert store.check() == []
        titles = {title_of(store.article(summary.id)) for summary in store.summaries()}
        assert report.encoded == len([text for text in encoder.texts if text not in titles])
        return report

    return synced


def texts(store):
    return sorted(store.article(summary.id).text.strip() for summary in store.summaries())


@every_store
def test_new_files_are_added_and_the_second_sync_encodes_nothing(sync, write, store):
    a, b = write("a.txt", "The first article."), write("deep/er/b.txt", "القمّة المقبلة في موسكو.")
    report = sync()
    assert (report.added, report.changed, report.removed, report.unchanged) == ((a, b), (), (), ())
    assert report.encoded == 2
    again = sync()
    assert (again.added, again.unchanged, again.encoded) == ((), (a, b), 0)
    assert texts(store) == ["The first article.", "القمّة المقبلة في موسكو."]


def test_an_unchanged_file_is_not_even_read(sync, write, store, monkeypatch):
    a = write("a.txt", "The first article.")
    sync()
    before = store.generation
    # Same size, same time: as far as a quick look goes, the same file.
    write("a.txt", "The other article.")
    os.utime(a, ns=(0, store.known_files()[a].file.modified_ns))
    assert sync().unchanged == (a,)
    assert store.generation == before
    assert texts(store) == ["The first article."]


def test_a_file_written_just_now_is_looked_at_again(sync, write, store):
    a = write("a.txt", "The first article.", age=0)
    sync()
    then = Path(a).stat().st_mtime_ns
    write("a.txt", "The other article.", age=0)
    os.utime(a, ns=(then, then))
    assert sync().changed == (a,)
    assert texts(store) == ["The other article."]


def test_a_touched_file_costs_no_encoding(sync, write, store):
    a = write("a.txt", "The first article.")
    sync()
    write("a.txt", "The first article.", age=60)
    assert (sync().unchanged, sync().encoded) == ((a,), 0)


@every_store
def test_a_changed_file_replaces_its_passages_and_only_those_are_encoded(sync, write, store, encoder):
    a, b = write("a.txt", "The first article."), write("b.txt", "The second article.")
    sync()
    write("a.txt", "The first article was rewritten.", age=60)
    report = sync()
    assert (report.changed, report.unchanged) == ((a,), (b,))
    assert [text.strip() for text in encoder.texts] == ["The first article was rewritten."]
    assert texts(store) == ["The first article was rewritten.", "The second article."]


@every_store
def test_a_file_that_is_gone_disappears_everywhere(sync, write, store, seeds):
    a, b = write("a.txt", "Removable words."), write("b.txt", "The second article.")
    sync()
    Path(a).unlink()
    report = sync()
    assert (report.removed, report.unchanged, report.encoded) == ((a,), (b,), 0)
    assert texts(store) == ["The second article."]
    assert store.lexical_candidates(["remov", "removable"], 5) == []
    assert list(store.known_files()) == [b]


@every_store
def test_a_moved_file_costs_no_encoding(sync, write, store, seeds):
    a = write("a.txt", "The first article.")
    sync()
    (seeds / "sub").mkdir()
    Path(a).rename(seeds / "sub" / "moved.txt")
    report = sync()
    assert (report.added, report.removed, report.encoded) == ((str(seeds / "sub" / "moved.txt"),), (a,), 0)
    (summary,) = store.summaries()
    assert (summary.source, summary.other_sources) == (str(seeds / "sub" / "moved.txt"), ())


@every_store
def test_identical_content_is_encoded_once_and_keeps_both_names(sync, write, store):
    a, b = write("a.txt", "The same article."), write("b.txt", "The same article.")
    report = sync()
    assert (report.added, report.encoded) == ((a, b), 1)
    (summary,) = store.summaries()
    assert (summary.source, summary.other_sources) == (a, (b,))
    Path(a).unlink()
    assert sync().removed == (a,)
    (summary,) = store.summaries()
    assert (summary.source, summary.other_sources) == (b, ())


def test_identical_content_keeps_both_names_whether_or_not_one_batch_holds_both(sync, write, store):
    names = [write(f"{number:03}.txt", f"Article number {number % BATCH}.") for number in range(2 * BATCH + 2)]
    write("002x.txt", "Article number 2.")
    report = sync()
    assert (report.encoded, len(report.added)) == (BATCH, 2 * BATCH + 3)
    kept = [source for summary in store.summaries() for source in (summary.source, *summary.other_sources)]
    assert len(kept) == len(set(kept)) == 2 * BATCH + 3
    assert set(names) < set(kept)
    assert len(sync().unchanged) == 2 * BATCH + 3


@every_store
def test_only_what_lies_below_the_paths_is_removed(sync, write, store, indexer, seeds, project):
    inside, outside = write("in/a.txt", "Inside."), write("in-between/b.txt", "Beside it.")
    sync()
    Path(inside).unlink()
    Path(outside).unlink()
    assert sync(seeds / "in").removed == (inside,)
    assert texts(store) == ["Beside it."]


@every_store
def test_articles_without_a_file_outlive_a_sync(sync, write, store, indexer, make_article):
    from assistant.articles.article import Article

    indexer.add_articles([Article("https://example.org/a", "A", "From the web."), make_article("In memory.", "x.txt")])
    write("b.txt", "From a file.")
    assert sync().removed == ()
    assert texts(store) == ["From a file.", "From the web.", "In memory."]


def test_a_missing_path_changes_nothing(sync, write, store, seeds):
    write("a.txt", "The first article.")
    sync()
    before = store.generation
    with pytest.raises(ReadError, match="nowhere"):
        sync(seeds, seeds / "nowhere")
    assert store.generation == before


def test_a_file_that_cannot_be_read_is_reported_each_time_and_the_rest_go_on(sync, write, store, seeds):
    good, empty = write("good.txt", "Good."), write("empty.txt", " \n")
    (seeds / "binary.txt").write_bytes(bytes(range(256)) * 50)
    for expected in ((good,), ()):
        report = sync()
        assert report.added == expected
        assert sorted(problem.source for problem in report.problems) == [str(seeds / "binary.txt"), empty]
    assert texts(store) == ["Good."]


@every_store
def test_a_file_that_fails_now_keeps_the_article_stored_before(sync, write, store):
    a = write("a.txt", "What was stored.")
    sync()
    write("a.txt", "", age=60)
    report = sync()
    assert [problem.source for problem in report.problems] == [a]
    assert (report.changed, report.removed) == ((), ())
    assert texts(store) == ["What was stored."]
    write("a.txt", "What was stored.", age=30)
    assert (sync().unchanged, sync().encoded) == ((a,), 0)


@every_store
def test_a_removed_article_comes_back_with_the_next_sync(sync, write, store):
    a = write("a.txt", "Removed by hand.")
    sync()
    store.remove([summary.id for summary in store.summaries()])
    assert sync().added == (a,)


@every_store
def test_a_title_declared_anew_is_encoded_anew(sync, write, store):
    a = write("a.md", "---\ntitle: Old\n---\nThe words stay.")
    sync()
    write("a.md", "---\ntitle: New\n---\nThe words stay.", age=60)
    report = sync()
    assert (report.changed, report.encoded) == ((a,), 1)
    assert [summary.title for summary in store.summaries()] == ["New"]


@every_store
def test_a_language_declared_anew_is_encoded_anew(sync, write, store):
    write("a.md", "---\nlanguage: en\n---\nThe words stay.")
    sync()
    write("a.md", "---\nlanguage: fr\n---\nThe words stay.", age=60)
    assert sync().encoded == 1
    assert [summary.language for summary in store.summaries()] == ["fr"]


def test_add_removes_nothing_and_takes_files_and_folders(sync, write, store, indexer, seeds):
    a, b = write("a.txt", "One."), write("deep/b.txt", "Two.")
    assert indexer.add([a]).added == (a,)
    Path(a).unlink()
    report = indexer.add([seeds])
    assert (report.added, report.removed) == ((b,), ())
    assert texts(store) == ["One.", "Two."]


def test_a_url_that_cannot_be_reached_is_a_problem_and_the_files_go_on(write, store, indexer):
    a = write("a.txt", "One.")
    report = indexer.add(["https://unreachable.invalid/x", a])
    assert report.added == (a,)
    (problem,) = report.problems
    assert problem.source == "https://unreachable.invalid/x"


@every_store
def test_an_article_that_is_not_unicode_is_reported(store, indexer, make_article):
    report = indexer.add_articles([make_article("bro\ud800ken", "a.txt"), make_article("Whole.", "b.txt")])
    assert len(report.problems) == 1
    assert "no valid Unicode" in str(report.problems[0])
    assert texts(store) == ["Whole."]


def test_passages_are_encoded_in_full_batches_across_articles(sync, write, encoder):
    for number in range(BATCH + 10):
        write(f"{number:03}.txt", f"Article number {number}.")
    sync()
    assert [len(batch) for batch in encoder.batches] == [BATCH, 10]


def test_progress_is_told_to_the_end(write, indexer, seeds):
    for number in range(BATCH + 10):
        write(f"{number:03}.txt", f"Article number {number}.")
    calls = []
    indexer.sync([seeds], progress=lambda *call: calls.append(call))
    assert [call for call in calls if call[0] == "reading"][-1] == ("reading", BATCH + 10, BATCH + 10)
    assert [call for call in calls if call[0] == "encoding"] == [
        ("encoding", BATCH, BATCH),
        ("encoding", BATCH + 10, BATCH + 10),
    ]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, StoreError])
def test_an_interrupted_sync_keeps_what_was_committed_and_goes_on(
    write, store, indexer, seeds, encoder, monkeypatch, interruption
):
    for number in range(3 * BATCH):
        write(f"{number:03}.txt", f"Article number {number}.")
    encode = encoder.encode_passages

    def interrupted(given):
        if len(encoder.batches) == 2:
            raise interruption
        return encode(given)

    monkeypatch.setattr(encoder, "encode_passages", interrupted)
    with pytest.raises(interruption):
        indexer.sync([seeds])
    assert len(store.summaries()) == 2 * BATCH
    assert store.check() == []
    monkeypatch.undo()
    report = indexer.sync([seeds])
    assert (len(report.added), report.encoded) == (BATCH, BATCH)
    assert len(report.unchanged) == 2 * BATCH
    assert store.check() == []


def test_a_project_that_was_moved_is_unchanged(sync, write, store, project, encoder, codec, settings):
    write("a.txt", "The first article.")
    sync()
    store.close()
    moved = project.rename(project.with_name("elsewhere"))
    with LocalStore.open(moved / "vectorstore", store.fingerprint) as reopened:
        report = Indexer(reopened, encoder, codec, settings).sync([moved / "seeds"])
        assert (report.unchanged, report.added, report.removed) == ((str(moved / "seeds" / "a.txt"),), (), ())


def test_a_sync_publishes_the_index(sync, write, folder, store):
    write("a.txt", "The first article.")
    sync()
    assert [path.name.split("-")[1] for path in folder.glob("index-*")] == [str(store.generation)]


def test_a_sync_that_cannot_keep_the_index_warns_once_and_reports(sync, write, folder, store, caplog):
    write("a.txt", "The first article.")
    (folder / "index.faiss.tmp").mkdir()
    report = sync()
    store.close()
    assert len(report.added) == 1
    (warning,) = caplog.messages
    assert "The search index was not kept" in warning


CSV = "text,title\n{}\n"


def rows(*values):
    return CSV.format("\n".join(f"The article about {value}.,{value}" for value in values))


@pytest.mark.skipif(
    ".csv" not in __import__("assistant.articles.registry", fromlist=["x"]).SUPPORTED_SUFFIXES,
    reason="no reader for tables",
)
class TestTables:
    def test_each_row_is_an_article(self, sync, write):
        path = write("t.csv", rows("cats", "dogs"))
        assert sync().added == (f"{path}#1", f"{path}#2")
        assert sync().unchanged == (f"{path}#1", f"{path}#2")

    def test_a_row_put_first_moves_the_others_without_encoding_them(self, sync, write, store, encoder):
        path = write("t.csv", rows("cats", "dogs", "mice"))
        sync()
        write("t.csv", rows("birds", "cats", "dogs", "mice"), age=60)
        report = sync()
        assert report.encoded == 1
        assert "birds" in encoder.texts[0]
        assert report.added == (f"{path}#4",)
        assert len(store.summaries()) == 4

    def test_a_row_that_is_gone_is_removed(self, sync, write, store):
        path = write("t.csv", rows("cats", "dogs", "mice"))
        sync()
        write("t.csv", rows("cats", "mice"), age=60)
        report = sync()
        assert (report.changed, report.removed, report.encoded) == ((f"{path}#2",), (f"{path}#3",), 0)
        assert len(store.summaries()) == 2

    def test_a_table_longer_than_a_batch_goes_on_where_it_was_interrupted(
        self, write, sync, store, indexer, seeds, encoder, monkeypatch
    ):
        path = write("t.csv", rows(*range(2 * BATCH + 10), 0))
        encode = encoder.encode_passages

        def interrupted(given):
            if len(encoder.batches) == 1:
                raise KeyboardInterrupt
            return encode(given)

        monkeypatch.setattr(encoder, "encode_passages", interrupted)
        with pytest.raises(KeyboardInterrupt):
            indexer.sync([seeds])
        monkeypatch.undo()
        assert len(store.summaries()) == BATCH
        assert store.known_files()[path].file is None
        report = sync()
        assert (len(report.unchanged), report.encoded) == (BATCH, BATCH + 10)
        (twice,) = [summary for summary in store.summaries() if summary.other_sources]
        assert (twice.source, twice.other_sources) == (f"{path}#1", (f"{path}#{2 * BATCH + 11}",))
        assert len(sync().unchanged) == 2 * BATCH + 11

    def test_a_row_removed_by_hand_comes_back_with_the_next_sync(self, sync, write, store):
        path = write("t.csv", rows("cats", "dogs"))
        sync()
        store.remove([summary.id for summary in store.summaries() if summary.source == f"{path}#2"])
        assert sync().added == (f"{path}#2",)


def test_a_folder_named_by_way_of_its_parent_loses_what_vanished(sync, write, store, seeds):
    path = Path(write("a.txt", "The library opens at nine."))
    sync()
    path.unlink()

    report = sync(seeds / ".." / "seeds")

    assert report.removed == (str(path),)
    assert store.summaries() == []


def test_a_file_that_changes_after_it_was_read_elsewhere_is_read_by_the_next_sync(indexer, write, seeds, store):
    path = write("a.txt", "The first text.")

    class Elsewhere:
        def prepare(self, files, known, options, here):
            readings = {str(file): read_source(file, options=options) for file in files}
            write("a.txt", "The second one.", age=60)
            return SimpleNamespace(encoder=PassageEncoder(*here), read=lambda source, **_: readings[str(source)])

    indexer.sync([seeds], cluster=Elsewhere())
    assert texts(store) == ["The first text."]
    assert indexer.sync([seeds]).changed == (path,)
    assert texts(store) == ["The second one."]
