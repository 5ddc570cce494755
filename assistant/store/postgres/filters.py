"""`Filters` as SQL of PostgreSQL."""

from typing import Any, TypeAlias

from assistant.store.passage_store import Filters
from assistant.store.queries import UNSTORABLE

Parameters: TypeAlias = dict[str, Any]

_SOURCES = "EXISTS (SELECT FROM sources WHERE sources.article_id = articles.id AND sources.source ^@ ANY(%(sources)s))"


def condition(filters: Filters | None) -> tuple[str, Parameters]:
    """Return an SQL condition on the table `articles` that holds where all of `filters` do, and its parameters.

    Example:
        >>> condition(Filters(languages=("ar",)))
        ('articles.language = ANY(%(languages)s)', {'languages': ['ar']})
    """
    filters = filters or Filters()
    parts = []
    parameters: Parameters = {}
    if filters.languages:
        parts.append("articles.language = ANY(%(languages)s)")
        parameters["languages"] = storable(filters.languages)
    if filters.articles:
        parts.append("articles.id = ANY(%(articles)s)")
        parameters["articles"] = storable(filters.articles)
    if filters.sources:
        parts.append(_SOURCES)
        parameters["sources"] = storable(filters.sources)
    if filters.published_from:
        parts.append("articles.published >= %(published_from)s")
        parameters["published_from"] = filters.published_from
    if filters.published_to:
        parts.append("articles.published <= %(published_to)s")
        parameters["published_to"] = filters.published_to
    return " AND ".join(parts) or "TRUE", parameters


def of_passages(filters: Filters | None) -> tuple[str, Parameters]:
    """Return a condition on a column `passage_id` that holds for passages of articles that meet `filters`."""
    if not filters:
        return "TRUE", {}
    where, parameters = condition(filters)
    chosen = "SELECT passages.id FROM passages JOIN articles ON articles.id = article_id WHERE"
    return f"passage_id IN ({chosen} {where})", parameters


def storable(values: tuple[str, ...]) -> list[str]:
    """Return those of the values that the database can hold: with others nothing is stored."""
    return [value for value in values if not UNSTORABLE.search(value)]
