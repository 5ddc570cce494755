import pytest
import regex

from assistant.passages.cutting import cut_evenly, cut_to_fit
from assistant.passages.passage import Span


def pieces(text, longest):
    return [span.of(text) for span in cut_evenly(text, Span(0, len(text)), longest)]


@pytest.mark.parametrize(
    ("text", "longest", "expected"),
    [
        ("short", 10, ["short"]),
        ("one two three four", 10, ["one two", "three", "four"]),
        ("一二三，四五六七八", 6, ["一二三，", "四五六七八"]),
        ("abcdefgh", 4, ["abcd", "efgh"]),
    ],
)
def test_cuts_fall_where_a_reader_pauses(text, longest, expected):
    assert pieces(text, longest) == expected


@pytest.mark.parametrize("cluster", ["e\u0301", "👩\u200d👩\u200d👧", "🇸🇦", "कि", "👍🏽"])
def test_grapheme_clusters_stay_whole(cluster):
    text = cluster * 40
    for piece in pieces(text, 25):
        assert regex.fullmatch(f"(?:{regex.escape(cluster)})+", piece)


def test_a_letter_under_a_thousand_marks_is_cut_all_the_same():
    text = "e" + "\u0301" * 1000
    assert "".join(pieces(text, 50)) == text
    assert max(map(len, pieces(text, 50))) <= 50


def test_a_single_character_over_the_budget_stays():
    assert cut_to_fit("ab", [Span(0, 2)], lambda texts: [7 for _ in texts], 3) == [(Span(0, 1), 7), (Span(1, 2), 7)]


def test_only_pieces_of_long_spans_are_counted_again():
    text = "aa bbbb cccc dddd ee"
    asked = []

    def count(texts):
        asked.append(list(texts))
        return [len(piece.split()) for piece in texts]

    fitting = cut_to_fit(text, [Span(0, 2), Span(3, 17), Span(18, 20)], count, 2)
    assert asked[0] == ["aa", "bbbb cccc dddd", "ee"]
    assert len(asked) > 1
    assert all(piece not in {"aa", "ee"} for batch in asked[1:] for piece in batch)
    assert " ".join(span.of(text) for span, _ in fitting) == text
    assert all(tokens <= 2 for _, tokens in fitting)
