"""Comma- or tab-separated values: a row an article, under a line that names the columns."""

import csv
import io
from collections.abc import Iterator

from assistant.articles.decoding import NotTextError, decode
from assistant.articles.reading import Reading, problem
from assistant.articles.rows import COLUMNS, column_for, read_rows
from assistant.text.controls import printable

_DELIMITERS = ",;\t|"
_LONGEST_FIELD = 10_000_000
_MOST_REREAD = 10  # times the file, where open quotes send the reader back


def read(content: bytes, source: str, *, charset: str | None = None) -> Reading:
    """Read an article a row; see `Reader`, and `COLUMNS` for the names that its columns may have."""
    try:
        text = decode(content, charset)
    except NotTextError as error:
        raise problem(source, f"{error}.") from error
    text = text.removeprefix("\ufeff")
    csv.field_size_limit(_LONGEST_FIELD)  # an article is longer than the 128 KiB of the default
    lines = io.StringIO(text, newline="").readlines()
    return read_rows(source, _rows(lines, _delimiter(lines, source), source))


def _delimiter(lines: list[str], source: str) -> str:
    """Return the delimiter under which the heading has a column of text; `csv.Sniffer` would guess."""
    try:
        headings = {delimiter: next(csv.reader(lines[:1], delimiter=delimiter), []) for delimiter in _DELIMITERS}
    except csv.Error as error:
        raise problem(source, f"line 1: the heading cannot be read ({error}).") from error
    fitting = [delimiter for delimiter, names in headings.items() if column_for("text", names)]
    if not fitting:
        names = max(headings.values(), key=len)
        raise problem(
            source,
            f"line 1: no column of text; it names {printable(', '.join(names))}, "
            f"and needs one of {', '.join(COLUMNS['text'])}.",
        )
    return max(fitting, key=lambda delimiter: len(headings[delimiter]))


def _rows(lines: list[str], delimiter: str, source: str) -> Iterator[tuple[int, dict[str, object] | str]]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        names = next(reader)
    except csv.Error as error:
        raise problem(source, f"line 1: the heading's quotes are not closed as they should be ({error}).") from error
    read_before = 0
    may_reread = _MOST_REREAD * len(lines)
    while True:
        first = read_before + reader.line_num
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield first + 1, f"its quotes are not closed as they should be ({error})"
            # An open quote has swallowed the rows behind it, so go on with the line below the one that opened it.
            may_reread -= read_before + reader.line_num - first
            if may_reread < 0:
                yield first + 2, "too many quotes above are not closed; the rows from here on were not read"
                return
            read_before = first + 1
            below = (lines[number] for number in range(read_before, len(lines)))
            reader = csv.reader(below, delimiter=delimiter, strict=True)
            continue
        if not row:
            continue
        if len(row) != len(names):
            yield first + 1, f"it has {len(row)} columns where the heading has {len(names)}"
        else:
            yield first + 1, dict(zip(names, row, strict=True))
