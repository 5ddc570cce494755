import asyncio

import pytest

from assistant.retrieval.langchain_retriever import LangChainRetriever
from assistant.retrieval.reranker import rerank
from assistant.store.passage_store import Filters

QUESTION = "Who built the old bridge?"


@pytest.fixture
def langchain(retriever):
    return LangChainRetriever(retriever=retriever, k=2)


def test_documents_are_the_passages_found(langchain, retriever):
    hits = retriever.search(QUESTION, 2).hits
    documents = langchain.invoke(QUESTION)
    assert [document.page_content for document in documents] == [hit.passage.text for hit in hits]
    for document, hit in zip(documents, hits, strict=True):
        place = document.metadata
        assert hit.article.text[place["start"] : place["end"]] == document.page_content
        assert hit.article.text[place["sentence_start"] : place["sentence_end"]] == place["sentence"]
        assert (place["article"], place["score"]) == (hit.article.id, hit.score)


def test_asynchronous_calls_give_the_same(langchain):
    assert asyncio.run(langchain.ainvoke(QUESTION)) == langchain.invoke(QUESTION)


def test_filters_reach_the_search(retriever):
    german = LangChainRetriever(retriever=retriever, filters=Filters(languages=("de",)))
    assert {document.metadata["language"] for document in german.invoke(QUESTION)} == {"de"}


def test_a_reranker_sets_order_ranks_and_scores(retriever):
    class LongestFirst:
        def score(self, question, passages):
            assert question == QUESTION
            return [min(1.0, len(passage) / 1000) for passage in passages]

    hits = retriever.search(QUESTION, 4).hits
    reranked = rerank(LongestFirst(), QUESTION, hits, 2)
    assert [len(hit.passage.text) for hit in reranked] == sorted((len(h.passage.text) for h in hits), reverse=True)[:2]
    assert [hit.rank for hit in reranked] == [1, 2]
    assert reranked[0].score == len(reranked[0].passage.text) / 1000
