import json

import pytest

from assistant.errors import QuestionSetError
from assistant.evaluation.comparison import compare, verdict
from assistant.evaluation.report import read_report
from assistant.evaluation.tables import comparison_table, figures_table, parts_table


def test_the_document_has_the_agreed_form(make_report):
    document = json.loads(json.dumps(make_report().document()))
    assert document["questions"] == 40
    summary = {"right", "right_sentence", "answered_unanswerable", "refused_answerable"}
    assert set(document["summary"]) == summary
    assert set(document["answers"]) == {"exact_match", "f1", "contains", "contains_asked"}
    assert set(document["citations"]) == {"precision", "unstated_numbers"}
    assert set(document["refusal"]) == {"precision", "recall", "f1"}
    assert set(document["latency_ms"]) == {"p50", "p95"}
    assert {"recall@1", "recall@5", "recall@10", "mrr@10", "ndcg@10"} <= set(document["retrieval"])
    for group in ("summary", "retrieval", "answers", "citations", "refusal", "latency_ms"):
        for figure in document[group].values():
            assert set(figure) == {"value", "low", "high"}
            assert figure["low"] <= figure["value"] <= figure["high"]
    assert len(document["per_question"]) == 40


def test_what_was_not_measured_is_left_out(make_report):
    document = make_report(answers=False).document()
    assert not {"summary", "answers", "citations", "refusal"} & set(document)
    assert "retrieval" in document


def test_a_report_can_be_read_back(make_report, tmp_path):
    report = make_report()
    path = tmp_path / "earlier.json"
    path.write_text(json.dumps(report.document(), ensure_ascii=False), encoding="utf-8")
    assert read_report(path) == report


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"questions": 3}',
        '{"name": "x", "questions": 1, "answerable": 1, "retrieval": {"recall@1": 0.5}}',
    ],
)
def test_a_baseline_that_is_no_report_is_an_error_of_one_line(tmp_path, content):
    path = tmp_path / "b.json"
    path.write_text(content)
    with pytest.raises(QuestionSetError, match=r"b\.json") as raised:
        read_report(path)
    assert "\n" not in str(raised.value)


def test_a_comparison_finds_the_figures_that_differ(make_report):
    comparison = compare(make_report(right=0.9), make_report(right=0.4))
    assert comparison.questions == 40
    gain = comparison.differences["retrieval"]["recall@1"]
    assert gain.value > 0
    assert gain.p < 0.01
    assert comparison.differences["latency_ms"]["p50"].value == 0
    assert comparison.settings == {"k": ("0.4", "0.9")}


def test_fewer_unstated_numbers_are_better(make_report):
    better = compare(make_report(right=0.9), make_report(right=0.4))
    fewer, precision = better.differences["citations"]["unstated_numbers"], better.differences["citations"]["precision"]
    assert fewer.value < 0 < precision.value
    assert verdict("citations", "unstated_numbers", fewer) == "better"
    assert verdict("citations", "precision", precision) == "better"
    assert verdict("citations", "precision", fewer) == "worse"
    alike = compare(make_report(), make_report()).differences["citations"]["unstated_numbers"]
    assert verdict("citations", "unstated_numbers", alike) == ""
    worse = compare(make_report(right=0.4), make_report(right=0.9))
    assert _colours(better) == {"  precision": "green", "  unstated_numbers": "green"}
    assert _colours(worse) == {"  precision": "red", "  unstated_numbers": "red"}


def _colours(comparison):
    names, values = (list(column.cells) for column in comparison_table(comparison).columns[:2])
    start = next(index for index, name in enumerate(names) if str(name) == "citations") + 1
    return {str(names[index]): values[index].style for index in range(start, start + 2)}


def test_a_baseline_without_the_newer_fields_can_be_read(make_report, tmp_path):
    document = make_report().document()
    for outcome in document["per_question"]:
        for name in ("asked_answers", "unstated_numbers", "cited_passages", "kind", "target"):
            del outcome[name]
        for name in ("contains_asked", "unstated_numbers", "right", "right_sentence"):
            outcome["scores"].pop(name, None)
    del document["summary"]
    path = tmp_path / "earlier.json"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    comparison = compare(make_report(), read_report(path))
    assert "unstated_numbers" not in comparison.differences["citations"]
    assert "precision" in comparison.differences["citations"]


def test_a_comparison_of_different_sets_is_an_error(make_report):
    with pytest.raises(QuestionSetError, match="no question in common"):
        compare(make_report(), make_report(prefix="other"))


def test_tables_show_citations_only_beside_the_answers(make_report, shown):
    text = shown(figures_table(make_report()))
    citations = text[text.index("citations") :]
    assert "answers contain gold" in citations
    assert "p50" in text
    differences = shown(comparison_table(compare(make_report(right=0.9), make_report(right=0.4))))
    assert "recall@1" in differences
    assert "now 0.9" in differences


def test_what_to_look_at_first_is_printed_in_words(make_report, shown):
    text = shown(figures_table(make_report()))
    summary = text[text.index("summary") : text.index("retrieval")]
    for words in ("right sentence quoted", "answered though unanswerable", "refused though answerable"):
        assert words in summary


def test_languages_and_kinds_have_a_row_each(make_report, shown):
    report = make_report(kinds=True)
    lines = shown(parts_table("By question language", report.by_language)).splitlines()
    assert lines[1].split()[:2] == ["questions", "recall@1"]
    assert [line.split()[:2] for line in lines[2:4]] == [["ar", "20"], ["en", "20"]]
    assert {kind: part.questions for kind, part in report.by_kind.items()} == {"far": 5, "near": 35}
    assert report.by_kind["far"].summary["answered_unanswerable"].value == 0
    assert "right_sentence" not in report.by_kind["far"].summary
    assert set(report.document()["by_kind"]) == {"far", "near"}
    assert make_report().by_kind == {}
