"""`headings_of`: what the outline of a PDF, its bookmarks, says of its headings."""

import contextlib
from collections.abc import Sequence
from itertools import islice
from typing import Any

from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfpage import PDFPage
from pdfminer.pdftypes import PDFObjRef, resolve1
from pdfminer.psparser import PSException

_MOST = 2000
# An outline may be damaged where its file is not, or go round in circles: then what was read of it counts.
_DAMAGE = (PSException, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def headings_of(document: PDFDocument) -> list[tuple[int, str]]:
    """Return the entries of the outline in its order: the number of the page, from 0, that each leads to, and its text.

    An entry that leads nowhere in the document is left out.
    """
    found: list[tuple[int, str]] = []
    with contextlib.suppress(*_DAMAGE):
        entries = islice(document.get_outlines(), _MOST)
        numbers: dict[object, int] = {}
        for _, title, destination, action, _ in entries:
            if not numbers:
                numbers = {page.pageid: number for number, page in enumerate(PDFPage.create_pages(document))}
            with contextlib.suppress(*_DAMAGE):
                page = numbers.get(_page_of(document, destination or _goal(action)))
                if page is not None and isinstance(title, str):
                    found.append((page, title))
    return found


def _goal(action: object) -> object:
    values = resolve1(action)
    return values.get("D") if isinstance(values, dict) else None


def _page_of(document: PDFDocument, destination: Any) -> object:
    """Return the number of the object that a destination, by its name or as it is, leads to."""
    place = resolve1(destination)
    if isinstance(place, bytes | str) or hasattr(place, "name"):
        place = resolve1(document.get_dest(getattr(place, "name", place)))
    if isinstance(place, dict):
        place = resolve1(place.get("D"))
    first = place[0] if isinstance(place, Sequence) and place and not isinstance(place, bytes | str) else None
    return first.objid if isinstance(first, PDFObjRef) else None
