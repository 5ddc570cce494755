"""Web pages: the article of a page, without its menus and adverts, through trafilatura."""

import logging
import re
from collections.abc import Iterator

import htmldate
import trafilatura
from lxml import etree, html
from trafilatura.settings import Document, use_config

from assistant.articles.decoding import NotTextError, decode
from assistant.articles.reading import Reading, build_article, problem
from assistant.errors import message_of

# What they would log is in the error we raise.
for _name in ("trafilatura", "htmldate"):
    logging.getLogger(_name).addHandler(logging.NullHandler())

_CONFIG = use_config()
# Below this length trafilatura gives up structure for recall, which breaks sentences at every <b> of a short page.
_CONFIG.set("DEFAULT", "MIN_EXTRACTED_SIZE", "25")
_CONFIG.set("DEFAULT", "MAX_FILE_SIZE", str(2**30))

_META_CHARSET = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE
)
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_DATE_DECLARED = etree.XPath(
    "//meta[@content] | //link[@rel='canonical'] | //script[@type='application/ld+json']"
    " | //time[@pubdate or @itemprop='datePublished'] | //*[@itemprop='datePublished' and @content]"
)
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_NOT_XML = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MODIFIED = re.compile("modif|updat|revis", re.IGNORECASE)


def read(content: bytes, source: str, *, charset: str | None = None) -> Reading:
    """Read one article; see `Reader`."""
    declared = _META_CHARSET.search(content[:4096])
    try:
        page = decode(content, charset or (declared[1].decode("ascii", "replace") if declared else None))
    except NotTextError as error:
        raise problem(source, message_of(error)) from error
    tree = trafilatura.load_html(_DECLARATION.sub("", page))
    document = trafilatura.bare_extraction(tree, with_metadata=True, include_comments=False, config=_CONFIG)
    if tree is None or not isinstance(document, Document):
        raise problem(source, "no article was found in this page.")
    found = {name: getattr(document, name) or "" for name in ("title", "author", "url", "sitename", "description")}
    found["date"] = _published(tree, source) or ""
    found["language"] = tree.get("lang") or tree.get(_XML_LANG) or ""
    return Reading((build_article(source, "\n\n".join(_blocks(document.body)), found),))


def _published(tree: html.HtmlElement, source: str) -> str | None:
    """Return the date the page declares for itself.

    htmldate would go on to look for dates in the text, where it takes the day of the next summit for the day the
    article was published; so it is shown only the declarations.
    """
    skeleton = etree.Element("html")
    head = etree.SubElement(skeleton, "head")
    for element in _DATE_DECLARED(tree):
        name = " ".join(element.get(attribute, "") for attribute in ("name", "property", "itemprop"))
        if _MODIFIED.search(name):
            continue
        tag = element.tag if element.tag in ("script", "link", "time") else "meta"
        copy = etree.SubElement(head, tag, {name: _xml(value) for name, value in _attributes(element)})
        copy.text = _xml(element.text or "")
    url = source if source.startswith(("http://", "https://")) else None
    return htmldate.find_date(
        etree.tostring(skeleton, encoding="unicode", method="html"),
        extensive_search=False,
        original_date=True,
        deferred_url_extractor=True,
        url=url,
    )


def _attributes(element: html.HtmlElement) -> Iterator[tuple[str, str]]:
    """Yield those that lxml lets be written too: it reads any name that a damaged page makes up."""
    return ((name, value) for name, value in element.attrib.items() if _ATTRIBUTE.fullmatch(name))


def _xml(text: str) -> str:
    """Return `text` without the control characters that lxml reads and refuses to write."""
    return _NOT_XML.sub("", text)


def _blocks(element: etree._Element) -> Iterator[str]:
    """Yield the paragraphs, lists and tables of trafilatura's tree as plain text."""
    for child in element:
        match child.tag:
            case "list":
                yield "\n".join(filter(None, map(_line, child.iter("item"))))
            case "table":
                yield "\n".join(
                    " | ".join(filter(None, (_line(cell) for cell in row.iter("cell")))) for row in child.iter("row")
                )
            case _ if len(child) and any(inner.tag in ("p", "list", "table", "head", "quote") for inner in child):
                yield from _blocks(child)
            case _:
                text = _text(child)
                if text:
                    yield text


def _text(element: etree._Element) -> str:
    """Return its words, with the line ends of <br> and of code."""
    parts = [element.text or ""]
    for child in element:
        parts.append("\n" if child.tag == "lb" else _text(child))
        parts.append(child.tail or "")
    return "\n".join(" ".join(line.split()) for line in "".join(parts).split("\n")).strip()


def _line(element: etree._Element) -> str:
    return " ".join(_text(element).split())
