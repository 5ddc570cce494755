import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.store.local_store import LocalStore
from assistant.store.source_files import SourceFile, SourceNames, shown

NAMES = SourceNames(Path("/home/mona/news/vectorstore"))


def shown_again(kept, names=NAMES):
    connection = sqlite3.connect(":memory:")
    try:
        ((source,),) = connection.execute(f"SELECT {shown(':kept')}", {"kept": kept, **names.parameters})
    finally:
        connection.close()
    return source


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
    assert shown_again(kept) == source


@given(st.lists(st.text(st.characters(exclude_characters="/\x00", exclude_categories=["Cs"]), min_size=1), min_size=1))
def test_every_path_comes_back(parts):
    source = "/home/mona/news/" + "/".join("x" + part for part in parts)
    assert shown_again(NAMES.kept(source)) == source


def test_a_store_at_the_root_of_the_disk_works():
    names = SourceNames(Path("/vectorstore"))
    assert names.kept("/seeds/a.txt") == "./seeds/a.txt"
    assert shown_again("./seeds/a.txt", names) == "/seeds/a.txt"


def test_sources_move_with_the_project(project, folder, fingerprint, make_article, cut):
    with LocalStore.open(folder, fingerprint) as store:
        article = make_article("Moved along.")
        store.put(article, cut(article), file=article.source)
        store.finish_file(SourceFile(article.source, 1, 2, "digest"), [article.source])
    moved = project.rename(project.with_name("renamed"))
    with LocalStore.open(moved / "vectorstore", fingerprint) as store:
        source = str(moved / "seeds" / "a.txt")
        assert [summary.source for summary in store.summaries()] == [source]
        assert store.article(article.id).source == source
        assert store.known_files()[source].file == SourceFile(source, 1, 2, "digest")
        assert store.known_files()[source].articles == {source: article.id}
