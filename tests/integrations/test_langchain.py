import asyncio

import pytest

from assistant import Assistant
from assistant.articles.article import Article
from assistant.store.passage_store import Filters

QUESTION = "Who built the old bridge?"


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """An assistant over the same article in two languages."""
    with Assistant(tmp_path_factory.mktemp("store"), chat_model="extractive") as assistant:
        assistant.add_articles(
            [
                Article("bridge.txt", "The bridge", "The old bridge was built in 1887 by Anna Weber.", "en"),
                Article("bruecke.txt", "Die Brücke", "Die alte Brücke wurde 1887 von Anna Weber gebaut.", "de"),
            ]
        )
        yield assistant


def test_documents_are_the_passages_found(library):
    hits = library.search(QUESTION, 2).hits
    documents = library.as_retriever(k=2).invoke(QUESTION)
    assert [document.page_content for document in documents] == [hit.passage.text for hit in hits]
    for document, hit in zip(documents, hits, strict=True):
        place = document.metadata
        assert hit.article.text[place["start"] : place["end"]] == document.page_content
        assert hit.article.text[place["sentence_start"] : place["sentence_end"]] == place["sentence"]
        assert (place["article"], place["score"]) == (hit.article.id, hit.score)


def test_asynchronous_calls_give_the_same(library):
    retriever = library.as_retriever()
    assert asyncio.run(retriever.ainvoke(QUESTION)) == retriever.invoke(QUESTION)


def test_filters_reach_the_search(library):
    german = library.as_retriever(filters=Filters(languages=("de",)))
    assert {document.metadata["language"] for document in german.invoke(QUESTION)} == {"de"}
