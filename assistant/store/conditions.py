"""`Filters` as SQL."""

import json
from typing import TypeAlias

from assistant.store.passage_store import Filters
from assistant.store.source_names import SourceNames

Parameters: TypeAlias = dict[str, str]

# Prefixes are compared as plain characters: LIKE and GLOB would give `%`, `_`, `*` and `[` in a path a meaning.
_SOURCES = """articles.id IN (
    SELECT sources.article_id FROM sources, json_each(:sources) AS wanted
    WHERE substr(
        CASE WHEN substr(sources.source, 1, 2) = './' THEN :base || substr(sources.source, 3) ELSE sources.source END,
        1, length(wanted.value)
    ) = wanted.value
)"""


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
        parameters["base"] = names.base
        parameters["sources"] = json.dumps(filters.sources)
    if filters.published_from:
        parts.append("articles.published >= :published_from")
        parameters["published_from"] = filters.published_from.isoformat()
    if filters.published_to:
        parts.append("articles.published <= :published_to")
        parameters["published_to"] = filters.published_to.isoformat()
    return " AND ".join(parts) or "TRUE", parameters
