"""Structured logs: a line of JSON for each record, with the id of the request that it belongs to."""

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any, TextIO

from assistant.observability import request_id

QUESTIONS = logging.getLogger("assistant.questions")
"""Told of each question how it ended, with figures and labels as `extra={"fields": …}`; never what it says."""


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON: `time`, `level`, `logger`, `message`, `request`, and its `fields`.

    Of an exception its kind and where it came from are told, not its message, which may quote what it is about.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request := request_id():
            line["request"] = request
        line.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            line["where"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return json.dumps(line, ensure_ascii=False)


def log_json(stream: TextIO) -> None:
    """Write all warnings, and how each question ended, to a stream as JSON Lines, in place of all other handlers."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    QUESTIONS.setLevel(logging.INFO)
