"""Comma- or tab-separated values: a row an article, under a line that names the columns."""

import csv
import io
import re
from collections.abc import Iterator
from itertools import takewhile

from assistant.articles.columns import Columns
from assistant.articles.decoding import NotTextError, decode
from assistant.articles.reading import AS_USUAL, Reading, ReadOptions, problem
from assistant.articles.rows import read_rows
from assistant.errors import Message, message_of
from assistant.text.controls import printable

_DELIMITERS = ",;\t|"
_NAMED_DELIMITER = re.compile(r"sep=.", re.IGNORECASE)
_LONGEST_FIELD = 10_000_000
_MOST_REREAD = 10  # times the file, where open quotes send the reader back


def read(
    content: bytes,
    source: str,
    *,
    charset: str | None = None,
    options: ReadOptions = AS_USUAL,
) -> Reading:
    """Read an article a row; see `Reader`, and `COLUMNS` for the names that its columns may have."""
    try:
        text = decode(content, charset)
    except NotTextError as error:
        raise problem(source, message_of(error)) from error
    text = text.removeprefix("\ufeff")
    csv.field_size_limit(_LONGEST_FIELD)  # an article is longer than the 128 KiB of the default
    lines = io.StringIO(text, newline="").readlines()
    above = sum(1 for _ in takewhile(_is_above_heading, lines))
    if above == len(lines):
        raise problem(source, "it is empty: there is no row.")
    columns = Columns(options.columns)
    delimiter = _delimiter(lines[above], above + 1, source, columns)
    return read_rows(source, _rows(lines, above, delimiter, source), columns)


def _is_above_heading(line: str) -> bool:
    """Return whether a line is blank, or the one by which Excel names the delimiter."""
    return not line.strip() or _NAMED_DELIMITER.fullmatch(line.strip()) is not None


def _delimiter(heading: str, number: int, source: str, columns: Columns) -> str:
    """Return the delimiter under which the heading has a column of text; `csv.Sniffer` would guess."""
    try:
        headings = {delimiter: next(csv.reader([heading], delimiter=delimiter), []) for delimiter in _DELIMITERS}
    except csv.Error as error:
        raise problem(
            source, "line {line}: the heading cannot be read ({reason}).", line=number, reason=error
        ) from error
    fitting = [delimiter for delimiter, names in headings.items() if columns.are_in(names)]
    if not fitting:
        names = max(headings.values(), key=len)
        raise problem(
            source,
            "line {line}: no column of text; it names {names}, and needs one such as {known}.",
            line=number,
            names=printable(", ".join(names)),
            known=columns.needed(),
        )
    return max(fitting, key=lambda delimiter: len(headings[delimiter]))


def _rows(lines: list[str], above: int, delimiter: str, source: str) -> Iterator[tuple[int, dict[str, object] | str]]:
    reader = csv.reader(lines[above:], delimiter=delimiter, strict=True)
    try:
        names = next(reader)
    except csv.Error as error:
        raise problem(
            source,
            "line {line}: the heading's quotes are not closed as they should be ({reason}).",
            line=above + 1,
            reason=error,
        ) from error
    read_before = above
    may_reread = _MOST_REREAD * len(lines)
    while True:
        first = read_before + reader.line_num
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield first + 1, Message("its quotes are not closed as they should be ({reason})", reason=error)
            # An open quote has swallowed the rows behind it, so go on with the line below the one that opened it.
            may_reread -= read_before + reader.line_num - first
            if may_reread < 0:
                yield first + 2, Message("too many quotes above are not closed; the rows from here on were not read")
                return
            read_before = first + 1
            below = (lines[number] for number in range(read_before, len(lines)))
            reader = csv.reader(below, delimiter=delimiter, strict=True)
            continue
        if not row:
            continue
        if len(row) != len(names):
            yield (
                first + 1,
                Message("it has {count} columns where the heading has {expected}", count=len(row), expected=len(names)),
            )
        else:
            yield first + 1, dict(zip(names, row, strict=True))
