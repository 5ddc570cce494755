"""Word documents, through mammoth; hidden text, formulas and text boxes are put right for it before."""

import io
import zipfile
from collections.abc import Iterator

import mammoth
from lxml import etree

from assistant.articles.archives import DAMAGE, open_archive
from assistant.articles.docx_lists import mark_numbers, set_numbers
from assistant.articles.html_text import drop, html_notes, lower, parse, raise_, segments, structured_text_of
from assistant.articles.reading import AS_USUAL, Reading, ReadOptions, build_article, problem
from assistant.articles.titles import unless_placeholder

_DAMAGE = (*DAMAGE, etree.XMLSyntaxError, AttributeError, AssertionError)
_OLD_OR_ENCRYPTED = bytes.fromhex("d0cf11e0a1b11ae1")
_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
"""
_CORE, _BODY = "docProps/core.xml", "word/document.xml"
_LISTS, _LOOKS = "word/numbering.xml", "word/styles.xml"
_DC = "{http://purl.org/dc/elements/1.1/}"
_PROGRAM = "python-docx"


def read(
    content: bytes,
    source: str,
    *,
    charset: str | None = None,  # noqa: ARG001 - see `Reader`
    options: ReadOptions = AS_USUAL,  # noqa: ARG001 - see `Reader`
) -> Reading:
    """Read one article; see `Reader`. The day a document was created is not when it was published."""
    if content.startswith(_OLD_OR_ENCRYPTED):
        raise problem(source, "it is encrypted or of the older .doc format; save it as .docx without a password.")
    try:
        parts = open_archive(content, source)
        if _BODY not in parts and not any(name.startswith("word/document") for name in parts):
            raise zipfile.BadZipFile(_BODY)
        found = _properties(parts.get(_CORE))
        result = mammoth.convert_to_html(_prepared(parts), style_map=_STYLES, convert_image=_no_image)
    except _DAMAGE as error:
        raise problem(source, "it is damaged or not a Word document; open it and save it as .docx again.") from error
    tree = parse(result.value)
    set_numbers(tree)
    html_notes(tree)
    return Reading((build_article(source, structured_text_of(segments(tree)), found),))


_no_image = mammoth.images.img_element(lambda _: {})


def _properties(core: bytes | None) -> dict[str, str]:
    root = _parsed(core) if core else etree.Element("none")
    title, author, language = (root.findtext(f"{_DC}{name}") or "" for name in ("title", "creator", "language"))
    return {"title": unless_placeholder(title), "author": "" if author == _PROGRAM else author, "language": language}


def _prepared(parts: dict[str, bytes]) -> io.BytesIO:
    """Return the archive without what no reader sees, and with what mammoth would pass over as ordinary text."""
    prepared = io.BytesIO()
    with zipfile.ZipFile(prepared, "w") as archive:
        for name, part in parts.items():
            if name.endswith((".xml", ".rels")):
                root = _parsed(part)
                if name.startswith("word/"):
                    _drop_hidden(root)
                    _write_formulas_out(root)
                    _set_text_boxes_free(root)
                if name.startswith("word/document"):
                    mark_numbers(root, *(_parsed(parts[part]) if part in parts else None for part in (_LISTS, _LOOKS)))
                part = etree.tostring(root)  # noqa: PLW2901 - the part as it goes on
            archive.writestr(name, part)
    prepared.seek(0)
    return prepared


def _parsed(part: bytes) -> etree._Element:
    """Return a part's tree, without the entities that its author may have defined."""
    root = etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    for entity in list(root.iter(etree.Entity)):
        drop(entity)
    return root


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _every(root: etree._Element, *names: str) -> list[etree._Element]:
    """Return the elements with the given names, of the transitional and of the strict format."""
    return list(root.iter(*(f"{{*}}{name}" for name in names)))


def _replace(element: etree._Element, others: list[etree._Element]) -> None:
    parent = element.getparent()
    if parent is None:
        return
    element.tail = None
    place = parent.index(element)
    parent[place : place + 1] = others


def _drop_hidden(root: etree._Element) -> None:
    """Drop text that is formatted as hidden, deleted or moved away."""
    for mark in _every(root, "vanish"):
        properties = mark.getparent()
        run = properties.getparent() if properties is not None else None
        value = next((value for name, value in mark.attrib.items() if name.endswith("val")), "true")
        if run is not None and _local(run) == "r" and value not in ("0", "false", "off"):
            drop(run)
    for moved in _every(root, "moveFrom"):
        drop(moved)


def _write_formulas_out(root: etree._Element) -> None:
    """Write formulas as ordinary text, with what is raised or lowered in it as such where Unicode has it."""
    word = etree.QName(root).namespace
    for formula in _every(root, "oMath"):
        run = etree.Element(f"{{{word}}}r")
        etree.SubElement(run, f"{{{word}}}t").text = "".join(_formula(formula))
        _replace(formula, [run])


def _formula(element: etree._Element) -> Iterator[str]:
    match _local(element):
        case "t":
            yield element.text or ""
        case "sup" | "sub" as place:
            text = "".join(part for child in element for part in _formula(child))
            yield raise_(text) if place == "sup" else lower(text)
        case "f":
            parts = ("".join(_formula(child)) for child in element if _local(child) in ("num", "den"))
            yield "/".join(f"({part})" if len(part) > 1 else part for part in parts)
        case "rad":
            yield "√(" + "".join(part for child in element if _local(child) == "e" for part in _formula(child)) + ")"
        case _:
            for child in element:
                yield from _formula(child)


def _set_text_boxes_free(root: etree._Element) -> None:
    """Put the paragraphs of text boxes behind the paragraph that the box is anchored in."""
    for choice in _every(root, "AlternateContent"):
        boxes = [
            box
            for alternative in choice
            if _local(alternative) == "Choice"
            for box in _every(alternative, "txbxContent")
        ]
        anchor = next((above for above in choice.iterancestors() if _local(above) == "p"), None)
        if boxes and anchor is not None and anchor.getparent() is not None:
            drop(choice)
            place = anchor.getparent().index(anchor) + 1
            anchor.getparent()[place:place] = [block for box in boxes for block in box]
