"""`Filters` as SQL."""

import json
import sqlite3
from typing import TypeAlias

import numpy as np

from assistant.store.passage_store import Filters
from assistant.store.selection import Ids
from assistant.store.source_files import SourceNames, shown

Parameters: TypeAlias = dict[str, str]

# Prefixes are compared as plain characters: LIKE and GLOB would give `%`, `_`, `*` and `[` in a path a meaning.
_SOURCES = f"""articles.id IN (
    SELECT sources.article_id FROM sources, json_each(:sources) AS wanted
    WHERE substr({shown("sources.source")}, 1, length(wanted.value)) = wanted.value
)"""  # noqa: S608 - made of constants


def condition(filters: Filters | None, names: SourceNames) -> tuple[str, Parameters]:
    """Return an SQL condition on the table `articles` that holds where all of `filters` do, and its parameters.

    Example:
        >>> from pathlib import Path
        >>> condition(Filters(languages=("ar",)), SourceNames(Path("/news/vectorstore")))
        ('articles.language IN (SELECT value FROM json_each(:languages))', {'languages': '["ar"]'})
    """
    filters = filters or Filters()
    parts = []
    parameters: Parameters = {}
    if filters.languages:
        parts.append("articles.language IN (SELECT value FROM json_each(:languages))")
        parameters["languages"] = json.dumps(filters.languages)
    if filters.articles:
        parts.append("articles.id IN (SELECT value FROM json_each(:articles))")
        parameters["articles"] = json.dumps(filters.articles)
    if filters.sources:
        parts.append(_SOURCES)
        parameters |= names.parameters
        parameters["sources"] = json.dumps(filters.sources)
    if filters.published_from:
        parts.append("articles.published >= :published_from")
        parameters["published_from"] = filters.published_from.isoformat()
    if filters.published_to:
        parts.append("articles.published <= :published_to")
        parameters["published_to"] = filters.published_to.isoformat()
    return " AND ".join(parts) or "TRUE", parameters


def passage_ids(connection: sqlite3.Connection, names: SourceNames, filters: Filters) -> Ids:
    """Return the numbers of the passages whose articles meet `filters`, in no order."""
    where, parameters = condition(filters, names)
    rows = connection.execute(
        # Answered from the index `passages_by_article` alone.
        "SELECT id FROM passages "  # noqa: S608 - `where` comes from `condition` alone
        f"WHERE article_id IN (SELECT id FROM articles WHERE {where})",
        parameters,
    )
    return np.fromiter((number for (number,) in rows), dtype=np.int64)
