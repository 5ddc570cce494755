import json
from datetime import date


def lines(*rows):
    return "\n".join(row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)


def test_a_line_is_an_article(read_bytes, tmp_path):
    reading = read_bytes(
        "a.jsonl",
        lines(
            {
                "text": "النص الأول",
                "title": "عنوان",
                "date": "2024-05-03",
                "url": "https://example.org/1",
                "language": "ar",
            },
            {"Content": "Second text", "Headline": "Second", "Published-At": "May 4, 2024", "authors": ["A", "B"]},
        ).encode(),
    )
    assert reading.problems == ()
    first, second = reading.articles
    assert first.source == f"{tmp_path}/a.jsonl#1"
    assert (first.title, first.published, first.language) == ("عنوان", date(2024, 5, 3), "ar")
    assert first.metadata == {"url": "https://example.org/1"}
    assert second.source == f"{tmp_path}/a.jsonl#2"
    assert (second.title, second.text, second.published) == ("Second", "Second text", date(2024, 5, 4))
    assert second.metadata == {"author": "A, B"}


def test_bad_rows_are_reported_with_their_line_and_the_rest_go_on(read_bytes):
    reading = read_bytes(
        "a.jsonl",
        lines(
            {"text": "one"},
            "",
            "{broken",
            "[1, 2]",
            {"title": "no text"},
            {"text": 5, "x": None},
            {"text": None},
            {"text": "two"},
        ).encode(),
    )
    assert [article.text for article in reading.articles] == ["one", "5", "two"]
    assert [str(problem).split(".jsonl: ")[1][:40] for problem in reading.problems] == [
        "line 3: it is not JSON (Expecting proper",
        "line 4: it is not a JSON object.",
        "line 5: its text is missing (a column su",
        "line 7: its text is missing (a column su",
    ]


def test_hostile_lines_are_problems_or_text_but_no_crash(read_bytes):
    reading = read_bytes(
        "a.jsonl",
        lines(
            "[" * 100_000, '{"text": "lone \\ud800 surrogate"}', '{"text": ' + "9" * 5000 + "}", '{"text": {"a": 1}}'
        ).encode(),
    )
    assert [article.text for article in reading.articles] == ["lone \ufffd surrogate"]
    assert len(reading.problems) == 3


def test_line_separators_inside_strings_do_not_split_rows(read_bytes):
    reading = read_bytes("a.jsonl", '{"text": "one\u2028two\u0085three"}\n'.encode())
    assert [article.text for article in reading.articles] == ["one\u2028two\u0085three"]


def test_a_file_without_a_row_is_a_problem(read_problem):
    assert "empty" in read_problem("a.jsonl", "\ufeff\n \n")
