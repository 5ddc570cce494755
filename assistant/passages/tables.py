"""Tables in a text: which lines are rows, and which line says what their cells are."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from assistant.articles.article import CELL_SEPARATOR
from assistant.language.words import YEAR
from assistant.passages.passage import Span

_LINE = re.compile(r"^.*$", re.MULTILINE)
# One with white space, or an end of the line, on either side: an empty cell may share its only space with both bars.
_BAR = re.compile(r"(?<!\S)\|(?!\S)")


@dataclass(frozen=True, slots=True)
class Table:
    """A table of an article's text.

    Attributes:
        header: The line over the rows that names the columns, if there is one.
        rows: The other lines, in reading order; each has as many cells as the header.
        columns: Which of the cells between the bars of each line are columns: those with text in at least one line.
    """

    header: Span | None
    rows: tuple[Span, ...]
    columns: tuple[int, ...]

    @property
    def lines(self) -> tuple[Span, ...]:
        """The header, if there is one, and the rows."""
        return self.rows if self.header is None else (self.header, *self.rows)

    def cells_of(self, text: str, sentence: Span) -> tuple[Span, ...]:
        r"""Return the cells of a line, one for each column, as spans of the text; those that are empty have no length.

        Args:
            text: The article's text.
            sentence: The line, or a part of it: sentences have no white space at their ends, and long ones are cut.

        Example:
            >>> text = "Stop | Mon | Sun\nMill |  | 9:10"
            >>> [cell.of(text) for cell in find_tables(text)[0].cells_of(text, Span(24, 31))]
            ['Mill', '', '9:10']
        """
        end = text.find("\n", sentence.start)
        cells = _cells(text, Span(text.rfind("\n", 0, sentence.start) + 1, end if end >= 0 else len(text)))
        return tuple(cells[number] for number in self.columns)


@lru_cache(maxsize=256)
def find_tables(text: str) -> tuple[Table, ...]:
    r"""Return the tables of a text: two or more lines together with the same number of cells, which may be empty.

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
    for count, lines in groupby(_lines(text), key=lambda line: len(_BAR.findall(line.of(text)))):
        rows = tuple(lines)
        if count and len(rows) > 1:
            cells = [_cells(text, row) for row in rows]
            filled = [any(cell.of(text) for cell in column) for column in zip(*cells, strict=True)]
            columns = tuple(number for number, is_filled in enumerate(filled) if is_filled)
            if len(columns) > 1:
                has_header = _has_header([[line[number].of(text) for number in columns] for line in cells])
                header, below = (rows[0], rows[1:]) if has_header else (None, rows)
                found.append(Table(header, below, columns))
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


def named_cells(text: str, sentence: Span) -> tuple[tuple[Span, Span], ...]:
    r"""Return the cells of a row, each behind the name of its column; none where a sentence is no row below a header.

    Args:
        text: An article's text.
        sentence: A sentence of it.

    Example:
        >>> text = "Town | Pass | Boats\nUlmsee | £41 | 3"
        >>> [(name.of(text), cell.of(text)) for name, cell in named_cells(text, Span(20, 36))]
        [('Town', 'Ulmsee'), ('Pass', '£41'), ('Boats', '3')]
    """
    table = table_of(text, sentence)
    if table is None or table.header is None or table.header.overlaps(sentence):
        return ()
    return tuple(zip(table.cells_of(text, table.header), table.cells_of(text, sentence), strict=True))


def _lines(text: str) -> Iterator[Span]:
    return (Span(match.start(), match.end()) for match in _LINE.finditer(text))


def _cells(text: str, line: Span) -> list[Span]:
    """Return what stands between the bars of a line, and before the first and behind the last, without white space."""
    bars = [line.start + bar.start() for bar in _BAR.finditer(line.of(text))]
    between = zip([line.start, *(bar + 1 for bar in bars)], [*bars, line.end], strict=True)
    return [_stripped(text, Span(start, end)) for start, end in between]


def _stripped(text: str, span: Span) -> Span:
    content = span.of(text)
    start = span.start + len(content) - len(content.lstrip())
    return Span(start, start + len(content.strip()))


def _holds(table: Table, sentence: Span) -> bool:
    return table.lines[0].start <= sentence.start and sentence.end <= table.lines[-1].end


def _has_header(lines: Sequence[Sequence[str]]) -> bool:
    first, *below = lines
    of_numbers = [all(map(_states_number, filter(None, column))) for column in zip(*below, strict=True)]
    named = zip(first, of_numbers, strict=True)
    if any(numbers and _states_number(cell) and not YEAR.fullmatch(cell) for cell, numbers in named):
        return False
    return len(first) > 2 or (len(below) > 1 and of_numbers[1])


def _states_number(cell: str) -> bool:
    return any(map(str.isdecimal, cell))
