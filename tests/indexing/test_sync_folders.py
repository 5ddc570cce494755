"""What a sync says of folders: files passed over, previews, patterns, and folders that have gone."""

import shutil

import pytest

from assistant.errors import ReadError
from assistant.indexing.sync import Indexer


@pytest.fixture
def indexer(store, encoder, codec, settings):
    return Indexer(store, encoder, codec, settings)


@pytest.fixture
def library(tmp_path):
    made = tmp_path / "articles on the weir"
    made.mkdir()
    for number in range(12):
        (made / f"{number:02}.txt").write_text(f"Article {number} on the weir.")
    return made


def test_other_formats_are_passed_over_and_named(indexer, library):
    (library / "photo.png").write_bytes(b"x")
    (library / "~$plan.docx").write_bytes(b"x")
    report = indexer.sync([library])
    assert len(report.added) == 12
    assert report.passed_over == (str(library / "photo.png"),)
    assert report.problems == ()


def test_a_preview_says_what_would_be_and_writes_nothing(indexer, library, store):
    indexer.sync([library])
    (library / "00.txt").unlink()
    (library / "01.txt").write_text("Another text on the lock.")
    (library / "new.txt").write_text("A new article.")
    before = store.generation
    report = indexer.sync([library], preview=True)
    assert report.is_preview
    assert report.added == (str(library / "new.txt"),)
    assert report.changed == (str(library / "01.txt"),)
    assert report.removed == (str(library / "00.txt"),)
    assert len(report.unchanged) == 10
    assert store.generation == before
    assert len(store.summaries()) == 12


def test_a_folder_that_is_not_mounted_removes_nothing_without_a_word(indexer, library, store):
    indexer.sync([library])
    shutil.rmtree(library)
    library.mkdir()
    with pytest.raises(ReadError, match=r"12 of the 12 files .* are gone: is it mounted.* --remove-most") as refused:
        indexer.sync([library])
    assert str(library) in str(refused.value)
    assert len(store.summaries()) == 12
    assert len(indexer.sync([library], remove_most=True).removed) == 12
    assert store.summaries() == []


def test_a_tidied_folder_is_no_unmounted_one(indexer, library, store):
    indexer.sync([library])
    for number in range(5):
        (library / f"{number:02}.txt").unlink()
    assert len(indexer.sync([library]).removed) == 5


def test_files_that_were_moved_below_the_folder_are_no_loss(indexer, library, store):
    indexer.sync([library])
    (library / "old").mkdir()
    for path in sorted(library.glob("*.txt")):
        path.rename(library / "old" / path.name)
    report = indexer.sync([library])
    assert report.encoded == 0
    assert len(store.summaries()) == 12


def test_patterns_choose_what_is_read_and_remove_nothing(indexer, library, store):
    assert len(indexer.sync([library], include=["0*.txt"], exclude=["09.txt"]).added) == 9
    assert len(indexer.sync([library], include=["1*"]).added) == 2
    assert len(store.summaries()) == 11


def test_articles_below_a_folder_that_cannot_be_listed_stay(indexer, library, store, make_unlistable):
    folder = library / "further"
    folder.mkdir()
    (folder / "inner.txt").write_text("The inner weir was opened in 1931 by Ada Brisk.", encoding="utf-8")
    indexer.sync([library])
    known = {summary.source for summary in store.summaries()}
    make_unlistable(folder)
    (library / "new.txt").write_text("A new weir was opened in 1933 by Ada Brisk.", encoding="utf-8")
    report = indexer.sync([library])
    assert report.added == (str(library / "new.txt"),)
    assert report.removed == ()
    assert [str(one) for one in report.problems] == [f"{folder}: it cannot be listed (Permission denied)."]
    assert {summary.source for summary in store.summaries()} == {*known, str(library / "new.txt")}


@pytest.mark.timeout(120)
def test_a_huge_file_is_not_read_to_know_whether_it_has_changed(indexer, library):
    with (library / "huge.txt").open("wb") as file:
        file.truncate(1 << 40)  # sparse: it takes no room
    for _ in range(2):
        (said,) = map(str, indexer.sync([library]).problems)
        assert "it is larger than 50 MiB" in said
    indexer.sync([library], preview=True)
