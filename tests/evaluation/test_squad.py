import json

import pytest

from assistant.errors import QuestionSetError
from assistant.evaluation.squad import asked_in, canonical_span, read_squad, together_with


def test_paragraphs_of_a_title_become_one_article_and_gold_spans_follow(write_squad):
    path = write_squad(
        "two.json",
        (
            "Summit_2026",
            [("First paragraph, Moscow.", [("a", "Where?", "Moscow")]), ("In 2026.", [("b", "When?", "2026")])],
        ),
        ("Other", [("Nothing but Minsk.", [("c", "What?", "Minsk")])]),
    )
    found = read_squad(path)
    assert [(article.title, article.text) for article in found.articles] == [
        ("Summit 2026", "First paragraph, Moscow.\n\nIn 2026."),
        ("Other", "Nothing but Minsk."),
    ]
    texts = {article.id: article.text for article in found.articles}
    for question in found.questions:
        (gold,) = question.gold
        assert gold.span.of(texts[gold.article_id]) == question.answers[0].text
    assert len({article.source for article in found.articles}) == 2


def test_by_paragraph_each_paragraph_is_an_article(write_squad):
    path = write_squad("two.json", ("T", [("One.", [("a", "?", "One")]), ("Two.", [("b", "?", "Two")])]))
    assert [article.text for article in read_squad(path, by_paragraph=True).articles] == ["One.", "Two."]


def test_offsets_survive_canonical_text(write_squad):
    context = "\ufeffA cafe\u0301 at\r\nthe o\u0308kohaus\r\nin Bishkek"
    path = write_squad("nfd.json", ("T", [(context, [("a", "Where?", "Bishkek"), ("b", "What?", "o\u0308kohaus")])]))
    found = read_squad(path)
    assert not found.problems
    places = [question.gold[0].span.of(found.articles[0].text) for question in found.questions]
    assert places == ["Bishkek", "ökohaus"]
    assert canonical_span("e\u0301x", 2, 3).of("éx") == "x"


def test_spans_that_do_not_match_are_counted_and_listed(tmp_path):
    answers = [{"text": "Moscow", "answer_start": 1}]
    rows = [
        {"id": "bad", "question": "Where?", "answers": answers},
        {"id": "good", "question": "Where?", "answers": [{"text": " Moscow ", "answer_start": 2}]},
    ]
    path = tmp_path / "s.json"
    path.write_text(json.dumps({"data": [{"title": "T", "paragraphs": [{"context": "In Moscow !", "qas": rows}]}]}))
    found = read_squad(path)
    assert [question.id for question in found.questions] == ["good"]
    assert found.questions[0].gold[0].span.of("In Moscow !") == "Moscow"
    assert len(found.problems) == 1
    assert "question bad" in found.problems[0]
    assert "'Moscow'" in found.problems[0]


def test_questions_without_an_answer_are_unanswerable(write_squad):
    found = read_squad(write_squad("u.json", ("T", [("Text.", [("a", "What?", "Text"), ("b", "Why?", "")])])))
    assert [question.answerable for question in found.questions] == [True, False]


def test_a_parallel_file_lends_its_words_and_its_answers(write_squad):
    arabic = read_squad(
        write_squad("t.ar.json", ("T", [("القمة في موسكو", [("a", "أين القمة؟", "موسكو"), ("x", "؟", "القمة")])]))
    )
    english = read_squad(
        write_squad("t.en.json", ("T", [("The summit is in Moscow", [("a", "Where is the summit?", "Moscow")])]))
    )
    both = asked_in(arabic, english)
    (question,) = both.questions
    assert question.text == "Where is the summit?"
    assert question.language == "en"
    assert [(gold.text, gold.language) for gold in question.answers] == [("موسكو", "ar"), ("Moscow", "en")]
    assert both.articles == arabic.articles
    assert question.gold == arabic.questions[0].gold
    assert any("no question x" in problem for problem in both.problems)


def test_a_parallel_file_without_a_common_question_is_an_error(write_squad):
    one = read_squad(write_squad("one.json", ("T", [("Text.", [("a", "?", "Text")])])))
    two = read_squad(write_squad("two.json", ("T", [("Text.", [("b", "?", "Text")])])))
    with pytest.raises(QuestionSetError, match="no questions"):
        asked_in(one, two)
    with pytest.raises(QuestionSetError, match="no questions"):
        together_with(one, two)


def test_together_each_question_has_its_answer_in_two_texts(write_squad):
    one = read_squad(write_squad("one.json", ("T", [("In Moscow.", [("a", "Where?", "Moscow")])])))
    two = read_squad(write_squad("two.json", ("T", [("A Moscou.", [("a", "Où ?", "Moscou")])])), group=1)
    both = together_with(one, two)
    assert len(both.articles) == 2
    assert both.questions[0].groups == (0, 1)
    assert both.questions[0].text == "Where?"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[]", "SQuAD layout"),
        ('{"data": [{"title": "T"}]}', "data.0.paragraphs"),
        ('{"data": []}', "no questions"),
    ],
)
def test_a_malformed_file_is_named_with_its_fault(tmp_path, content, message):
    path = tmp_path / "bad.json"
    path.write_text(content)
    with pytest.raises(QuestionSetError, match=message) as raised:
        read_squad(path)
    assert "bad.json" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_repeated_id_is_an_error(write_squad):
    path = write_squad("t.json", ("T", [("One two.", [("a", "?", "One"), ("a", "?", "two")])]))
    with pytest.raises(QuestionSetError, match="'a' is used twice"):
        read_squad(path)


def test_held_out_articles_make_their_questions_unanswerable(write_squad):
    entries = [(f"T{n}", [(f"Text number {n}.", [(f"q{n}", "Which?", f"number {n}")])]) for n in range(4)]
    found = read_squad(write_squad("t.json", *entries)).held_out(0.5)
    assert [article.title for article in found.articles] == ["T0", "T2"]
    assert [question.answerable for question in found.questions] == [True, False, True, False]
    assert not found.questions[1].answers
    assert not found.questions[1].gold


def test_published_sets_match_their_texts(shared_data):
    english, arabic = (read_squad(shared_data / f"xquad.{language}.json") for language in ("en", "ar"))
    for found, language in ((english, "en"), (arabic, "ar")):
        assert (len(found.articles), len(found.questions), found.problems) == (48, 1190, ())
        texts = {article.id: article.text for article in found.articles}
        assert all(q.gold[0].span.of(texts[q.gold[0].article_id]) == q.answers[0].text for q in found.questions)
        assert {article.language for article in found.articles} == {language}
        assert {question.language for question in found.questions} == {language}
    arcd = read_squad(shared_data / "arcd-train.json")
    assert len(arcd.questions) == 690
    assert len(arcd.problems) == 3
