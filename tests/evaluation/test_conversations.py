import json

import pytest

from assistant.errors import QuestionSetError
from assistant.evaluation.conversations import is_conversations, read_conversations

DOCUMENT = {"document_id": "d1", "title": "Tea", "text": "Tea\nIt is picked in spring."}
USER, AGENT = {"speaker": "user", "text": "When is tea picked?"}, {"speaker": "agent", "text": "In spring."}
TASK = {"id": "t1", "turns": [USER], "contexts": ["d1"], "target": "In spring.", "answerability": "ANSWERABLE"}


@pytest.fixture
def write(tmp_path):
    def written(tasks, documents=(DOCUMENT,)):
        for name, rows in (("tasks", tasks), ("documents", documents)):
            lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
            (tmp_path / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
        return tmp_path

    return written


def test_a_turn_is_a_question_with_its_documents_target_and_kind(write):
    later = {**TASK, "id": "t2", "turns": [USER, AGENT, {"speaker": "user", "text": "By whom?"}], "contexts": []}
    folder = write([TASK, {**later, "answerability": "UNDERSPECIFIED"}])
    assert is_conversations(folder)
    found = read_conversations(folder)
    first, second = found.questions
    assert first.documents == {found.articles[0].id}
    assert (first.target.text, first.target.language) == ("In spring.", "en")
    assert (first.answerable, first.kind, first.earlier) == (True, "answerable", ())
    assert (second.answerable, second.kind, second.text) == (False, "underspecified", "By whom?")
    assert second.earlier == ("When is tea picked?",)
    assert found.articles[0].source.endswith("documents.jsonl#d1")


def test_the_same_text_under_two_ids_is_one_article(write):
    folder = write([{**TASK, "contexts": ["d1", "d2"]}], [DOCUMENT, {**DOCUMENT, "document_id": "d2"}])
    found = read_conversations(folder)
    assert len(found.articles) == len(found.questions[0].documents) == 1


def test_turns_that_cannot_be_scored_are_counted(write):
    tasks = [TASK, {**TASK, "id": "t2", "contexts": ["nowhere"]}, {**TASK, "id": "t3", "turns": [USER, AGENT]}]
    found = read_conversations(write(tasks))
    assert [question.id for question in found.questions] == ["t1"]
    assert ["t2: its document 'nowhere'" in found.problems[0], "t3: its last turn" in found.problems[1]] == [True, True]


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        ([TASK, "{"], r"tasks\.jsonl:2: not JSON"),
        ([{"id": "t1", "turns": []}], r"tasks\.jsonl:1: not in MTRAG's layout: answerability"),
        ([], "holds no questions"),
    ],
)
def test_a_malformed_set_is_an_error_of_one_line(write, tasks, message):
    with pytest.raises(QuestionSetError, match=message) as raised:
        read_conversations(write(tasks))
    assert "\n" not in str(raised.value)


def test_the_published_turns_are_read_whole(shared_data):
    found = read_conversations(shared_data / "mtrag")
    assert (len(found.questions), found.problems) == (159, ())
    assert {question.kind for question in found.questions} == {
        "answerable",
        "partial",
        "unanswerable",
        "conversational",
    }
