"""What a sync says of folders: files passed over, previews, patterns, and folders that have gone."""

import shutil

import pytest

from assistant.errors import ReadError
from assistant.indexing.sync import Indexer


@pytest.fixture
def indexer(store, encoder, codec, settings):
    return Indexer(store, encoder, codec, settings)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "articles on the weir"
    made.mkdir()
    for number in range(12):
        (made / f"{number:02}.txt").write_text(f"Article {number} on the weir.")
    return made


def test_other_formats_are_passed_over_and_named(indexer, folder):
    (folder / "photo.png").write_bytes(b"x")
    (folder / "~$plan.docx").write_bytes(b"x")
    report = indexer.sync([folder])
    assert len(report.added) == 12
    assert report.passed_over == (str(folder / "photo.png"),)
    assert report.problems == ()


def test_a_preview_says_what_would_be_and_writes_nothing(indexer, folder, store):
    indexer.sync([folder])
    (folder / "00.txt").unlink()
    (folder / "01.txt").write_text("Another text on the lock.")
    (folder / "new.txt").write_text("A new article.")
    before = store.generation
    report = indexer.sync([folder], preview=True)
    assert report.is_preview
    assert report.added == (str(folder / "new.txt"),)
    assert report.changed == (str(folder / "01.txt"),)
    assert report.removed == (str(folder / "00.txt"),)
    assert len(report.unchanged) == 10
    assert store.generation == before
    assert len(store.summaries()) == 12


def test_a_folder_that_is_not_mounted_removes_nothing_without_a_word(indexer, folder, store):
    indexer.sync([folder])
    shutil.rmtree(folder)
    folder.mkdir()
    with pytest.raises(ReadError, match="12 of the 12 files .* are gone: is it mounted.* --remove-most") as refused:
        indexer.sync([folder])
    assert str(folder) in str(refused.value)
    assert len(store.summaries()) == 12
    assert len(indexer.sync([folder], remove_most=True).removed) == 12
    assert store.summaries() == []


def test_a_tidied_folder_is_no_unmounted_one(indexer, folder, store):
    indexer.sync([folder])
    for number in range(5):
        (folder / f"{number:02}.txt").unlink()
    assert len(indexer.sync([folder]).removed) == 5


def test_files_that_were_moved_below_the_folder_are_no_loss(indexer, folder, store):
    indexer.sync([folder])
    (folder / "old").mkdir()
    for path in sorted(folder.glob("*.txt")):
        path.rename(folder / "old" / path.name)
    report = indexer.sync([folder])
    assert report.encoded == 0
    assert len(store.summaries()) == 12


def test_patterns_choose_what_is_read_and_remove_nothing(indexer, folder, store):
    assert len(indexer.sync([folder], include=["0*.txt"], exclude=["09.txt"]).added) == 9
    assert len(indexer.sync([folder], include=["1*"]).added) == 2
    assert len(store.summaries()) == 11
