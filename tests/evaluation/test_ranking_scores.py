import math

import ir_measures
import pytest
from ir_measures import AP

from assistant.articles.article import Article
from assistant.evaluation.question_set import GoldSpan, Question
from assistant.evaluation.ranking_scores import first_right_rank, passage_scores, pool_scores
from assistant.passages.passage import Span


@pytest.mark.parametrize("rank", [1, 2, 4, 10])
def test_the_first_passage_that_covers_the_answer_counts(rank, article, other, make):
    hits = [make.hit(other, position) for position in range(1, 11)]
    hits[rank - 1] = make.hit(article, rank)
    scores = passage_scores(make.question(article, "11 November 2026"), hits)
    assert scores["mrr@10"] == pytest.approx(1 / rank)
    assert scores["ndcg@10"] == pytest.approx(1 / math.log2(rank + 1))
    assert {k: scores[f"recall@{k}"] for k in (1, 2, 3, 5, 10)} == {k: float(rank <= k) for k in (1, 2, 3, 5, 10)}


def test_the_eleventh_passage_counts_for_nothing_at_ten(article, other, make):
    hits = [*(make.hit(other, rank) for rank in range(1, 11)), make.hit(article, 11)]
    scores = passage_scores(make.question(article, "11 November 2026"), hits)
    assert scores["mrr@10"] == scores["ndcg@10"] == scores["recall@10"] == 0


def test_a_second_passage_over_the_same_answer_adds_nothing(article, other, make):
    question = make.question(article, "11 November 2026")
    once = passage_scores(question, [make.hit(article, 1), make.hit(other, 2)])
    twice = passage_scores(question, [make.hit(article, 1), make.hit(article, 2, start=25)])
    assert once == twice
    assert once["ndcg@10"] == 1


def test_a_wrong_article_and_no_hits_score_nothing(article, other, make):
    question = make.question(article, "11 November 2026")
    assert set(passage_scores(question, [make.hit(other)]).values()) == {0}
    assert set(passage_scores(question, []).values()) == {0}
    assert first_right_rank(question, [make.hit(other)]) is None


def test_parallel_texts_count_each(article, other, make):
    question = make.question(article, "11 November 2026")
    both = Question("q", "?", "en", question.answers, (*question.gold, *make.question(other, "Rumour", group=1).gold))
    filler = Article("x", "x", "Nothing here.", "en")
    near = passage_scores(both, [make.hit(other, 1), make.hit(article, 2)])
    assert (near["either@1"], near["both@5"], near["recall@1"]) == (1, 1, 1)
    far = passage_scores(both, [make.hit(other, 1), *(make.hit(filler, n) for n in range(2, 6)), make.hit(article, 6)])
    assert (far["either@1"], far["both@5"]) == (1, 0)
    assert "both@5" not in passage_scores(question, [make.hit(article)])


def test_average_precision_over_a_pool_is_that_of_ir_measures(make):
    pool = [Article(f"s{n}", "", f"Sentence number {n}.", "en") for n in range(6)]
    gold = tuple(GoldSpan(pool[n].id, Span(0, len(pool[n].text)), group) for group, n in enumerate((1, 4)))
    hits = [make.hit(pool[n], rank) for rank, n in enumerate((0, 1, 2, 3, 4, 5), start=1)]
    scores = pool_scores(Question("q", "?", "en", (), gold), hits)
    assert scores == {"map": pytest.approx((1 / 2 + 2 / 5) / 2)}
    run = {"q": {hit.article.id: -float(hit.rank) for hit in hits}}
    relevant = {"q": {place.article_id: 1 for place in gold}}
    assert scores["map"] == pytest.approx(ir_measures.calc_aggregate([AP], relevant, run)[AP])
    assert pool_scores(Question("q", "?", "en", (), gold), hits[:2])["map"] == pytest.approx(1 / 4)


def test_any_passage_of_a_right_document_is_right(article, other, make):
    question = Question("q", "When?", "en", (), (), documents=frozenset({other.id, "elsewhere"}))
    hits = [make.hit(article, 1), make.hit(article, 2), make.hit(other, 3), make.hit(other, 4)]
    scores = passage_scores(question, hits)
    assert [scores[f"recall@{k}"] for k in (1, 2, 3)] == [0, 0, 1]
    assert first_right_rank(question, hits) == 3
    assert passage_scores(question, hits[:2])["recall@10"] == 0
