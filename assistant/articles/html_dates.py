"""`declared_date`: the day that a web page says its article was published."""

import json
import re
from collections.abc import Iterator
from typing import Any

from htmldate.core import DATE_ATTRIBUTES, ITEMPROP_ATTRS_ORIGINAL
from htmldate.extractors import COMPLETE_URL
from lxml import etree

from assistant.articles.dates import parse_date

_PUBLISHED = re.compile(r"(?:^|[\s_-])(?:published|pubdate|entry-date|post-date)(?:$|[\s_-])")
_CHANGED = re.compile("modif|updat|revis|chang|edit", re.IGNORECASE)
_BESIDE_THE_ARTICLE = ("comment", "comments", "review", "hasPart", "mentions", "isPartOf", "image", "video", "author")
_NO_ARTICLES = frozenset({"Comment", "UserComments", "Review", "ImageObject", "VideoObject", "Person", "Organization"})
_AROUND_COMMENTS = re.compile(r"(?:^|[\s_-])comments?(?:$|[\s_-])|related|sidebar|teaser", re.IGNORECASE)
_ARTICLE = re.compile("Article|Posting|Report")
_LONGEST_DATA = 1_000_000


def declared_date(tree: etree._Element, source: str) -> str | None:
    """Return the first date that names a single day, in the words of the page, or None.

    Dates in the text are not looked for: the day of the next summit is not the one that the article was published.
    Neither are dates of a change, of comments or of other articles.

    Args:
        tree: The page.
        source: Its address or path: some addresses have the day in them.
    """
    language = tree.get("lang")
    for found in (_data(tree), _meta(tree), _marked(tree)):
        for written in found:
            if parse_date(written, language) is not None:
                return written.strip()
    if source.startswith(("http://", "https://")) and (match := COMPLETE_URL.search(source)):
        return "-".join(match.group(1, 2, 3))
    return None


def _data(tree: etree._Element) -> Iterator[str]:
    """Yield what the data for search engines says (schema.org in JSON-LD), of articles first, and outermost first."""
    of_others: list[str] = []
    for script in tree.xpath("//script[@type='application/ld+json']"):
        text = script.text or ""
        if len(text) > _LONGEST_DATA:
            continue
        try:
            waiting = [json.loads(text, strict=False)]
        except (ValueError, RecursionError):
            continue
        while waiting:
            item: Any = waiting.pop(0)
            if isinstance(item, list):
                waiting += item
            elif isinstance(item, dict):
                kinds = item.get("@type")
                if not _NO_ARTICLES.isdisjoint(kinds if isinstance(kinds, list) else [str(kinds)]):
                    continue
                if isinstance(item.get("datePublished"), str):
                    if _ARTICLE.search(str(kinds)):
                        yield item["datePublished"]
                    else:
                        of_others.append(item["datePublished"])
                waiting += [value for name, value in item.items() if name not in _BESIDE_THE_ARTICLE]
    yield from of_others


def _meta(tree: etree._Element) -> Iterator[str]:
    for element in tree.xpath("//meta[@content]"):
        for attribute in ("property", "name", "itemprop", "pubdate"):
            name = (element.get(attribute) or "").lower()
            if (name in DATE_ATTRIBUTES or name in ITEMPROP_ATTRS_ORIGINAL) and not _CHANGED.search(name):
                yield element.get("content")


def _marked(tree: etree._Element) -> Iterator[str]:
    """Yield the dates of elements that are marked as the day of publication: by `itemprop`, `pubdate` or class."""
    for element in tree.xpath("//*[@itemprop or @pubdate or @class][self::time or @datetime or @content or @itemprop]"):
        names = (element.get("itemprop") or "").lower().split()
        classes = (element.get("class") or "").lower()
        is_marked = "pubdate" in element.attrib or not ITEMPROP_ATTRS_ORIGINAL.isdisjoint(names)
        if not is_marked and not (element.tag == "time" and _PUBLISHED.search(classes)):
            continue
        if _CHANGED.search(" ".join(names)) or (not is_marked and _CHANGED.search(classes)) or _is_beside(element):
            continue
        yield element.get("datetime") or element.get("content") or "".join(element.itertext())


def _is_beside(element: etree._Element) -> bool:
    return any(
        above.tag in ("aside", "footer", "nav")
        or _AROUND_COMMENTS.search(f"{above.get('class', '')} {above.get('id', '')}")
        for above in element.iterancestors()
        if above.tag not in ("body", "html")
    )
