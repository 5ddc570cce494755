"""What the page is given to draw."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.web.rendering import marked_lines, name_of, paragraphs, visible
from assistant.web.uploads import safe_name


@given(st.text(), st.integers(0, 40), st.integers(0, 40))
def test_paragraphs_hold_all_of_the_text_and_light_just_what_is_cited(text, start, end):
    lines = paragraphs(text, start, end)

    assert "".join(run["text"] for line in lines for run in line) == "".join(
        visible(line) for line in text.split("\n") if line.strip()
    )
    highlight = "".join(run["text"] for line in lines for run in line if run["highlight"])
    assert highlight in visible(text[start:end]).replace("\n", "")


def test_a_quote_across_lines_is_lit_in_both():
    lines = paragraphs("one two\nthree four", 4, 13)

    assert [[run["text"] for run in line if run["highlight"]] for line in lines] == [["two"], ["three"]]


@pytest.mark.parametrize("hostile", ["\u202eevil", "\x00", "\x1b[2J", "\u202d"])
def test_what_hides_or_reorders_is_shown(hostile):
    assert hostile[0] not in visible(hostile)


def test_marks_without_a_citation_are_not_marks():
    assert marked_lines("True [1] or not [7].", 1) == [
        [{"text": "True "}, {"mark": 1}, {"text": " or not"}, {"text": "."}]
    ]


def test_folders_of_the_server_are_not_shown():
    assert name_of("/srv/secret/report.csv#12") == "report.csv#12"
    assert "\u202e" not in name_of("/srv/\u202efdp.exe")


@given(st.text())
def test_a_file_name_stays_within_its_folder(name):
    safe = safe_name(name)

    assert safe not in ("", ".", "..")
    assert not set(safe) & set('/\\\x00:*?"<>|#\n')
    assert len(safe.encode()) < 255
