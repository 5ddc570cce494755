import json

import pytest

from assistant.errors import QuestionSetError
from assistant.evaluation.sentence_pool import read_sentence_pool


def write(folder, name, context, breaks, answer, question="Where?"):
    qas = [{"id": "q", "question": question, "answers": [{"text": answer, "answer_start": context.index(answer)}]}]
    paragraph = {"context": context, "qas": qas} | ({"sentence_breaks": breaks} if breaks else {})
    (folder / name).write_text(json.dumps({"data": [{"title": "T", "paragraphs": [paragraph]}]}), encoding="utf-8")


def test_one_pool_holds_the_sentences_of_all_languages(tmp_path):
    write(tmp_path, "xquad-r.en.json", "It rains. In Moscow.", [[0, 9], [10, 20]], "Moscow")
    write(tmp_path, "fr.json", "Il pleut. A Moscou.", [[0, 9], [10, 19]], "Moscou", "Où ?")
    pool = read_sentence_pool(tmp_path)
    assert sorted(article.text for article in pool.articles) == ["A Moscou.", "Il pleut.", "In Moscow.", "It rains."]
    assert [(q.id, q.language, q.text) for q in pool.questions] == [("q/fr", "fr", "Où ?"), ("q/en", "en", "Where?")]
    texts = {article.id: article.text for article in pool.articles}
    for question in pool.questions:
        assert {texts[place.article_id] for place in question.gold} == {"In Moscow.", "A Moscou."}
    assert pool.sentences


def test_an_answer_that_begins_in_no_sentence_is_counted(tmp_path):
    write(tmp_path, "en.json", "It rains. In Moscow.", [[0, 9], [10, 13]], "Moscow")
    write(tmp_path, "fr.json", "Il pleut. A Moscou.", [[0, 9], [10, 19]], "Moscou")
    pool = read_sentence_pool(tmp_path)
    assert len(pool.problems) == 1
    assert len(pool.questions[0].gold) == 1


def test_files_without_sentences_are_passed_over_and_alone_are_an_error(tmp_path):
    write(tmp_path, "xquad.en.json", "In Moscow.", None, "Moscow")
    with pytest.raises(QuestionSetError, match="sentence_breaks"):
        read_sentence_pool(tmp_path)


def test_two_files_of_one_language_are_an_error(tmp_path):
    write(tmp_path, "en.json", "In Moscow.", [[0, 10]], "Moscow")
    write(tmp_path, "x.en.json", "In Moscow.", [[0, 10]], "Moscow")
    with pytest.raises(QuestionSetError, match="two files for 'en'"):
        read_sentence_pool(tmp_path)


def test_the_published_sentences_hold_the_answers(shared_data):
    pool = read_sentence_pool(shared_data)
    assert len(pool.questions) == 2380
    assert {question.language for question in pool.questions} == {"ar", "en"}
    assert all(question.groups == (0, 1) for question in pool.questions)
