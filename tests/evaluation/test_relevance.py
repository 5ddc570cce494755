from dataclasses import replace

import pytest

from assistant.answering.answer import Citation
from assistant.evaluation.question_set import GoldSpan
from assistant.evaluation.relevance import citation_is_right, passage_is_right, sentence_is_right
from assistant.passages.passage import Span

DATE = "11 November 2026"


def test_a_passage_is_right_only_when_it_covers_the_whole_answer(article, make):
    gold = make.question(article, DATE).gold
    start, end = gold[0].span.start, gold[0].span.end
    assert passage_is_right(make.passage(article, start, end), gold)
    assert not passage_is_right(make.passage(article, start + 1, end), gold)
    assert not passage_is_right(make.passage(article, start, end - 1), gold)


def test_the_same_place_in_a_wrong_article_is_wrong(article, other, make):
    gold = make.question(article, DATE).gold
    span = gold[0].span
    assert span.of(article.text) == span.of(other.text)
    assert not passage_is_right(make.passage(other), gold)
    assert citation_is_right(make.citation(article, span.start, span.end), gold)
    assert not citation_is_right(make.citation(other, span.start, span.end), gold)
    assert not sentence_is_right(make.hit(other, sentence=1), gold)


@pytest.mark.parametrize(("start", "end"), [(1, 0), (0, -1), (1, 1), (-1, -1)])
def test_a_citation_off_by_one_character_is_wrong(article, start, end, make):
    gold = make.question(article, DATE).gold
    span = gold[0].span
    assert not citation_is_right(make.citation(article, span.start + start, span.end + end), gold)


def test_a_citation_whose_words_are_not_where_it_says_is_wrong(article, make):
    gold = make.question(article, DATE).gold
    sentence = make.sentences(article)[1]
    citation = make.citation(article, sentence.start, sentence.end)
    assert citation_is_right(citation, gold)
    object.__setattr__(citation, "start", citation.start - 1)
    object.__setattr__(citation, "end", citation.end - 1)
    assert not citation_is_right(citation, gold)


def test_a_citation_must_come_from_a_passage_of_its_article(article, other, make):
    gold = make.question(article, DATE).gold
    sentence = make.sentences(article)[1]
    good = make.citation(article, sentence.start, sentence.end)
    strayed = Citation(1, article, make.passage(other), good.quote, good.start, good.end, 0.9)
    assert not citation_is_right(strayed, gold)


def test_where_the_answer_runs_over_sentences_one_whole_part_will_do(article, make):
    first, second, third = make.sentences(article)
    gold = (GoldSpan(article.id, Span(first.start + 4, second.end - 5)),)
    assert citation_is_right(make.citation(article, first.start, first.end), gold)
    assert citation_is_right(make.citation(article, second.start, second.end), gold)
    assert not citation_is_right(make.citation(article, third.start, third.end), gold)
    assert not citation_is_right(make.citation(article, first.start + 5, first.end), gold)
    assert not passage_is_right(make.passage(article, first.start, first.end), gold)


def test_a_full_stop_alone_is_no_part_of_an_answer(article, make):
    first, second, _ = make.sentences(article)
    gold = (GoldSpan(article.id, Span(first.end - 1, second.end)),)
    assert not citation_is_right(make.citation(article, first.start, first.end), gold)
    assert citation_is_right(make.citation(article, second.start, second.end), gold)


def test_the_sentence_must_hold_the_answer(article, make):
    gold = make.question(article, DATE).gold
    hit = make.hit(article, sentence=1)
    assert sentence_is_right(hit, gold)
    assert not sentence_is_right(replace(hit, sentence=make.sentences(article)[0]), gold)
    assert not sentence_is_right(replace(hit, sentence=Span(hit.sentence.start, hit.sentence.end - 2)), gold)
