"""Spreadsheets of Excel and OpenDocument, through calamine: rows that are articles, or else one article of tables."""

import io
from datetime import date, datetime
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from assistant.articles.archives import DAMAGE, open_archive
from assistant.articles.article import CELL_SEPARATOR, Section
from assistant.articles.columns import Columns
from assistant.articles.reading import AS_USUAL, Reading, ReadOptions, build_article, problem
from assistant.articles.rows import read_rows
from assistant.articles.structure import StructuredText, joined

_ZIPPED = b"PK\x03\x04"


def read(
    content: bytes,
    source: str,
    *,
    charset: str | None = None,  # noqa: ARG001 - see `Reader`
    options: ReadOptions = AS_USUAL,
) -> Reading:
    """Read an article a row where the first row names a column of text, and otherwise one article; see `Reader`."""
    try:
        if content.startswith(_ZIPPED):
            open_archive(content, source)  # refuses what would unpack to too much
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = {name: _filled(workbook.get_sheet_by_name(name).to_python()) for name in workbook.sheet_names}
    except (*DAMAGE, CalamineError) as error:
        raise problem(source, "it is encrypted, damaged or not a spreadsheet; open it and save it again.") from error
    sheets = {name: rows for name, rows in sheets.items() if rows}
    if len(sheets) == 1:
        (rows,) = sheets.values()
        names = [_shown(cell) for cell in rows[0]]
        columns = Columns(options.columns)
        if len(rows) > 1 and columns.are_in(names):
            return read_rows(
                source,
                (
                    (number, dict(zip(names, map(_shown, row), strict=False)))
                    for number, row in enumerate(rows[1:], start=2)
                ),
                columns,
            )
    if not sheets:
        raise problem(source, "it is empty: there is no row.")
    return Reading((build_article(source, joined(_blocks(sheets)), {}),))


def _filled(rows: list[list[Any]]) -> list[list[Any]]:
    return [row for row in rows if any(_shown(cell) for cell in row)]


def _blocks(sheets: dict[str, list[list[Any]]]) -> list[StructuredText]:
    """Return the tables, under the names of their sheets where there are several."""
    blocks = []
    for name, rows in sheets.items():
        if len(sheets) > 1:
            blocks.append(StructuredText(name, sections=(Section(0, name),)))
        blocks.append(StructuredText("\n".join(CELL_SEPARATOR.join(map(_shown, row)) for row in rows)))
    return blocks


def _shown(cell: Any) -> str:
    """Return a cell as it is shown: whole numbers without a point, midnight without a time."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and (cell.hour, cell.minute, cell.second) == (0, 0, 0):
        cell = cell.date()
    if isinstance(cell, datetime | date):
        return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()
    return " ".join(str(cell).split())
