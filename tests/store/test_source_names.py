from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.store.local_store import LocalStore
from assistant.store.source_names import SourceNames

NAMES = SourceNames(Path("/home/mona/news/vectorstore"))


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("/home/mona/news/seeds/a.txt", "./seeds/a.txt"),
        ("/home/mona/news/seeds/t.csv#12", "./seeds/t.csv#12"),
        ("/home/mona/news/seeds/اخبار %20 [x].txt", "./seeds/اخبار %20 [x].txt"),
        ("/home/mona/newspaper/a.txt", "/home/mona/newspaper/a.txt"),
        ("/home/mona/other/a.txt", "/home/mona/other/a.txt"),
        ("https://example.org/a?b=./c", "https://example.org/a?b=./c"),
    ],
)
def test_only_paths_beside_the_store_are_relative(source, kept):
    assert NAMES.kept(source) == kept
    assert NAMES.shown(kept) == source


@given(st.lists(st.text(st.characters(exclude_characters="/\x00", exclude_categories=["Cs"]), min_size=1), min_size=1))
def test_every_path_comes_back(parts):
    source = "/home/mona/news/" + "/".join("x" + part for part in parts)
    assert NAMES.shown(NAMES.kept(source)) == source


def test_a_store_at_the_root_of_the_disk_works():
    names = SourceNames(Path("/vectorstore"))
    assert names.kept("/seeds/a.txt") == "./seeds/a.txt"
    assert names.shown("./seeds/a.txt") == "/seeds/a.txt"


def test_sources_move_with_the_project(project, folder, fingerprint, make_article, cut):
    with LocalStore.open(folder, fingerprint) as store:
        article = make_article("Moved along.")
        store.put(article, cut(article))
    moved = project.rename(project.with_name("renamed"))
    with LocalStore.open(moved / "vectorstore", fingerprint) as store:
        assert [summary.source for summary in store.summaries()] == [str(moved / "seeds" / "a.txt")]
