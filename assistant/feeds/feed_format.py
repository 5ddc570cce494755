"""`parse_feed`: the entries of an RSS, Atom or JSON feed, or of a sitemap."""

import hashlib
import io
import itertools
import json
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urljoin

import feedparser
from courlan import normalize_url
from lxml import etree

from assistant.articles.dates import parse_date
from assistant.articles.html_text import html_to_text, read_html
from assistant.articles.reading import problem
from assistant.articles.structure import StructuredText
from assistant.errors import ReadError

MOST_ENTRIES = 500
"""How many of a feed are taken, the newest; a sitemap may list every page since the site began."""

_ROOT = re.compile(r"<(?:\w+:)?(rss|feed|rdf|channel|urlset|sitemapindex)[\s>]", re.IGNORECASE)
_BEGINNING = 5000
_KINDS = {"rss": "RSS", "rdf": "RSS", "channel": "RSS", "feed": "Atom", "urlset": "sitemap", "sitemapindex": "sitemap"}
_JSON_FEED = "https://jsonfeed.org/version/1"
_LONGEST_ID = 2000
# More items than this make feedparser slow, and are no news.
_MOST_ITEMS = 2000
_ITEM = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_ENDS = {"rss": b"</channel></rss>", "channel": b"</channel>", "rdf": b"</rdf:RDF>", "feed": b"</feed>"}


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed says of one article.

    Attributes:
        key: What the feed knows it by: its id, else its address.
        url: Its page, without what only counts visitors; empty where it has none.
        title: In plain text; empty where it has none.
        content: Its text, or a teaser; empty where there is none.
        is_html: Whether `content` is HTML.
        published: When it was published, in the feed's words; empty where it does not say.
        day: The day it was published or changed, to tell new from old; None where the feed does not say.
        author: Who wrote it, if the feed says.
        digest: Another one where the feed says something else.
        anchor: What tells it from other entries that have the same page; empty where none has.
    """

    key: str
    url: str = ""
    title: str = ""
    content: str = ""
    is_html: bool = True
    published: str = ""
    day: date | None = None
    author: str = ""
    digest: str = ""
    anchor: str = ""

    @property
    def text(self) -> StructuredText:
        """Its text as readers of the feed see it, with its headings."""
        is_html = self.is_html and bool(self.content.strip())
        return read_html(self.content) if is_html else StructuredText(self.content.strip())


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed or sitemap.

    Attributes:
        kind: "RSS", "Atom", "JSON" or "sitemap".
        title: Its name, in plain text.
        entries: Each once, the newest first where it says when they are from.
        sitemaps: The sitemaps that an index of sitemaps lists.
    """

    kind: str
    title: str = ""
    entries: tuple[Entry, ...] = ()
    sitemaps: tuple[str, ...] = ()


def kind_of(content: bytes) -> str | None:
    """Return the kind of a feed, "JSON" for instance; None where it is something else, a page say.

    Example:
        >>> kind_of(b'<?xml version="1.0"?><rss version="2.0">'), kind_of(b"<html><p>rss</p></html>")
        ('RSS', None)
    """
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    beginning = content[: _BEGINNING - _BEGINNING % 2].decode(encoding, "replace").lstrip("\ufeff \t\r\n")
    if beginning.startswith("{"):
        return "JSON" if _JSON_FEED in beginning or '"items"' in beginning else None
    if re.match(r"<(?:!doctype\s+html|html)\b", beginning, re.IGNORECASE):
        return None
    found = _ROOT.search(beginning)
    return _KINDS[found[1].lower()] if found else None


def parse_feed(content: bytes, address: str, content_type: str = "") -> Feed:
    """Read a feed.

    Nothing in it is trusted: entities are not expanded, addresses other than those of pages are dropped, and titles
    become plain text.

    Args:
        content: The whole feed.
        address: Where it is from; relative addresses in it begin there.
        content_type: What the server said that it is, for its encoding.

    Raises:
        ReadError: it is no feed, or is damaged so much that no entry could be read.
    """
    kind = kind_of(content)
    if kind is None:
        raise problem(address, "it is neither a feed nor a sitemap.")
    if kind == "sitemap":
        feed = _sitemap(content, address)
    elif kind == "JSON":
        feed = _json_feed(content, address)
    else:
        feed = _xml_feed(content, address, content_type, kind)
    entries = _each_once(feed.entries)
    newest_first = sorted(entries, key=lambda entry: entry.day or date.max, reverse=True)
    return replace(feed, entries=tuple(newest_first[:MOST_ENTRIES]))


def clean_address(address: str, base: str = "") -> str:
    """Return an address without what only counts visitors; empty where it is no address of a page.

    Example:
        >>> clean_address("/a?utm_source=rss&id=3", "https://Example.org/feed")
        'https://example.org/a?id=3'
        >>> clean_address("javascript:alert(1)")
        ''
    """
    if not address.strip():
        return ""
    try:
        joined = urljoin(base, address.strip())
        if not joined.lower().startswith(("http://", "https://")) or len(joined) > _LONGEST_ID:
            return ""
        return str(normalize_url(joined))
    except ValueError:
        return ""


