"""EPUB books: their chapters in the order of reading."""

import posixpath
import zipfile
from urllib.parse import unquote

from lxml import etree, html

from assistant.articles.archives import DAMAGE, open_archive
from assistant.articles.html_text import html_notes, segments, structured_text_of
from assistant.articles.reading import AS_USUAL, Reading, ReadOptions, build_article, problem
from assistant.articles.structure import joined

_DAMAGE = (*DAMAGE, etree.XMLSyntaxError, etree.ParserError)
_CONTAINER, _RIGHTS = "META-INF/container.xml", "META-INF/encryption.xml"
_FONTS = (b"http://www.idpf.org/2008/embedding", b"http://ns.adobe.com/pdf/enc#RC")
_DC = "{http://purl.org/dc/elements/1.1/}"


def read(
    content: bytes,
    source: str,
    *,
    charset: str | None = None,  # noqa: ARG001 - see `Reader`
    options: ReadOptions = AS_USUAL,  # noqa: ARG001 - see `Reader`
) -> Reading:
    """Read one article; see `Reader`."""
    try:
        parts = open_archive(content, source)
        rights = parts.get(_RIGHTS, b"")
        if b"EncryptionMethod" in rights and not any(method in rights for method in _FONTS):
            raise problem(source, "it is protected against copying (DRM); only books without that are read.")
        package_name, package = _package(parts)
        chapters = [
            structured_text_of(segments(_chapter(parts[name])))
            for name in _spine(package_name, package)
            if name in parts
        ]
    except _DAMAGE as error:
        raise problem(source, "it is damaged or not an EPUB book; save it again.") from error
    found = {name: package.findtext(f".//{_DC}{term}") or "" for name, term in _TERMS.items()}
    return Reading((build_article(source, joined(chapters), found),))


_TERMS = {"title": "title", "author": "creator", "language": "language", "date": "date"}


def _package(parts: dict[str, bytes]) -> tuple[str, etree._Element]:
    if _CONTAINER not in parts:
        raise zipfile.BadZipFile(_CONTAINER)
    name = _xml(parts[_CONTAINER]).find(".//{*}rootfile").get("full-path")
    return name, _xml(parts[name])


def _xml(part: bytes) -> etree._Element:
    return etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True))


def _spine(name: str, package: etree._Element) -> list[str]:
    items = {item.get("id"): item.get("href", "") for item in package.iter("{*}item")}
    folder = posixpath.dirname(name)
    linked = (items.get(entry.get("idref"), "") for entry in package.iter("{*}itemref"))
    return [posixpath.normpath(posixpath.join(folder, unquote(link))) for link in linked if link]


def _chapter(part: bytes) -> etree._Element:
    tree = html.document_fromstring(part, parser=html.HTMLParser(encoding="utf-8", huge_tree=True))
    html_notes(tree)
    return tree
