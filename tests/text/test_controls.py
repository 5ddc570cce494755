import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.text.controls import printable, printable_text, without_surrogates


def test_controls_and_overrides_are_escaped():
    assert printable("invoice\u202etxt.exe") == r"invoice\u202etxt.exe"
    assert printable("a\nb\tc\x1b[31m") == r"a\nb\tc\x1b[31m"
    assert printable("bad\udcff") == r"bad\udcff"


def test_ordinary_names_of_any_script_are_left_alone():
    for name in ("مقال ١.txt", "статья.md", "文章.html", "می‌خواهم.txt", "naïve café.pdf"):
        assert printable(name) == name


def test_long_names_keep_both_ends():
    shown = printable("start" + "x" * 5000 + "end.txt")
    assert len(shown) == 200
    assert shown.startswith("start")
    assert shown.endswith("end.txt")


@given(st.text(alphabet=st.characters()))
def test_nothing_printable_can_break_a_line_or_reorder_it(name):
    shown = printable(name)
    assert len(shown.splitlines()) <= 1
    assert not any(
        unicodedata.bidirectional(c) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"} for c in shown
    )


def test_running_text_keeps_its_length_lines_and_direction_marks():
    text = "سطر\u200f أول\n" + "كلمة " * 100

    assert printable_text(text) == text


@pytest.mark.parametrize("hostile", ["\x1b", "\x07", "\r", "\u202e", "\u202d", "\u2028", "\x9b", "\ud800"])
def test_running_text_shows_what_could_hide_or_move(hostile):
    assert hostile not in printable_text(f"before{hostile}after")


def test_lone_surrogates_are_replaced_and_offsets_stay():
    assert without_surrogates("a\ud800b\udfff\U0001f600") == "a\ufffdb\ufffd\U0001f600"
