"""The façade: what reading and adding make of a folder that holds no store."""

from datetime import date

import pytest

from assistant import Assistant
from assistant.answering.answer import Choice, Status
from assistant.articles.article import Article
from assistant.errors import NotInStoreError, StoreError
from assistant.store.passage_store import Filters

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


MILL = Article("a/mill.txt", "The mill", "The mill burnt down. It stood by the river. Nobody was hurt.", "en")
LAKE = Article("a/lake.txt", "The lake", "The lake froze in December. People skated on it for a week.", "en")


@pytest.fixture
def of_two(tmp_path):
    with Assistant(tmp_path / "two", chat_model="extractive", today=lambda: date(2026, 1, 2)) as assistant:
        assistant.add_articles([MILL, LAKE])
        yield assistant


def test_articles_are_summarised_by_id_and_by_subject(of_two):
    assert {one.article.id for one in of_two.summarise(MILL.id).citations} == {MILL.id}
    assert {one.article.id for one in of_two.summarise([MILL.id, LAKE.id]).citations} == {MILL.id, LAKE.id}
    assert {one.article.id for one in of_two.summarise(about="the frozen lake").citations} == {LAKE.id}
    assert of_two.summarise(about="volcanoes of Iceland").status is Status.NOT_FOUND
    with pytest.raises(NotInStoreError):
        of_two.summarise("0123456789abcdef")


def test_suggestions_are_articles_in_the_readers_words(of_two):
    chosen = of_two.suggestions(1, language="de", filters=Filters(articles=(LAKE.id,)))
    assert chosen == (Choice("The lake", "Fasse den Artikel „The lake“ zusammen", LAKE.id),)


def test_a_store_without_articles_suggests_nothing(tmp_path):
    with Assistant(tmp_path / "store", chat_model="extractive") as assistant:
        assistant.create()
        assert assistant.suggestions() == ()
        assert assistant.ask("how many articles do you have?").text == "Articles: 0"
