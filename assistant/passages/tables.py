"""Tables in a text: which lines are rows, and which line says what their cells are."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from assistant.articles.article import CELL_SEPARATOR
from assistant.passages.passage import Span

_LINE = re.compile(r"^.*$", re.MULTILINE)
_YEAR = re.compile(r"1\d{3}|20\d{2}")


@dataclass(frozen=True, slots=True)
class Table:
    """A table of an article's text.

    Attributes:
        header: The line over the rows that names the columns, if there is one.
        rows: The other lines, in reading order; each has as many cells as the header.
    """

    header: Span | None
    rows: tuple[Span, ...]

    @property
    def lines(self) -> tuple[Span, ...]:
        """The header, if there is one, and the rows."""
        return self.rows if self.header is None else (self.header, *self.rows)


@lru_cache(maxsize=256)
def find_tables(text: str) -> tuple[Table, ...]:
    r"""Return the tables of a text: two or more lines together with the same number of cells.

    The first line is the header, unless it states numbers where the rows below do. A table of two columns has one only
    where all its rows, two at least, state numbers: otherwise it may be a list of names and what they stand for.

    Args:
        text: An article's text.

    Example:
        >>> text = "Fares:\n\nTown | Pass\nUlmsee | £41\nBrack | £49"
        >>> table = find_tables(text)[0]
        >>> table.header.of(text), [row.of(text) for row in table.rows]
        ('Town | Pass', ['Ulmsee | £41', 'Brack | £49'])
    """
    found = []
    for count, lines in groupby(_lines(text), key=lambda line: line.of(text).count(CELL_SEPARATOR)):
        rows = tuple(lines)
        if count and len(rows) > 1:
            found.append(Table(rows[0], rows[1:]) if _has_header(text, rows) else Table(None, rows))
    return tuple(found)


def table_of(text: str, sentence: Span) -> Table | None:
    """Return the table that a sentence of a text is a line of, the header included."""
    return next((table for table in find_tables(text) if _holds(table, sentence)), None)


def table_header_of(text: str, sentence: Span) -> Span | None:
    r"""Return the header over a row of a table, or None where a sentence is no row, or has none over it.

    Args:
        text: An article's text.
        sentence: A sentence of it.

    Example:
        >>> text = "Town | Pass\nUlmsee | £41\nBrack | £49"
        >>> table_header_of(text, Span(12, 24)), table_header_of(text, Span(0, 11))
        (Span(start=0, end=11), None)
    """
    table = table_of(text, sentence)
    return None if table is None or table.header is None or table.header.overlaps(sentence) else table.header


def header_above(text: str, start: int) -> Span | None:
    r"""Return the header of the table that a passage begins within, or None where it begins with no row below one.

    Args:
        text: An article's text.
        start: Where the passage begins.

    Example:
        >>> text = "Town | Pass\nUlmsee | £41\nBrack | £49"
        >>> header_above(text, text.index("Brack")), header_above(text, 0)
        (Span(start=0, end=11), None)
    """
    table = table_of(text, Span(start, start)) if CELL_SEPARATOR in text else None
    return table.header if table is not None and table.header is not None and table.header.end <= start else None


def is_table_header(text: str, sentence: Span) -> bool:
    """Return whether a sentence of a text only names the columns of a table."""
    return any(table.header is not None and table.header.overlaps(sentence) for table in find_tables(text))


def cells_of(text: str, line: Span) -> tuple[Span, ...]:
    """Return the cells of a row or header, as spans of the text.

    Example:
        >>> cells_of("Ulmsee | £41", Span(0, 12))
        (Span(start=0, end=6), Span(start=9, end=12))
    """
    cells, start = [], line.start
    for cell in line.of(text).split(CELL_SEPARATOR):
        cells.append(Span(start, start + len(cell)))
        start += len(cell) + len(CELL_SEPARATOR)
    return tuple(cells)


def _lines(text: str) -> Iterator[Span]:
    return (Span(match.start(), match.end()) for match in _LINE.finditer(text))


def _holds(table: Table, sentence: Span) -> bool:
    return table.lines[0].start <= sentence.start and sentence.end <= table.lines[-1].end


def _has_header(text: str, rows: tuple[Span, ...]) -> bool:
    first, *below = [[cell.of(text) for cell in cells_of(text, row)] for row in rows]
    of_numbers = [all(map(_states_number, column)) for column in zip(*below, strict=True)]
    named = zip(first, of_numbers, strict=True)
    if any(numbers and _states_number(cell) and not _YEAR.fullmatch(cell) for cell, numbers in named):
        return False
    return len(first) > 2 or (len(below) > 1 and of_numbers[1])


def _states_number(cell: str) -> bool:
    return any(map(str.isdecimal, cell))
