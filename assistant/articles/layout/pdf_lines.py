"""`extract_lines`: the lines of a PDF's pages, in reading order also from right to left.

pdfminer.six gives every producer's lines as they are drawn, which `logical_order` turns round. Libraries that turn
lines themselves (pdfium, pypdf) are right for some producers, and reverse words or move numbers for others.

A few kilobytes of PDF can ask for any amount of memory and time: filters on filters, millions of operators, tables of
glyphs. The process that reads it has limits of both (`reading_process`).
"""

import io
import logging
import re
import struct
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median
from typing import Any

from pdfminer.converter import PDFPageAggregator
from pdfminer.layout import (
    LAParams,
    LTAnno,
    LTChar,
    LTContainer,
    LTCurve,
    LTFigure,
    LTImage,
    LTPage,
    LTTextLine,
    LTTextLineVertical,
)
from pdfminer.pdfdocument import PDFDocument, PDFEncryptionError
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import resolve1
from pdfminer.psparser import PSException
from pdfminer.utils import decode_text

from assistant.articles.html_text import lower, raise_
from assistant.articles.layout.outline import headings_of
from assistant.articles.layout.page_tables import Rule, with_rows
from assistant.articles.layout.paragraphs import Line
from assistant.articles.layout.presentation_forms import ordinary_letters
from assistant.articles.layout.running_lines import without_running_lines
from assistant.articles.layout.visual_order import is_right_to_left, logical_order
from assistant.articles.limits import PAGES, SECONDS_PER_PAGE, allow_time
from assistant.errors import Message

logging.getLogger("pdfminer").setLevel(logging.ERROR)

