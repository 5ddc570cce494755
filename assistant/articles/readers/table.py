"""Comma- or tab-separated values: a row an article, under a line that names the columns."""

import csv
import io
from collections.abc import Iterator

from assistant.articles.decoding import NotTextError, decode
from assistant.articles.display import printable
from assistant.articles.reading import Reading, problem
from assistant.articles.rows import COLUMNS, column_for, read_rows

_DELIMITERS = ",;\t|"
_LONGEST_FIELD = 10_000_000


def read(content: bytes, source: str, *, charset: str | None = None) -> Reading:
    """Read an article a row; see `Reader`, and `COLUMNS` for the names that its columns may have."""
    try:
        text = decode(content, charset)
    except NotTextError as error:
        raise problem(source, f"{error}.") from error
    text = text.removeprefix("\ufeff")
    csv.field_size_limit(_LONGEST_FIELD)  # an article is longer than the 128 KiB of the default
    return read_rows(source, _rows(text, _delimiter(text, source)))


def _delimiter(text: str, source: str) -> str:
    """Return the delimiter under which the heading has a column of text; `csv.Sniffer` would guess."""
    heading = text.split("\n", 1)[0]
    headings = {delimiter: next(csv.reader([heading], delimiter=delimiter), []) for delimiter in _DELIMITERS}
    fitting = [delimiter for delimiter, names in headings.items() if column_for("text", names)]
    if not fitting:
        names = max(headings.values(), key=len)
        raise problem(
            source,
            f"line 1: no column of text; it names {printable(', '.join(names))}, "
            f"and needs one of {', '.join(COLUMNS['text'])}.",
        )
    return max(fitting, key=lambda delimiter: len(headings[delimiter]))


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, dict[str, object] | str]]:
    lines = io.StringIO(text, newline="").readlines()
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    names = next(reader)
    read_before = 0
    while True:
        first = read_before + reader.line_num
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield first + 1, f"its quotes are not closed as they should be ({error})"
            # An open quote has swallowed the rows behind it, so go on with the line below the one that opened it.
            read_before = first + 1
            reader = csv.reader(lines[read_before:], delimiter=delimiter, strict=True)
            continue
        if not row:
            continue
        if len(row) != len(names):
            yield first + 1, f"it has {len(row)} columns where the heading has {len(names)}"
        else:
            yield first + 1, dict(zip(names, row, strict=True))
