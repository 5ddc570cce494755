import json
from pathlib import Path

import pytest

from assistant.articles.article import Article, canonical_text
from assistant.errors import QuestionSetError
from assistant.evaluation.json_lines import read_json_lines

ARTICLE = Article("/news/summit.txt", "Summit", "القمة في 11 نوفمبر 2026 في موسكو. قال ذلك في موسكو.", "ar")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def write(tmp_path):
    def written(*lines) -> Path:
        path = tmp_path / "set.jsonl"
        texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
        path.write_text("\n".join(texts) + "\n", encoding="utf-8")
        return path

    return written


def test_reads_a_question_with_its_quote(write):
    path = write(
        {
            "question": "Where is the summit?",
            "answers": ["Moscow", "موسكو"],
            "article": "summit.txt",
            "quote": "القمة في 11 نوفمبر 2026 في موسكو",
            "language": "en",
        },
        "",
        {"question": "Who pays?", "answerable": False, "language": "en"},
    )
    found = read_json_lines(path, [ARTICLE])
    first, second = found.questions
    assert [(gold.text, gold.language) for gold in first.answers] == [("Moscow", "en"), ("موسكو", "ar")]
    (place,) = first.gold
    assert place.span.of(ARTICLE.text) == "موسكو"
    assert place.span.start == ARTICLE.text.index("موسكو")
    assert not second.answerable
    assert not found.problems
    assert first.id == "set.jsonl:1"


def test_a_question_may_come_after_others(write):
    path = write(
        {"question": "And where?", "earlier": "When is the summit?", "answerable": False, "language": "en"},
        {"question": "Who pays?", "earlier": ["When is it?", "And where?"], "answerable": False, "language": "en"},
    )
    found = read_json_lines(path, [ARTICLE])
    assert [question.earlier for question in found.questions] == [
        ("When is the summit?",),
        ("When is it?", "And where?"),
    ]


def test_a_quote_without_the_answers_words_counts_whole_and_everywhere(write):
    path = write({"question": "Where?", "answers": ["Moskau"], "quote": "في موسكو", "language": "de"})
    (question,) = read_json_lines(path, [ARTICLE]).questions
    assert [place.span.of(ARTICLE.text) for place in question.gold] == ["في موسكو", "في موسكو"]


def test_several_quotes_are_alternatives(write):
    path = write({"question": "?", "answers": ["x"], "quote": ["القمة", "قال"], "language": "en"})
    (question,) = read_json_lines(path, [ARTICLE]).questions
    assert [place.span.of(ARTICLE.text) for place in question.gold] == ["القمة", "قال"]


@pytest.mark.parametrize("name", ["summit.txt", "/news/summit.txt", "Summit", ARTICLE.id])
def test_an_article_is_found_by_any_of_its_names(write, name):
    path = write({"question": "?", "answers": ["x"], "quote": "القمة", "article": name, "language": "en"})
    assert read_json_lines(path, [ARTICLE]).questions[0].gold


def test_a_quote_that_is_not_in_the_article_is_counted_and_its_question_still_asked(write):
    path = write({"question": "?", "answers": ["x"], "quote": "القمة  في", "language": "en"})
    found = read_json_lines(path, [ARTICLE])
    assert found.questions[0].gold == ()
    assert len(found.problems) == 1
    assert "set.jsonl:1" in found.problems[0]


def test_an_unknown_article_is_counted(write):
    path = write({"question": "?", "answers": ["x"], "article": "nowhere.txt", "quote": "القمة", "language": "en"})
    found = read_json_lines(path, [ARTICLE])
    assert found.questions[0].gold == ()
    assert found.problems == (f"{path}:1: there is no article 'nowhere.txt'",)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not JSON"),
        ("[]", "valid dictionary|instance of"),
        ({"answers": ["x"]}, '"question" is missing'),
        ({"question": "Where?"}, '"answers" is missing'),
        ({"question": "  ", "answers": ["x"]}, '"question"'),
        ({"question": "Where?", "answers": "x"}, '"answers"'),
        ({"question": "Where?", "answers": ["x"], "answer": "y"}, '"answer" is not a known field'),
        ({"question": "Where?", "answers": ["x"], "answerable": False}, '"answerable" is false'),
    ],
)
def test_a_malformed_line_is_reported_with_its_number_and_what_is_wrong(write, line, message):
    good = {"question": "?", "answers": ["x"], "language": "en"}
    path = write(good, good, line)
    with pytest.raises(QuestionSetError, match=message) as raised:
        read_json_lines(path, [ARTICLE])
    assert f"{path}:3: " in str(raised.value)


def test_every_malformed_line_is_reported(write):
    path = write("{", {"question": "?"}, {"question": "?", "answers": ["x"]})
    with pytest.raises(QuestionSetError) as raised:
        read_json_lines(path, [ARTICLE])
    assert [f":{number}: " in str(raised.value) for number in (1, 2, 3)] == [True, True, False]


def test_an_empty_set_is_an_error(write):
    with pytest.raises(QuestionSetError, match="is empty"):
        read_json_lines(write(""), [ARTICLE])


def test_a_file_that_is_not_text_is_an_error(tmp_path):
    path = tmp_path / "set.jsonl"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(QuestionSetError, match="UTF-8"):
        read_json_lines(path, [ARTICLE])


def test_ids_must_differ(write):
    line = {"question": "?", "answers": ["x"], "id": "same", "language": "en"}
    with pytest.raises(QuestionSetError, match="'same' is used twice"):
        read_json_lines(write(line, line), [ARTICLE])


@pytest.mark.parametrize(("name", "fewest"), [("seeds", 40), ("follow_ups", 20)])
def test_the_seed_questions_fit_the_seed_article(name, fewest):
    (path,) = (ROOT / "seeds").glob("*.txt")
    article = Article(str(path), "Seed", canonical_text(path.read_text(encoding="utf-8")), "ar")
    found = read_json_lines(ROOT / "evals" / f"{name}.jsonl", [article])
    unanswerable = [question for question in found.questions if not question.answerable]
    assert found.problems == ()
    assert len(found.questions) >= fewest
    assert len(unanswerable) >= len(found.questions) / 4
    assert len({question.language for question in found.questions}) >= 8
    for question in found.questions:
        if question.answerable:
            assert question.gold
            assert any(gold.text in article.text and gold.language == "ar" for gold in question.answers)
