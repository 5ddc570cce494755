import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.marks import Mark, MarkParser, parse_marks, without_marks


def written(text, highest=3):
    return "".join(map(str, parse_marks(text, highest)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In Moscow [1].", "In Moscow [1]."),
        ("In Moscow.[1,2]", "In Moscow.[1][2]"),
        ("In Moscow [1][2].", "In Moscow [1][2]."),
        ("In Moscow [1, 1].", "In Moscow [1]."),
        ("في موسكو [١].", "في موسكو [1]."),
        ("در مسکو [۲، ۳].", "در مسکو [2][3]."),
        ("在莫斯科［1］。", "在莫斯科[1]。"),
        ("在莫斯科【２】。", "在莫斯科[2]。"),
        ("In Moscow [^1].", "In Moscow [1]."),
        ("In Moscow [0].", "In Moscow."),
        ("In Moscow [99].", "In Moscow."),
        ("In Moscow [1, 99].", "In Moscow [1]."),
        ("One.\n[9] Two.", "One.\n Two."),
        ("[sic] and [a1] and [1 and 2] and [1", "[sic] and [a1] and [1 and 2] and [1"),
        ("x[-1] [1.5] [] [,]", "x[-1] [1.5] [] [,]"),
        ("[[1]]", "[[1]]"),
        ("[12345]", "[12345]"),
    ],
)
def test_marks_are_read_strictly(text, expected):
    assert written(text) == expected


def test_a_mark_split_between_chunks_is_one_mark():
    parser = MarkParser(highest=2)
    pieces = [parser.feed(chunk) for chunk in ["In Moscow", " ", "[", "1", ",", " 2", "]", "."]]
    assert pieces[:-2] == [["In Moscow"], [], [], [], [], []]
    assert pieces[-2:] == [[" ", Mark((1, 2))], ["."]]
    assert parser.close() == []


def test_text_that_cannot_become_a_mark_is_not_held_back():
    parser = MarkParser(highest=2)
    assert parser.feed("In [M") == ["In [M"]


@given(st.text(alphabet="a1٢9[]［】,، ^\n.", max_size=30), st.lists(st.integers(1, 5), max_size=30))
def test_chunking_never_changes_what_is_read(text, sizes):
    parser, pieces, rest = MarkParser(highest=9), [], text
    for size in sizes:
        pieces += parser.feed(rest[:size])
        rest = rest[size:]
    pieces += parser.feed(rest) + parser.close()
    assert "".join(map(str, pieces)) == written(text, highest=9)


@given(st.text(alphabet="a1٢[]［】【,، ^", max_size=30))
def test_an_article_cannot_pose_as_a_citation(text):
    assert not any(isinstance(piece, Mark) for piece in parse_marks(without_marks(text), highest=9999))


def test_posing_marks_keep_their_meaning_and_length():
    assert without_marks("array[0] broke.[3, 4] [sic]") == "array(0) broke.(3, 4) [sic]"
