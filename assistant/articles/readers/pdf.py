"""PDF: text in reading order, also from right to left, with wrapped lines joined into paragraphs.

pdfminer.six gives every producer's lines as they are drawn, which `logical_order` turns round. Libraries that turn
lines themselves (pdfium, pypdf) are right for some producers, and reverse words or move numbers for others.
"""

import io
import logging
import re
import struct
import zlib
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from pdfminer.converter import PDFPageAggregator
from pdfminer.layout import LAParams, LTAnno, LTChar, LTContainer, LTPage, LTTextLine
from pdfminer.pdfdocument import PDFDocument, PDFEncryptionError
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import resolve1
from pdfminer.psparser import PSException
from pdfminer.utils import decode_text

from assistant.articles.layout.paragraphs import Line, join_paragraphs
from assistant.articles.layout.presentation_forms import ordinary_letters
from assistant.articles.layout.visual_order import is_right_to_left, logical_order
from assistant.articles.reading import Reading, build_article, problem
from assistant.articles.titles import unless_placeholder

logging.getLogger("pdfminer").setLevel(logging.ERROR)

_LAYOUT = LAParams(all_texts=True)
# What pdfminer lets through when a file is damaged, besides its own errors.
_DAMAGE = (
    PSException,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
_STREAM = re.compile(rb"stream\r?\n(?=[\x08\x18\x28\x38\x48\x58\x68\x78])")  # the first byte of deflated data
_MOST_UNPACKED = 200 * 1024**2
_PIECE = 16 * 1024
_UNMAPPED = re.compile(r"\(cid:\d+\)")


def read(content: bytes, source: str, *, charset: str | None = None) -> Reading:  # noqa: ARG001 - see `Reader`
    """Read one article; see `Reader`. A creation date is not a date of publication and is passed over."""
    if _unpacks_to_too_much(content):
        raise problem(source, f"a part of it unpacks to more than {_MOST_UNPACKED // 1024**2} MiB; save it again.")
    try:
        document = PDFDocument(PDFParser(io.BytesIO(content)))
        found = _metadata(document)
        lines = [line for number, page in enumerate(_pages(document)) for line in _lines(page, number)]
    except PDFEncryptionError as error:
        raise problem(source, "it is encrypted; save it without a password.") from error
    except _DAMAGE as error:
        raise problem(source, "it is damaged or not a PDF; open it and save it again.") from error
    if not lines:
        raise problem(source, "it has no text, perhaps because it was scanned; run text recognition (OCR) on it.")
    return Reading((build_article(source, "\n\n".join(join_paragraphs(lines)), found),))


def _unpacks_to_too_much(content: bytes) -> bool:
    """Whether a compressed part of the file is a bomb: pdfminer would unpack it whole."""
    for match in _STREAM.finditer(content):
        unpacker = zlib.decompressobj()
        unpacked = 0
        for start in range(match.end(), len(content), _PIECE):
            try:
                unpacked += len(unpacker.decompress(content[start : start + _PIECE]))
            except zlib.error:
                break
            if unpacked > _MOST_UNPACKED:
                return True
            if unpacker.eof:
                break
    return False


def _metadata(document: PDFDocument) -> dict[str, str]:
    info = document.info[0] if document.info else {}
    return {
        "title": unless_placeholder(_string(info.get("Title"))),
        "author": _string(info.get("Author")),
        "language": _string(document.catalog.get("Lang")),
    }


def _string(value: object) -> str:
    value = resolve1(value)
    return decode_text(value).strip("\x00 ") if isinstance(value, bytes) else ""


def _pages(document: PDFDocument) -> Iterator[LTPage]:
    resources = PDFResourceManager()
    device = PDFPageAggregator(resources, laparams=_LAYOUT)
    interpreter = PDFPageInterpreter(resources, device)
    for page in PDFPage.create_pages(document):
        interpreter.process_page(page)
        yield device.get_result()


def _lines(container: LTContainer[Any], page: int) -> Iterator[Line]:
    for item in container:
        if isinstance(item, LTTextLine):
            text = _text(item)
            if text:
                yield Line(text, page, *item.bbox)
        elif isinstance(item, LTContainer):
            yield from _lines(item, page)


def _text(line: LTTextLine) -> str:
    glyphs = [item for item in line if isinstance(item, LTChar | LTAnno)]
    if not is_right_to_left("".join(glyph.get_text() for glyph in glyphs)):
        drawn = [glyph.get_text() for glyph in glyphs]
    else:
        # Arabic letters reach under their neighbours, which looks like a gap beside them: where the line has spaces
        # of its own, those that pdfminer guesses are wrong.
        spaced = any(isinstance(glyph, LTChar) and glyph.get_text() == " " for glyph in glyphs)
        drawn = [glyph.get_text() for glyph in glyphs if isinstance(glyph, LTChar) or not spaced]
    drawn = [_UNMAPPED.sub("", item).replace("\x00", "") for item in drawn]
    text = logical_order(drawn) if _left_to_right(line) else "".join(drawn)
    return " ".join(ordinary_letters(text).split())


def _left_to_right(line: LTTextLine) -> bool:
    """Whether its glyphs are drawn from left to right; if not, they are in reading order already."""
    starts = [glyph.x0 for glyph in line if isinstance(glyph, LTChar)]
    onward = sum(after >= before for before, after in pairwise(starts))
    return onward * 2 >= len(starts) - 1
