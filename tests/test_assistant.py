"""The façade: what reading and adding make of a folder that holds no store."""

import pytest

from assistant import Assistant
from assistant.articles.article import Article
from assistant.errors import StoreError

QUESTION = "When does the library open?"


@pytest.mark.parametrize(
    "read",
    [
        lambda assistant: assistant.articles(),
        lambda assistant: assistant.article("0123456789abcdef"),
        lambda assistant: assistant.remove("0123456789abcdef"),
        lambda assistant: assistant.status(),
        lambda assistant: assistant.search(QUESTION),
        lambda assistant: assistant.ask(QUESTION),
        lambda assistant: list(assistant.stream(QUESTION)),
        lambda assistant: assistant.conversation().ask(QUESTION),
    ],
)
def test_reading_where_there_is_no_store_says_so_and_makes_nothing(tmp_path, read):
    folder = tmp_path / "mistyped"
    with Assistant(folder, chat_model="extractive") as assistant:
        with pytest.raises(StoreError, match=f"There is no store in {folder}: .*--store"):
            read(assistant)
        assert not folder.exists()


def test_adding_makes_the_store_that_reading_did_not_find(tmp_path):
    with Assistant(tmp_path / "store", chat_model="extractive") as assistant:
        with pytest.raises(StoreError):
            assistant.articles()
        assistant.add_articles([Article("a.txt", "Library", "The library opens at nine.")])
        assert [article.title for article in assistant.articles()] == ["Library"]


def test_a_store_can_be_made_before_there_are_articles(tmp_path):
    with Assistant(tmp_path / "store", chat_model="extractive") as assistant:
        assistant.create()
        assert assistant.articles() == []
        assert assistant.search(QUESTION).hits == ()


def test_an_answer_comes_also_where_the_search_index_cannot_be_kept(tmp_path, caplog):
    folder = tmp_path / "store"
    with Assistant(folder, chat_model="extractive") as assistant:
        assistant.add_articles([Article("a.txt", "Library", "The library opens at nine.")])
    for index in folder.glob("index-*"):
        index.unlink()
    (folder / "index.faiss.tmp").mkdir()

    with Assistant(folder, chat_model="extractive") as assistant:
        answer = assistant.ask(QUESTION)

    assert "nine" in answer.text
    assert [message for message in caplog.messages if "search index was not kept" in message]
