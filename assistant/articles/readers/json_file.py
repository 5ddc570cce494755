"""JSON: an array of articles, alone or under a key, or a single article."""

import json
from collections.abc import Iterator

from assistant.articles.columns import Columns
from assistant.articles.decoding import NotTextError, decode
from assistant.articles.readers import json_lines
from assistant.articles.reading import AS_USUAL, Reading, ReadOptions, problem
from assistant.articles.rows import read_rows
from assistant.errors import Message, message_of

_DEEPEST = 4


def read(
    content: bytes,
    source: str,
    *,
    charset: str | None = None,
    options: ReadOptions = AS_USUAL,
) -> Reading:
    """Read an article an object; see `Reader`, and `COLUMNS` for the names that its keys may have."""
    try:
        text = decode(content, charset)
    except NotTextError as error:
        raise problem(source, message_of(error)) from error
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            return json_lines.read(content, source, charset=charset, options=options)
        raise problem(source, "line {line}: it is not JSON ({reason}).", line=error.lineno, reason=error.msg) from error
    except (RecursionError, ValueError) as error:
        raise problem(source, "it is not JSON that can be read.") from error
    columns = Columns(options.columns)
    rows = _rows(document, columns)
    if rows is None:
        raise problem(
            source, "no article was found: it needs objects with a key such as {known}.", known=columns.needed()
        )
    return read_rows(source, _numbered(rows), columns)


def _rows(document: object, columns: Columns, depth: int = 0) -> list[object] | None:
    """Return the outermost array of objects of which one has a text, or the object that has one."""
    if depth > _DEEPEST:
        return None
    if isinstance(document, list):
        return document if any(_has_text(row, columns) for row in document) else None
    if not isinstance(document, dict):
        return None
    inner = (rows for value in document.values() if (rows := _rows(value, columns, depth + 1)) is not None)
    found = next(inner, None)
    if found is None and _has_text(document, columns):
        return [document]
    return found


def _has_text(row: object, columns: Columns) -> bool:
    return isinstance(row, dict) and columns.value("text", row) is not None


def _numbered(rows: list[object]) -> Iterator[tuple[int, dict[str, object] | str]]:
    for number, row in enumerate(rows, start=1):
        yield number, row if isinstance(row, dict) else Message("it is not a JSON object")
