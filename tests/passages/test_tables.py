import pytest

from assistant.passages.passage import Span
from assistant.passages.tables import cells_of, find_tables, is_table_header, table_header_of

FARES = "Stop | Day ticket | Boats\nMarlau | €4 | 3\nPenvik | €7 | 12"
STORY = f"The ferry fares have risen.\n\n{FARES}\n\nDogs travel free."


def line(text, words):
    start = text.index(words)
    return Span(start, start + len(words))


def test_a_row_has_the_header_over_it():
    header = table_header_of(STORY, line(STORY, "Penvik | €7 | 12"))
    assert header is not None
    assert header.of(STORY) == "Stop | Day ticket | Boats"


@pytest.mark.parametrize("words", ["Stop | Day ticket | Boats", "Dogs travel free.", "The ferry fares have risen."])
def test_what_is_no_row_has_no_header(words):
    assert table_header_of(STORY, line(STORY, words)) is None


def test_only_the_header_is_one():
    assert is_table_header(STORY, line(STORY, "Stop | Day ticket | Boats"))
    assert not is_table_header(STORY, line(STORY, "Penvik | €7 | 12"))
    assert not is_table_header(STORY, line(STORY, "Dogs travel free."))


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("Год | 2023 | 2024\nНасос | 4 | 5", "Год | 2023 | 2024"),
        ("Stadt | Bürgermeisterin | Fluss\nUlmsee | Rika Thoma | Ahl", "Stadt | Bürgermeisterin | Fluss"),
        ("البلدة | السكان\nالنخلة | ٤١٠٠\nالعين | ٨٠٠", "البلدة | السكان"),
        ("Director | Ida Renn\nFounded | 1921", None),
        ("Marlau | €4 | 3\nPenvik | €7 | 12", None),
    ],
)
def test_a_first_line_with_numbers_or_of_a_list_is_no_header(text, header):
    (table,) = find_tables(text)
    assert (table.header and table.header.of(text)) == header


@pytest.mark.parametrize("text", ["", "Home | News | Sport", "a | b\nc | d | e", "a | b\n\nc | d", "One.\nTwo."])
def test_lines_that_do_not_match_are_no_table(text):
    assert find_tables(text) == ()


def test_cells_are_what_stands_between_the_bars():
    row = line(STORY, "Penvik | €7 | 12")
    assert [cell.of(STORY) for cell in cells_of(STORY, row)] == ["Penvik", "€7", "12"]
