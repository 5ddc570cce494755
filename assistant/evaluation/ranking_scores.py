"""Recall@k, MRR@10, nDCG@10 and average precision of one question's ranking, by `ir-measures`."""

from collections.abc import Mapping, Sequence
from typing import Any

import ir_measures
from ir_measures import AP, RR, Success, nDCG

from assistant.evaluation.question_set import Question
from assistant.evaluation.relevance import passage_is_right
from assistant.retrieval.hit import Hit

RECALL_CUTOFFS = (1, 2, 3, 5, 10)
RANKING_DEPTH = 10
"""How many passages a question retrieves for these figures, at least."""
POOL_DEPTH = 1000
"""How many sentences are ranked for average precision; relevant sentences further down count as not found."""

_NAMES = {RR @ 10: "mrr@10", nDCG @ 10: "ndcg@10"} | {Success @ k: f"recall@{k}" for k in RECALL_CUTOFFS}


def passage_scores(question: Question, hits: Sequence[Hit]) -> dict[str, float]:
    """Score a ranking of passages against the places where the answer stands, or the documents that hold it.

    The answer is to be found once: the first passage that covers it counts. A further passage that covers it too adds
    nothing, but takes up a rank. So recall@k is 1 where any of the first k passages covers the answer, MRR
    is the reciprocal of that passage's rank, and nDCG@10 is 1 at rank 1 and falls with the logarithm of the rank.

    Returns:
        Scores by name. Where a question has its answer in several parallel texts, any of them counts, and two more
        scores say whether any of them stands first ("either@1") and whether all are in the first five ("both@5").
    """
    found = _found(question, hits)
    first = min(found.values(), default=None)
    ranking = ["answer" if rank == first else f"other {rank}" for rank in range(1, len(hits) + 1)]
    scores = _measure(_NAMES, {"answer": 1}, ranking)
    if len(question.groups) > 1:
        scores["either@1"] = scores["recall@1"]
        scores["both@5"] = float(all(found.get(group, 6) <= 5 for group in question.groups))
    return scores


def pool_scores(question: Question, hits: Sequence[Hit]) -> dict[str, float]:
    """Score a ranking of a pool of sentences: average precision over all sentences that hold the answer (LAReQA)."""
    relevant = {place.article_id: 1 for place in question.gold}
    return _measure({AP: "map"}, relevant, list(dict.fromkeys(hit.article.id for hit in hits)))


def first_right_rank(question: Question, hits: Sequence[Hit]) -> int | None:
    """Return the rank of the first passage that covers the answer; None if none does."""
    return min(_found(question, hits).values(), default=None)


def _found(question: Question, hits: Sequence[Hit]) -> dict[int, int]:
    """Return, for each parallel text, the rank of the first passage that covers the answer there."""
    if question.documents:
        rank = next((rank for rank, hit in enumerate(hits, 1) if hit.article.id in question.documents), None)
        return {0: rank} if rank else {}
    ranks: dict[int, int] = {}
    for group in question.groups:
        gold = [place for place in question.gold if place.group == group]
        rank = next((rank for rank, hit in enumerate(hits, 1) if passage_is_right(hit.passage, gold)), None)
        if rank:
            ranks[group] = rank
    return ranks


def _measure(names: Mapping[Any, str], relevant: Mapping[str, int], ranking: Sequence[str]) -> dict[str, float]:
    """Compute measures for one ranking, best first; an empty one finds nothing."""
    run = {document: -float(rank) for rank, document in enumerate(ranking or ["nothing"], start=1)}
    metrics = ir_measures.iter_calc(list(names), {"question": relevant}, {"question": run})
    measured = {names[metric.measure]: float(metric.value) for metric in metrics}
    return {name: measured[name] for name in names.values()}
