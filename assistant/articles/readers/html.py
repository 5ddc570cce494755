"""Web pages: the article of a page, without its menus and adverts."""

import logging
import re

import trafilatura
from lxml import etree

from assistant.articles.decoding import NotTextError, decode
from assistant.articles.html_dates import declared_date
from assistant.articles.html_text import Segment, headline_of, structured_text_of
from assistant.articles.main_text import main_segments
from assistant.articles.reading import AS_USUAL, Reading, ReadOptions, build_article, problem
from assistant.errors import message_of

# What they would log is in the error we raise.
for _name in ("trafilatura", "htmldate"):
    logging.getLogger(_name).addHandler(logging.NullHandler())

_META_CHARSET = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE
)
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_SCRIPTED = 200
_NAME_PARTS = re.compile(r"\s+[-–—|·•:»«/]+\s+")


def read(
    content: bytes,
    source: str,
    *,
    charset: str | None = None,
    options: ReadOptions = AS_USUAL,  # noqa: ARG001 - see `Reader`
) -> Reading:
    """Read one article; see `Reader`."""
    declared = _META_CHARSET.search(content[:4096])
    try:
        page = decode(content, charset or (declared[1].decode("ascii", "replace") if declared else None))
    except NotTextError as error:
        raise problem(source, message_of(error)) from error
    tree = trafilatura.load_html(_DECLARATION.sub("", page))
    if tree is None:
        raise problem(source, "no article was found in this page.")
    article = main_segments(tree)
    if not article:
        if _needs_scripts(tree):
            raise problem(
                source,
                "no article was found: the page is written by JavaScript; save it from a browser, or print it to PDF.",
            )
        raise problem(source, "no article was found in this page.")
    about = trafilatura.extract_metadata(tree, extensive=False)
    found = {name: getattr(about, name, None) or "" for name in ("author", "url", "sitename", "description")}
    found["title"] = _title(tree, article, about.title or "", found["sitename"])
    found["date"] = declared_date(tree, source) or ""
    found["language"] = tree.get("lang") or tree.get(_XML_LANG) or ""
    return Reading((build_article(source, structured_text_of(article), found, headline=headline_of(article)),))


def _needs_scripts(tree: etree._Element) -> bool:
    """Return whether a page has scripts and next to no text of its own."""
    seen = "".join(tree.xpath("//body//text()[not(ancestor::script or ancestor::style or ancestor::noscript)]"))
    return len(" ".join(seen.split())) < _SCRIPTED and bool(tree.xpath("//script"))


def _title(tree: etree._Element, article: list[Segment], found: str, site: str) -> str:
    """Return the page's title without the site's name, which pages write behind it and some in their first heading."""
    named = " ".join("".join(tree.xpath("//head/title[1]//text()")).split())
    parts = _NAME_PARTS.split(named)
    for segment in article:
        if segment.is_heading and len(parts) > 1 and segment.text in (parts[0], parts[-1]) and segment.text != site:
            return segment.text
    if len(parts) > 1 and found and found in (parts[-1], site):
        return parts[0]
    return found
