"""What `reading_process` and `reading_worker` say to each other: JSON objects and bytes, each behind its length.

JSON rather than pickle, because a reader that an article has taken over must not run anything in the main process.
"""

import json
import struct
from collections.abc import Mapping
from typing import IO, Any

from pydantic import TypeAdapter

from assistant.articles.article import Article
from assistant.articles.reading import problem
from assistant.errors import Message, ReadError, message_of

_ARTICLE = TypeAdapter(Article)
_LENGTH = struct.Struct(">Q")


def write_frame(stream: IO[bytes], frame: bytes | Mapping[str, Any]) -> None:
    """Write a frame; the caller flushes.

    Raises:
        OSError: the other side is gone.
    """
    content = frame if isinstance(frame, bytes) else json.dumps(frame, separators=(",", ":")).encode("ascii")
    stream.write(_LENGTH.pack(len(content)))
    stream.write(content)


def read_frame(stream: IO[bytes], longest: int | None = None) -> bytes:
    """Return the next frame.

    Raises:
        EOFError: the other side has ended.
        ValueError: the frame is longer than it may be.
    """
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    if longest is not None and length > longest:
        raise ValueError(length)
    content = stream.read(length)
    if len(content) < length:
        raise EOFError
    return content


def dump_article(article: Article) -> dict[str, Any]:
    """Return an article as JSON has it; `load_article` reads it."""
    dumped: dict[str, Any] = _ARTICLE.dump_python(article, mode="json")
    return dumped


def load_article(dumped: Mapping[str, Any]) -> Article:
    """Return an article that `dump_article` has written.

    Raises:
        ValueError: it has not.
    """
    return _ARTICLE.validate_python(dumped)


def dump_problem(error: ReadError) -> dict[str, Any]:
    """Return a problem as JSON has it; `load_problem` reads it."""
    return {"source": error.source, "message": dump_message(message_of(error))}


def load_problem(dumped: Mapping[str, Any]) -> ReadError:
    """Return a problem that `dump_problem` has written."""
    said = load_message(dumped["message"])
    reason = said.values.get("reason")
    if isinstance(reason, Message):
        return problem(str(dumped["source"]), reason)
    return ReadError(said.template, source=str(dumped["source"]), **said.values)


def dump_message(message: Message) -> dict[str, Any]:
    """Return a message as JSON has it; `load_message` reads it."""
    return {"template": message.template, "values": {name: _dumped(value) for name, value in message.values.items()}}


def load_message(dumped: Mapping[str, Any]) -> Message:
    """Return a message that `dump_message` has written."""
    values = {
        str(name): load_message(value) if isinstance(value, dict) else value for name, value in dumped["values"].items()
    }
    return Message(str(dumped["template"]), **values)


def _dumped(value: object) -> object:
    if isinstance(value, Message):
        return dump_message(value)
    return value if isinstance(value, int | float | str) else str(value)
