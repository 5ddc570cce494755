from assistant.retrieval.reranker import rerank

QUESTION = "Who built the old bridge?"


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
