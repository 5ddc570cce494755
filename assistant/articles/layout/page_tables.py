"""`with_rows`: the lines of a page with those of its tables put together, a row a line.

A table is found by the rules drawn around its cells, or by cells that stand beside each other in several rows and are
too short for columns of prose.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from assistant.articles.article import CELL_SEPARATOR
from assistant.articles.layout.paragraphs import Line
from assistant.articles.layout.visual_order import is_right_to_left

_TOUCH = 3.0  # points between rules that belong together
_SAME_ROW = 0.5
_WIDEST_CELL = 40  # characters; lines of prose columns have more
_ROW_DISTANCE = 3.0  # heights of a line


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line drawn on a page, as a box without height or without width."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def is_horizontal(self) -> bool:
        """Whether it goes from left to right."""
        return self.right - self.left >= self.top - self.bottom


def with_rows(lines: Sequence[Line], rules: Sequence[Rule]) -> list[Line]:
    """Return the lines of one page, with each table's rows in the place of its lines.

    Args:
        lines: In reading order.
        rules: What is drawn on the page.
    """
    number = 0
    for grid in _grids(rules):
        inside = [line for line in lines if grid.holds(line)]
        cells_of_rows = grid.rows(inside)
        if len(cells_of_rows) > 1:
            number += 1
            lines = _in_place(lines, inside, [_row(cells, number) for cells in cells_of_rows])
    for rows in _aligned([line for line in lines if not line.table]):
        number += 1
        inside = [line for row in rows for line in row]
        columns = _columns(inside)
        lines = _in_place(lines, inside, [_row(_by_column(row, columns), number) for row in rows])
    return list(lines)


def _in_place(lines: Sequence[Line], inside: Sequence[Line], rows: Sequence[Line]) -> list[Line]:
    gone = set(map(id, inside))
    first = next(index for index, line in enumerate(lines) if id(line) in gone)
    before = [line for line in lines[:first] if id(line) not in gone]
    return [*before, *rows, *(line for line in lines[first:] if id(line) not in gone)]


def _row(cells: Sequence[Sequence[Line]], number: int) -> Line:
    present = [line for cell in cells for line in cell]
    texts = [" ".join(line.text for line in cell) for cell in cells]
    if is_right_to_left("".join(texts)):
        texts.reverse()
    box = _box(present)
    return replace(box, text=CELL_SEPARATOR.join(texts), table=number)


def _box(lines: Sequence[Line]) -> Line:
    return Line(
        "",
        lines[0].page,
        min(line.left for line in lines),
        min(line.bottom for line in lines),
        max(line.right for line in lines),
        max(line.top for line in lines),
    )


@dataclass(frozen=True, slots=True)
class _Grid:
    """The rules of one table: where its columns and rows are parted, from left to right and from top to bottom."""

    across: tuple[float, ...]
    down: tuple[float, ...]

    def holds(self, line: Line) -> bool:
        middle, height = (line.left + line.right) / 2, (line.bottom + line.top) / 2
        return self.across[0] < middle < self.across[-1] and self.down[-1] < height < self.down[0]

    def rows(self, lines: Sequence[Line]) -> list[list[list[Line]]]:
        rows = [
            [
                [
                    line
                    for line in lines
                    if left <= (line.left + line.right) / 2 < right and low <= (line.bottom + line.top) / 2 < high
                ]
                for left, right in pairwise(self.across)
            ]
            for high, low in pairwise(self.down)
        ]
        return [row for row in rows if any(row)]


def _grids(rules: Sequence[Rule]) -> Iterable[_Grid]:
    for group in _touching(rules):
        across = _distinct(rule.left for rule in group if not rule.is_horizontal)
        down = _distinct(rule.top for rule in group if rule.is_horizontal)
        if len(across) > 2 and len(down) > 2:
            yield _Grid(tuple(across), tuple(reversed(down)))


def _touching(rules: Sequence[Rule]) -> list[list[Rule]]:
    groups: list[list[Rule]] = []
    for rule in rules:
        near = [group for group in groups if any(_touch(rule, other) for other in group)]
        groups = [group for group in groups if group not in near]
        groups.append([rule, *(other for group in near for other in group)])
    return groups


def _touch(one: Rule, other: Rule) -> bool:
    return (
        one.left <= other.right + _TOUCH
        and other.left <= one.right + _TOUCH
        and one.bottom <= other.top + _TOUCH
        and other.bottom <= one.top + _TOUCH
    )


def _distinct(values: Iterable[float]) -> list[float]:
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _TOUCH:
            found.append(value)
    return found


def _aligned(lines: Sequence[Line]) -> list[list[list[Line]]]:
    """Return the tables without rules: rows of short cells, two rows or more and the same columns in each."""
    tables: list[list[list[Line]]] = []
    table: list[list[Line]] = []
    for row in _side_by_side(lines):
        follows = table and table[-1][0].bottom - row[0].top < _ROW_DISTANCE * (row[0].top - row[0].bottom)
        if len(row) > 1 and follows:
            table.append(row)
        else:
            tables.append(table)
            table = [row] if len(row) > 1 else []
    tables.append(table)
    return [table for table in tables if _is_table(table)]


def _side_by_side(lines: Sequence[Line]) -> list[list[Line]]:
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: -line.top):
        above = rows[-1][0] if rows else None
        shared = min(above.top, line.top) - max(above.bottom, line.bottom) if above else 0.0
        if above and shared > _SAME_ROW * min(above.top - above.bottom, line.top - line.bottom):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.left) for row in rows]


def _is_table(rows: Sequence[Sequence[Line]]) -> bool:
    if len(rows) < 2:
        return False
    cells = [line for row in rows for line in row]
    columns = _columns(cells)
    if len(columns) < 2 or any(len(row) > len(columns) for row in rows):
        return False
    # A list whose bullets stand apart, or lines with their numbers, are no table.
    return (
        (
            len(columns) > 2
            or all(median(len(line.text) for line in column) > 2 for column in _by_column(cells, columns))
        )
        and median(len(line.text) for line in cells) <= _WIDEST_CELL / 2
        and max(len(line.text) for line in cells) <= 2 * _WIDEST_CELL
    )


def _columns(cells: Sequence[Line]) -> list[tuple[float, float]]:
    """Return from where to where each column goes: cells that stand above each other anywhere are of one."""
    columns: list[tuple[float, float]] = []
    for cell in sorted(cells, key=lambda cell: cell.left):
        if columns and cell.left < columns[-1][1]:
            columns[-1] = columns[-1][0], max(columns[-1][1], cell.right)
        else:
            columns.append((cell.left, cell.right))
    return columns


def _by_column(cells: Sequence[Line], columns: Sequence[tuple[float, float]]) -> list[list[Line]]:
    return [[cell for cell in cells if left <= cell.left < right] for left, right in columns]
