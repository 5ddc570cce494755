"""PowerPoint presentations, through python-pptx: a slide after the other, with its tables and its speaker's notes."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.exc import PythonPptxError
from pptx.shapes.group import GroupShape

from assistant.articles.archives import DAMAGE, open_archive
from assistant.articles.article import CELL_SEPARATOR, Section
from assistant.articles.reading import AS_USUAL, Reading, ReadOptions, build_article, problem
from assistant.articles.structure import StructuredText, joined
from assistant.articles.titles import unless_placeholder

_DAMAGE = (*DAMAGE, etree.XMLSyntaxError, PythonPptxError, AttributeError)


def read(
    content: bytes,
    source: str,
    *,
    charset: str | None = None,  # noqa: ARG001 - see `Reader`
    options: ReadOptions = AS_USUAL,  # noqa: ARG001 - see `Reader`
) -> Reading:
    """Read one article; see `Reader`."""
    try:
        stored = io.BytesIO()
        with zipfile.ZipFile(stored, "w") as archive:
            for name, part in open_archive(content, source).items():
                archive.writestr(name, part)
        presentation = Presentation(stored)
        slides = [_slide(slide) for slide in presentation.slides]
        properties = presentation.core_properties
    except _DAMAGE as error:
        raise problem(
            source, "it is damaged or not a PowerPoint presentation; open it and save it as .pptx."
        ) from error
    found = {
        "title": unless_placeholder(properties.title),
        "author": properties.author,
        "language": properties.language,
    }
    return Reading((build_article(source, joined(slides, are_pages=True), found),))


def _slide(slide: Any) -> StructuredText:
    text = "\n\n".join(_blocks(slide))
    title = slide.shapes.title.text_frame.text if slide.shapes.title is not None else ""
    return StructuredText(text, sections=(Section(0, title),) if title.strip() else ())


def _blocks(slide: Any) -> Iterator[str]:
    yield from filter(None, _shapes(slide.shapes))
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        yield from filter(None, [slide.notes_slide.notes_text_frame.text.strip()])


def _shapes(shapes: Any) -> Iterator[str]:
    for shape in shapes:
        if isinstance(shape, GroupShape):
            yield from _shapes(shape.shapes)
        elif shape.has_text_frame:
            yield "\n".join(filter(None, (paragraph.text.strip() for paragraph in shape.text_frame.paragraphs)))
        elif getattr(shape, "has_table", False):
            yield "\n".join(
                CELL_SEPARATOR.join(" ".join(cell.text.split()) for cell in row.cells) for row in shape.table.rows
            )
