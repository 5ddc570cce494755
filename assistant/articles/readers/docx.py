"""Word documents: paragraphs and tables in the order of the page."""

import io
import shutil
import zipfile
import zlib
from collections.abc import Iterator

import docx
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from lxml.etree import XMLSyntaxError

from assistant.articles.reading import Reading, build_article, problem
from assistant.articles.titles import unless_placeholder

_MOST_UNPACKED = 200 * 1024**2
_PIECE = 64 * 1024
_ENCRYPTED = 0x1
# What the libraries let through when a file is damaged, besides their own errors. NotImplementedError and
# RecursionError are RuntimeErrors.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    OpcError,
    XMLSyntaxError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    ValueError,
)
_OLD_OR_ENCRYPTED = bytes.fromhex("d0cf11e0a1b11ae1")
_PARAGRAPH, _TABLE, _ROW, _CELL, _TEXT = (qn(name) for name in ("w:p", "w:tbl", "w:tr", "w:tc", "w:t"))
_CHARACTERS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_ALTERNATIVE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
# Formatting (where "tab" is a tab stop), text that is deleted or moved away, and copies for older programs.
_UNSEEN = frozenset({qn("w:pPr"), qn("w:rPr"), qn("w:del"), qn("w:moveFrom"), _ALTERNATIVE})


def read(content: bytes, source: str, *, charset: str | None = None) -> Reading:  # noqa: ARG001 - see `Reader`
    """Read one article; see `Reader`. The day a document was created is not when it was published."""
    if content.startswith(_OLD_OR_ENCRYPTED):
        raise problem(source, "it is encrypted or of the older .doc format; save it as .docx without a password.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if any(entry.flag_bits & _ENCRYPTED for entry in archive.infolist()):
                raise problem(source, "it is encrypted; save it as .docx without a password.")
            if sum(entry.file_size for entry in archive.infolist()) > _MOST_UNPACKED:
                raise problem(source, "it unpacks to more than {limit} MiB; split it.", limit=_MOST_UNPACKED // 1024**2)
            document = docx.Document(_unpacked(archive))
        text = "\n\n".join(_blocks(document.element.body))
        properties = document.core_properties
    except _DAMAGE as error:
        raise problem(source, "it is damaged or not a Word document; open it and save it as .docx again.") from error
    found = {
        "title": unless_placeholder(properties.title),
        "author": "" if properties.author == "python-docx" else properties.author,
        "language": properties.language,
    }
    return Reading((build_article(source, text, found),))


def _unpacked(archive: zipfile.ZipFile) -> io.BytesIO:
    """Return the archive with its parts stored as they are, no part longer than it says.

    python-docx would read a part in one piece, which unpacks all of it whatever length the archive states.
    """
    unpacked = io.BytesIO()
    with zipfile.ZipFile(unpacked, "w") as stored:
        for name in dict.fromkeys(archive.namelist()):
            if archive.getinfo(name).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise zipfile.BadZipFile(name)
            with archive.open(name) as packed, stored.open(name, "w") as part:
                shutil.copyfileobj(packed, part, _PIECE)
    unpacked.seek(0)
    return unpacked


def _blocks(parent: BaseOxmlElement) -> Iterator[str]:
    """Yield the paragraphs and tables below `parent`, also those in content controls and tracked changes."""
    for child in parent:
        if child.tag == _PARAGRAPH:
            text = _words(child).strip()
            if text:
                yield text
        elif child.tag == _TABLE:
            yield "\n".join(filter(None, map(_row, child.iter(_ROW))))
        elif child.tag not in _UNSEEN:
            yield from _blocks(child)


def _row(row: BaseOxmlElement) -> str:
    cells = (" ".join(" ".join(_blocks(cell)).split()) for cell in row if cell.tag == _CELL)
    return " | ".join(filter(None, cells))


def _words(element: BaseOxmlElement) -> str:
    text = ""
    for child in element:
        if child.tag == _TEXT:
            text += child.text or ""
        elif child.tag in _CHARACTERS:
            text += _CHARACTERS[child.tag]
        elif child.tag not in _UNSEEN:
            text += _words(child) + ("\n" if child.tag == _PARAGRAPH else "")
    return text