_LAYOUT = LAParams(all_texts=True)
_WITH_VERTICAL = LAParams(all_texts=True, detect_vertical=True)
# What pdfminer lets through when a file is damaged, besides its own errors.
_DAMAGE = (
    PSException,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
_STREAM = re.compile(rb"stream\r?\n(?=[\x08\x18\x28\x38\x48\x58\x68\x78])")  # the first byte of deflated data
_MOST_UNPACKED = 200 * 1024**2
_PIECE = 16 * 1024
_INITIAL = 1.8
_SHIFTED_SIZE = 0.8
_LEAST_SHIFT = 0.15
_THICKEST_RULE = 2.0  # points
_UNMAPPED = re.compile(r"\(cid:\d+\)")


class PdfError(ValueError):
    """The PDF cannot be read; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a PDF holds.

    Attributes:
        lines: In reading order, without running headers and footers.
        found: What its catalogue says of it, by name.
        without_text: The numbers of the pages, from 1, that show pictures and have no text.
        headings: What its outline names, with the page, from 0, that each is on.
    """

    lines: list[Line]
    found: dict[str, str]
    without_text: list[int]
    headings: list[tuple[int, str]]


def extract_lines(content: bytes) -> Extracted:
    """Return the lines and metadata of a PDF. A creation date is not a date of publication and is passed over.

    Args:
        content: The whole file.

    Raises:
        PdfError: it is encrypted, damaged or a bomb.
    """
    if _unpacks_to_too_much(content):
        raise PdfError(
            Message("a part of it unpacks to more than {limit} MiB; save it again.", limit=_MOST_UNPACKED // 1024**2)
        )
    try:
        document = PDFDocument(PDFParser(io.BytesIO(content)))
        found = _metadata(document)
        lines: list[Line] = []
        without_text: list[int] = []
        for number, page in enumerate(_pages(document)):
            found_lines = with_rows(list(_lines(page, number, page.height)), list(_rules(page)))
            lines += found_lines
            if found_lines:
                allow_time(PAGES, SECONDS_PER_PAGE)
            if not found_lines and any(isinstance(item, LTFigure | LTImage) for item in page):
                without_text.append(number + 1)
    except PDFEncryptionError as error:
        raise PdfError(Message("it is encrypted; save it without a password.")) from error
    except _DAMAGE as error:
        raise PdfError(Message("it is damaged or not a PDF; open it and save it again.")) from error
    pages = len({line.page for line in lines})
    return Extracted(without_running_lines(lines, pages), found, without_text, headings_of(document))


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
        "title": _string(info.get("Title")),
        "author": _string(info.get("Author")),
        "language": _string(document.catalog.get("Lang")),
    }


def _string(value: object) -> str:
    value = resolve1(value)
    return decode_text(value).strip("\x00 ") if isinstance(value, bytes) else ""


def _pages(document: PDFDocument) -> Iterator[LTPage]:
    """Yield the pages, turned so that most of their text stands upright, and read in columns where it is written so."""
    resources = PDFResourceManager()
    for page in PDFPage.create_pages(document):
        laid_out = _laid_out(page, resources, _LAYOUT)
        glyphs = list(_glyphs(laid_out))
        if turn := _turn(glyphs):
            page.rotate = (page.rotate + turn) % 360
            laid_out = _laid_out(page, resources, _LAYOUT)
            glyphs = list(_glyphs(laid_out))
        if _may_be_vertical(glyphs):
            laid_out = _laid_out(page, resources, _WITH_VERTICAL)
        yield laid_out


def _laid_out(page: PDFPage, resources: PDFResourceManager, layout: LAParams) -> LTPage:
    device = PDFPageAggregator(resources, laparams=layout)
    PDFPageInterpreter(resources, device).process_page(page)
    return device.get_result()


def _glyphs(container: LTContainer[Any]) -> Iterator[LTChar]:
    for item in container:
        if isinstance(item, LTChar):
            yield item
        elif isinstance(item, LTContainer):
            yield from _glyphs(item)


def _turn(glyphs: Sequence[LTChar]) -> int:
    """Return by how many degrees clockwise a page has to be turned for most of its glyphs to stand upright."""
    turns = Counter(_angle(glyph) for glyph in glyphs)
    turn, count = turns.most_common(1)[0] if turns else (0, 0)
    return turn if count * 2 > len(glyphs) else 0


def _angle(glyph: LTChar) -> int:
    a, b, _, _, _, _ = glyph.matrix
    if abs(a) >= abs(b):
        return 0 if a >= 0 else 180
    return 90 if b > 0 else 270


def _may_be_vertical(glyphs: Sequence[LTChar]) -> bool:
    """Return whether most glyphs are of a script that is written in columns too."""
    wide = sum(1 for glyph in glyphs if unicodedata.east_asian_width(glyph.get_text()[:1] or " ") in ("W", "F"))
    return wide * 2 > len(glyphs)


def _lines(container: LTContainer[Any], page: int, height: float) -> Iterator[Line]:
    for item in container:
        if isinstance(item, LTTextLine):
            text = _text(item)
            if not text:
                continue
            if isinstance(item, LTTextLineVertical):
                # As if the page were turned: its columns are lines, the first of them on the right.
                yield Line(text, page, height - item.y1, item.x0, height - item.y0, item.x1)
            else:
                left, bottom, right, top = item.bbox
                initial = _initial(item)
                if initial is not None:
                    others = [glyph for glyph in item if isinstance(glyph, LTChar) and glyph is not initial]
                    bottom, top = min(glyph.y0 for glyph in others), max(glyph.y1 for glyph in others)
                yield Line(text, page, left, bottom, right, top)
        elif isinstance(item, LTContainer):
            yield from _lines(item, page, height)


def _initial(line: LTTextLine) -> LTChar | None:
    """Return the first letter of a line where it is an initial, larger than the others by far."""
    glyphs = [glyph for glyph in line if isinstance(glyph, LTChar)]
    if len(glyphs) < 2 or not glyphs[0].get_text().isalpha():
        return None
    return glyphs[0] if glyphs[0].size > _INITIAL * median(glyph.size for glyph in glyphs[1:]) else None


def _rules(container: LTContainer[Any]) -> Iterator[Rule]:
    for item in container:
        if isinstance(item, LTCurve):
            thin = min(item.width, item.height) <= _THICKEST_RULE
            if thin:
                yield Rule(*item.bbox)
            else:
                left, bottom, right, top = item.bbox
                yield from (Rule(left, bottom, right, bottom), Rule(left, top, right, top))
                yield from (Rule(left, bottom, left, top), Rule(right, bottom, right, top))


def _text(line: LTTextLine) -> str:
    glyphs = [item for item in line if isinstance(item, LTChar | LTAnno)]
    if isinstance(line, LTTextLineVertical) or _initial(line) is not None:
        drawn = [glyph.get_text() for glyph in glyphs]
    elif not is_right_to_left("".join(glyph.get_text() for glyph in glyphs)):
        drawn = _with_shifts(glyphs)
    else:
        # Arabic letters reach under their neighbours, which looks like a gap beside them: where the line has spaces
        # of its own, those that pdfminer guesses are wrong.
        spaced = any(isinstance(glyph, LTChar) and glyph.get_text() == " " for glyph in glyphs)
        drawn = [glyph.get_text() for glyph in glyphs if isinstance(glyph, LTChar) or not spaced]
    if _initial(line) is not None and len(drawn) > 1 and drawn[1].isspace():
        # The gap behind it is as wide as between words of its own size.
        del drawn[1]
    drawn = [_UNMAPPED.sub("", item).replace("\x00", "") for item in drawn]
    text = logical_order(drawn) if _left_to_right(line) else "".join(drawn)
    return " ".join(ordinary_letters(text).split())


def _with_shifts(glyphs: Sequence[LTChar | LTAnno]) -> list[str]:
    """Return what glyphs stand for, with numbers that are drawn small and raised or lowered as such: 10⁶ is not 106."""
    letters = [glyph for glyph in glyphs if isinstance(glyph, LTChar)]
    size, middle = median(glyph.size for glyph in letters), median((glyph.y0 + glyph.y1) / 2 for glyph in letters)
    drawn: list[str] = []
    for shift, run in groupby(glyphs, key=lambda glyph: _shift(glyph, size, middle)):
        text = "".join(glyph.get_text() for glyph in run)
        drawn.append({1: raise_, -1: lower}.get(shift, str)(text))
    return drawn


def _shift(glyph: LTChar | LTAnno, size: float, middle: float) -> int:
    if not isinstance(glyph, LTChar) or glyph.size > _SHIFTED_SIZE * size:
        return 0
    shift = (glyph.y0 + glyph.y1) / 2 - middle
    return (shift > _LEAST_SHIFT * size) - (shift < -_LEAST_SHIFT * size)


def _left_to_right(line: LTTextLine) -> bool:
    """Whether its glyphs are drawn from left to right; if not, they are in reading order already."""
    starts = [glyph.x0 for glyph in line if isinstance(glyph, LTChar)]
    onward = sum(after >= before for before, after in pairwise(starts))
    return onward * 2 >= len(starts) - 1
