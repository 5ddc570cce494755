"""Which hit is first where articles of different dates may say the same, with a QA model that says what it is told."""

from dataclasses import replace
from datetime import date

import pytest

from assistant.answering.extractive import choose_hits
from assistant.answering.versions import ANSWERS, KINDRED, Versions


class Kindred:
    """All articles are kindred, and none surely on the same subject."""

    def are_one(self, _article, _other, least):
        return least <= KINDRED


def newest_first(found, odds):
    """Put the newest statement first; `odds` says which sentences the QA model finds to answer."""

    def read(_question, _language, articles):
        return [
            [
                (hit.passage, [odds.get(span.of(article.text), ANSWERS - 1) for span in hit.passage.sentences])
                for hit in found.hits
                if hit.article.id == article.id
            ]
            for article in articles
        ]

    return Versions(Kindred(), read, lambda *_: ()).newest_first(found, None)


@pytest.mark.parametrize("year", ["2021", "٢٠٢١", "২০২১"])
def test_a_statement_of_the_year_asked_for_is_first_in_digits_of_any_script(hit, result, year):
    new = hit(["The ferry takes 90 people."], rank=1, title="new", published=date(2025, 4, 1))
    old = hit(["The ferry takes 60 people."], rank=2, title="old", published=date(2021, 4, 1))
    found = result(new, old, question=f"How many did the ferry take in {year}?")
    answers = {"The ferry takes 90 people.": 1.0, "The ferry takes 60 people.": 1.0}
    assert [one.article.title for one in newest_first(found, answers).hits] == ["old", "new"]


def test_a_passage_that_another_one_of_its_article_replaces_stays_behind_it(hit, result):
    text = ["The ferry is green.", "It takes 60 people.", "It was built long ago."]
    whole = hit(text, title="ferry", published=date(2021, 4, 1))
    green, people, built = (
        replace(whole, passage=replace(whole.passage, sentences=(span,), id=number), sentence=span, rank=number)
        for number, span in enumerate(whole.passage.sentences, 1)
    )
    other = hit(["A ferry is on fire."], rank=4, title="other", published=date(2025, 4, 1))
    hits = newest_first(result(green, built, people, other), {"It takes 60 people.": 1.0}).hits
    assert [one.sentence_text for one in hits] == [text[1], text[0], text[2], "A ferry is on fire."]
    assert [one.rank for one in hits] == [1, 2, 3, 4]
    assert hits[1] not in choose_hits(hits)
