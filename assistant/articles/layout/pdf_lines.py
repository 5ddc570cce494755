"""`extract_lines`: the lines of a PDF's pages, in reading order also from right to left. Run as a child process.

pdfminer.six gives every producer's lines as they are drawn, which `logical_order` turns round. Libraries that turn
lines themselves (pdfium, pypdf) are right for some producers, and reverse words or move numbers for others.

A few kilobytes of PDF can ask for any amount of memory and time: filters on filters, millions of operators, tables of
glyphs. So `readers.pdf` runs this module in a process of its own, within limits of both. It is told the bytes of
memory it may use as its argument, takes the file on its standard input, and answers with one JSON object: the fields
of `Extracted`, or `refused` with the reason.
"""

import contextlib
import io
import json
import logging
import re
import struct
import sys
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
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

from assistant.articles.layout.paragraphs import Line
from assistant.articles.layout.presentation_forms import ordinary_letters
from assistant.articles.layout.visual_order import is_right_to_left, logical_order
from assistant.errors import Message, message_of

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
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
_STREAM = re.compile(rb"stream\r?\n(?=[\x08\x18\x28\x38\x48\x58\x68\x78])")  # the first byte of deflated data
_MOST_UNPACKED = 200 * 1024**2
_PIECE = 16 * 1024
_UNMAPPED = re.compile(r"\(cid:\d+\)")


class PdfError(ValueError):
    """The PDF cannot be read; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a PDF holds: its lines in reading order, and what its catalogue says of it by name."""

    lines: list[Line]
    found: dict[str, str]


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
        lines = [line for number, page in enumerate(_pages(document)) for line in _lines(page, number)]
    except PDFEncryptionError as error:
        raise PdfError(Message("it is encrypted; save it without a password.")) from error
    except _DAMAGE as error:
        raise PdfError(Message("it is damaged or not a PDF; open it and save it again.")) from error
    return Extracted(lines, found)


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


def _main() -> None:
    most_memory = int(sys.argv[1])
    _limit_memory(most_memory)
    try:
        answer = asdict(extract_lines(sys.stdin.buffer.read()))
    except PdfError as error:
        answer = {"refused": _parts(message_of(error))}
    except MemoryError:
        limit = most_memory // 1024**2
        answer = {
            "refused": _parts(Message("it needs more than {limit} MiB of memory to read; save it again.", limit=limit))
        }
    json.dump(answer, sys.stdout)


def _parts(refusal: Message) -> tuple[str, dict[str, object]]:
    return refusal.template, refusal.values


def _limit_memory(most: int) -> None:
    """Limit the memory of this process, where the system can: Windows cannot, and macOS may refuse."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not on Windows

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


if __name__ == "__main__":
    _main()
