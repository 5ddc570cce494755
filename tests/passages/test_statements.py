import pytest

from assistant.articles.article import Article, Section
from assistant.passages.chunker import chunk
from assistant.passages.statements import may_answer

HELP = """Errors

What if the lamp blinks?
Error QP-417 means that the clock is wrong. Error QP-503 means that the server is down.
"Is it always so?"
Switch it off."""


def answering(text, question="", sections=()):
    article = Article("/library/help.md", "Help", text, "en", sections=sections)
    [passage] = chunk(article, lambda texts: [len(text.split()) for text in texts], 500)
    states = may_answer(passage, article, question)
    return [span.of(text) for span, may in zip(passage.sentences, states, strict=True) if may]


def test_headings_and_questions_answer_nothing():
    assert answering(HELP, sections=(Section(0, "Errors"),)) == [
        "Error QP-417 means that the clock is wrong.",
        "Error QP-503 means that the server is down.",
        "Switch it off.",
    ]


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("What does QP-503 mean?", "Error QP-503 means that the server is down."),
        ("what does qp-417 mean?", "Error QP-417 means that the clock is wrong."),
    ],
)
def test_what_another_code_means_does_not_answer(question, left):
    said = answering(HELP, question)
    assert [one for one in said if "QP-" in one] == [left]


@pytest.mark.parametrize("question", ["Which errors did the A320 have?", "What do errors mean?"])
def test_codes_of_another_kind_and_questions_without_one_leave_all(question):
    assert sum("QP-" in one for one in answering(HELP, question)) == 2


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Can I get more than USD 100 back?", "You get up to USD 250 back."),
        ("What has the company earned since FY 2023?", "It earned 3 million in FY 2024."),
    ],
)
def test_sums_and_years_are_no_codes(question, answer):
    assert answering(answer, question) == [answer]


def test_where_there_is_nothing_else_all_may_answer():
    assert answering("Why not?\nWho knows?") == ["Why not?", "Who knows?"]


@pytest.mark.parametrize("question", ["ما معناه؟", "什么意思？"])
def test_questions_of_other_scripts_are_known(question):
    assert answering(f"{question}\nIt is a bell.") == ["It is a bell."]


def test_a_byline_answers_nothing():
    text = "By Petra Lindqvist, 18 September 2026\n\nThe lido opens at Easter 2028."
    assert answering(text, "When does the lido open?") == ["The lido opens at Easter 2028."]
