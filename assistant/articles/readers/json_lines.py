"""JSON Lines: an object a line, an article an object."""

import json
from collections.abc import Iterator

from assistant.articles.columns import Columns
from assistant.articles.decoding import NotTextError, decode
from assistant.articles.reading import AS_USUAL, Reading, ReadOptions, problem
from assistant.articles.rows import read_rows
from assistant.errors import Message, message_of


def read(
    content: bytes,
    source: str,
    *,
    charset: str | None = None,
    options: ReadOptions = AS_USUAL,
) -> Reading:
    """Read an article a line; see `Reader`, and `COLUMNS` for the names that its keys may have."""
    try:
        text = decode(content, charset)
    except NotTextError as error:
        raise problem(source, message_of(error)) from error
    return read_rows(source, _rows(text), Columns(options.columns))


def _rows(text: str) -> Iterator[tuple[int, dict[str, object] | str]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            yield number, Message("it is not JSON ({reason} at column {column})", reason=error.msg, column=error.colno)
        except (RecursionError, ValueError):
            yield number, Message("it is not JSON that can be read")
        else:
            yield number, row if isinstance(row, dict) else Message("it is not a JSON object")
