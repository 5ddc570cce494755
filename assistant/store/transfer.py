"""Articles and conversations as JSON Lines that any store takes in."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from assistant.articles.article import Article
from assistant.errors import StoreError

_ARTICLE = TypeAdapter(Article)
ARTICLE, CONVERSATION = "article", "conversation"

_LONGEST_LINE = 256 * 1024**2
"""Characters; several times what an article may have."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """How many articles and conversations were written or taken in."""

    articles: int = 0
    conversations: int = 0


def write_records(to: Path, articles: Iterable[Article], conversations: Iterable[dict[str, Any]]) -> Transfer:
    """Write articles and conversations to a file, a JSON object a line, with "kind" saying what it is.

    Raises:
        StoreError: the file cannot be written; one that was there before is then as it was.
    """
    # A file appears whole or not at all. What is no file, as /dev/stdout, is written to, and not put out of its place.
    is_replaced = to.is_file() or not to.exists()
    partial = to.with_name(f".{to.name}.partial") if is_replaced else to
    counts = {ARTICLE: 0, CONVERSATION: 0}
    try:
        with partial.open("w", encoding="utf-8") as file:
            for kind, record in _records(articles, conversations):
                file.write(json.dumps({"kind": kind, **record}, ensure_ascii=False) + "\n")
                counts[kind] += 1
        if is_replaced:
            partial.replace(to)
    except OSError as error:
        if is_replaced:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
        raise StoreError(
            "{path} cannot be written ({reason}): free some space, or name another file.",
            path=to,
            reason=error.strerror,
        ) from error
    return Transfer(counts[ARTICLE], counts[CONVERSATION])


def read_records(
    path: Path,
    take_articles: Callable[[list[Article]], object],
    take_conversations: Callable[[list[dict[str, Any]]], int],
) -> Transfer:
    """Read what `write_records` wrote, and hand it on.

    Args:
        path: The file.
        take_articles: Stores articles, all of the file at once.
        take_conversations: Stores conversations, all of the file at once; returns how many were new.

    Raises:
        StoreError: the file cannot be read, or a line of it is damaged; nothing is handed on then.
    """
    articles: list[Article] = []
    conversations: list[dict[str, Any]] = []
    try:
        with path.open(encoding="utf-8") as file:
            # Not line by line as files are iterated: a line may have no end, as that of /dev/zero.
            for number, line in enumerate(iter(lambda: file.readline(_LONGEST_LINE), ""), 1):
                _sort(_parsed(path, number, line), articles, conversations)
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError("{path} cannot be read ({reason}): name another file.", path=path, reason=error) from error
    if articles:
        take_articles(articles)
    return Transfer(len(articles), take_conversations(conversations))


def _records(
    articles: Iterable[Article], conversations: Iterable[dict[str, Any]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for article in articles:
        yield ARTICLE, _ARTICLE.dump_python(article, mode="json")
    for conversation in conversations:
        yield CONVERSATION, conversation


def _parsed(path: Path, number: int, line: str) -> Article | dict[str, Any]:
    try:
        record = json.loads(line) if len(line) < _LONGEST_LINE else None
        if not isinstance(record, dict):
            raise TypeError("it is no JSON object")
        kind = record.pop("kind", None)
        if kind == CONVERSATION:
            return dict(record)
        if kind == ARTICLE:
            return _ARTICLE.validate_python(record)
    except (ValueError, TypeError, RecursionError, ValidationError) as error:
        reason = str(error).splitlines()[0]
    else:
        reason = f"it is neither {ARTICLE} nor {CONVERSATION}"
    raise StoreError(
        "{path}, line {number}, is damaged ({reason}): export it again with `assistant export`.",
        path=path,
        number=number,
        reason=reason,
    )


def _sort(record: Article | dict[str, Any], articles: list[Article], conversations: list[dict[str, Any]]) -> None:
    if isinstance(record, Article):
        articles.append(record)
    else:
        conversations.append(record)
