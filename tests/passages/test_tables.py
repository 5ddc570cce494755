import pytest

from assistant.passages.passage import Span
from assistant.passages.tables import find_tables, is_table_header, named_cells, table_header_of

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


def test_cells_are_what_stands_between_the_bars_below_the_names_of_their_columns():
    cells = named_cells(STORY, line(STORY, "Penvik | €7 | 12"))
    assert [(name.of(STORY), cell.of(STORY)) for name, cell in cells] == [
        ("Stop", "Penvik"),
        ("Day ticket", "€7"),
        ("Boats", "12"),
    ]


@pytest.mark.parametrize(
    ("text", "row", "cells"),
    [
        ("Gebühr | Betrag | Hinweis\nHund | 90 € | \nKanu | 12 € | je Tag", "Hund | 90 € |", ["Hund", "90 €", ""]),
        ("Gebühr | Betrag | Hinweis\nKanu | 12 € | je Tag\nHund | 90 € |", "Hund | 90 € |", ["Hund", "90 €", ""]),
        ("Pier | Mon | Sun\n | 9:10 | 9:40\nMill | 8:10 | 8:40", "| 9:10 | 9:40", ["", "9:10", "9:40"]),
        ("Pier | Mon | Sun\nMill | 8:10 | 8:40\nInn | | 9:40", "Inn | | 9:40", ["Inn", "", "9:40"]),
        ("Pier | Mon | Sun\nMill | 8:10 | 8:40\nInn | |", "Inn | |", ["Inn", "", ""]),
        (
            "Pier | Note | Sun\nMill | no boats in winter | 8:40",
            "boats in winter",
            ["Mill", "no boats in winter", "8:40"],
        ),
        ("| Pier | Mon | Sun |\n| Mill | 8:10 | 8:40 |", "| Mill | 8:10 | 8:40 |", ["Mill", "8:10", "8:40"]),
    ],
)
def test_rows_with_empty_cells_and_parts_of_rows_have_all_cells(text, row, cells):
    assert [cell.of(text) for _, cell in named_cells(text, line(text, row))] == cells


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("Boat | Seats\nAnna | 12\nBerta |\nCleo | 9", "Boat | Seats"),
        ("Anna | 12 | 4\nBerta | | 5\nCleo | 9 | 6", None),
    ],
)
def test_an_empty_cell_says_nothing_about_the_numbers_of_its_column(text, header):
    (table,) = find_tables(text)
    assert (table.header and table.header.of(text)) == header


@pytest.mark.parametrize("text", ["cat tides.txt |\nsort |\nuniq", "= sum\n| product\n| term"])
def test_bars_at_one_end_of_lines_make_no_table(text):
    assert find_tables(text) == ()
