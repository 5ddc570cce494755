import pytest

from assistant.articles.layout.visual_order import is_right_to_left, logical_order, mirror_brackets


@pytest.mark.parametrize(
    ("drawn", "read"),
    [
        ("plain text, 12.5% (a)", "plain text, 12.5% (a)"),
        ("وكسوم يف", "في موسكو"),
        (".وكسوم يف 2026 ربمفون 11 يف", "في 11 نوفمبر 2026 في موسكو."),
        ("27و 25 نيب", "بين 25 و27"),
        ("12.5% ةبسن", "نسبة 12.5%"),
        ("10:30 ةعاسلا 2026/11/11 يف", "في 11/11/2026 الساعة 10:30".replace("11/11/2026", "2026/11/11")),
        ("وكسوم يف Web Desk لاق", "قال Web Desk في موسكو"),
        ("ءابو COVID 19 راشتنا", "انتشار COVID 19 وباء"),
        ("The word هملك ةمق means summit", "The word قمة كلمه means summit"),
        ("٢٠٢٦ ربمفون ١١", "١١ نوفمبر ٢٠٢٦"),
        ("םולש 2026", "2026 שלום"),
        ("", ""),
    ],
)
def test_lines_come_back_in_reading_order(drawn, read):
    assert logical_order(list(drawn)) == read


def test_a_ligature_is_one_glyph_and_stays_whole():
    assert logical_order(["ن", "أ", " ", "م", "لا", "س"]) == "سلام أن"


def test_against_the_bidirectional_algorithm(arabic_paragraphs):
    """Lay real lines out with an independent implementation of UAX #9 and read them back."""
    bidi = pytest.importorskip("bidi", reason="python-bidi is the reference, where it is installed")
    for paragraph in arabic_paragraphs:
        words = paragraph.split()
        for start in range(0, len(words), 12):
            line = " ".join(words[start : start + 12])
            assert logical_order(list(bidi.get_display(line))) == line


@pytest.mark.parametrize(
    ("stored", "meant"),
    [
        ("قمة )موسكو( المقبلة", "قمة (موسكو) المقبلة"),
        ("قمة (موسكو) المقبلة", "قمة (موسكو) المقبلة"),
        ("»قمة« ]1[", "«قمة» [1]"),
        ("أولا) ثم", "أولا) ثم"),
        ("", ""),
    ],
)
def test_brackets_are_turned_where_that_makes_them_pair(stored, meant):
    assert mirror_brackets(stored) == meant


def test_direction_is_that_of_most_letters():
    assert is_right_to_left("قمة CSTO في موسكو")
    assert not is_right_to_left("The word قمة means summit")
    assert not is_right_to_left("2026")