def anchor_of(key: str) -> str:
    """Return what tells an entry from others that have the same page."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:12]


def _xml_feed(content: bytes, address: str, content_type: str, kind: str) -> Feed:
    content = _within_limits(content, address)
    headers = {"content-location": address, **({"content-type": content_type} if content_type else {})}
    # As a stream: what looks like the name of a file would be opened.
    parsed = feedparser.parse(
        io.BytesIO(content), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    if not parsed.version and not parsed.entries:
        raise _damaged(address, parsed.get("bozo_exception"))
    entries = []
    for item in parsed.entries:
        if not (item.get("link") or item.get("title") or item.get("summary") or item.get("content")):
            continue  # cut off, say
        said = [*item.get("content", ()), item.get("summary_detail") or {}]
        longest = max(said, key=lambda detail: len(detail.get("value") or ""))
        published, updated = _own(item, "published"), _own(item, "updated")
        if kind == "RSS":
            published = published or updated  # dc:date, which says of RSS when it was published
        entries.append(
            _entry(
                key=item.get("id") or "",
                url=clean_address(item.get("link") or "", address),
                title=_title(item.get("title_detail")),
                content=longest.get("value") or "",
                is_html="html" in (longest.get("type") or "html"),
                published=published,
                updated=updated,
                author=item.get("author") or "",
            )
        )
    if not entries and parsed.get("bozo"):
        raise _damaged(address, parsed.get("bozo_exception"))
    return Feed(kind, _title(parsed.feed.get("title_detail")), tuple(entries))


def _within_limits(content: bytes, address: str) -> bytes:
    """Return a feed without the items beyond `_MOST_ITEMS`; raises `ReadError` where it is nested without end."""
    starts = itertools.islice(_ITEM.finditer(content), _MOST_ITEMS, None)
    if (cut := next(starts, None)) is not None:
        root = _ROOT.search(content[:_BEGINNING].decode("utf-8", "replace"))
        content = content[: cut.start()] + (_ENDS[root[1].lower()] if root else b"")
    # libxml2 stops where a document is nested 256 deep, or grows by its entities; feedparser does not.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    with suppress(etree.XMLSyntaxError):
        etree.fromstring(content, parser)
    for error in parser.error_log:
        if "depth" in error.message or ("entity" in error.message.lower() and "loop" in error.message):
            raise _damaged(address, error.message)
    return content


def _damaged(address: str, reason: object) -> ReadError:
    return problem(address, "the feed is damaged ({reason}).", reason=" ".join(str(reason or "no entry").split()))


def _own(item: Any, name: str) -> str:
    # feedparser answers with another date where this one is missing.
    return str(dict.get(item, name) or "")


def _title(detail: Any) -> str:
    """Return a title as plain text: its markup is no part of it."""
    value = (detail or {}).get("value") or ""
    if "html" in (detail or {}).get("type", "") and value.strip():
        value = html_to_text(value)
    return " ".join(value.split())


def _json_feed(content: bytes, address: str) -> Feed:
    try:
        document = json.loads(content.decode("utf-8-sig"), strict=False)
    except (ValueError, RecursionError) as error:
        raise _damaged(address, type(error).__name__) from error
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list) or not str(document.get("version", "")).startswith(_JSON_FEED):
        raise problem(address, "it is neither a feed nor a sitemap.")
    entries = []
    for item in items:
        if not isinstance(item, dict):
            continue
        html = _string(item, "content_html")
        authors = item.get("authors")
        authors = authors if isinstance(authors, list) else [item.get("author")]
        entries.append(
            _entry(
                key=_string(item, "id"),
                url=clean_address(_string(item, "url"), address),
                title=" ".join(_string(item, "title").split()),
                content=html or _string(item, "content_text") or _string(item, "summary"),
                is_html=bool(html),
                published=_string(item, "date_published"),
                updated=_string(item, "date_modified"),
                author=", ".join(_string(one, "name") for one in authors if isinstance(one, dict)),
            )
        )
    return Feed("JSON", " ".join(_string(document, "title").split()), tuple(entries))


def _string(item: dict[str, Any], name: str) -> str:
    value = item.get(name)
    return str(value) if isinstance(value, str | int) else ""


def _sitemap(content: bytes, address: str) -> Feed:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise _damaged(address, error) from error
    entries, sitemaps = [], []
    for place in root if root is not None else ():
        found = {
            etree.QName(child).localname: (child.text or "").strip() for child in place if isinstance(child.tag, str)
        }
        url = clean_address(found.get("loc", ""), address)
        if not url or not isinstance(place.tag, str):
            continue
        if etree.QName(place).localname == "sitemap":
            sitemaps.append(url)
        else:
            entries.append(_entry(key=url, url=url, updated=found.get("lastmod", "")))
    return Feed("sitemap", "", tuple(entries), tuple(sitemaps))


def _entry(*, key: str, url: str, published: str = "", updated: str = "", **said: Any) -> Entry:
    title, content = said.get("title", ""), said.get("content", "")
    digest = hashlib.sha256(f"{title}\0{content}\0{published}\0{updated}".encode("utf-8", "replace")).hexdigest()
    day = parse_date(published) or parse_date(updated)
    return Entry(key=(key or url or digest)[:_LONGEST_ID], url=url, published=published, day=day, digest=digest, **said)


def _each_once(entries: tuple[Entry, ...]) -> list[Entry]:
    """Return each article once.

    An entry that comes again, under its id or its page and title, is the same article. Others that have one page among
    them, a list of changes say, are told apart by an anchor, and the page is that of none.
    """
    by_key: dict[str, Entry] = {}
    for entry in entries:
        by_key.setdefault(entry.key, entry)
    by_page: dict[str, list[Entry]] = {}
    for entry in by_key.values():
        same = by_page.setdefault(entry.url or entry.key, [])
        if all(entry.title != other.title for other in same):
            same.append(entry)
    return [
        entry if len(same) == 1 else replace(entry, anchor=anchor_of(entry.key))
        for same in by_page.values()
        for entry in same
    ]
