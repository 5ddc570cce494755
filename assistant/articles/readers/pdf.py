"""PDF: text in reading order, with wrapped lines joined into paragraphs."""

from assistant.articles.article import Section
from assistant.articles.layout.paragraphs import Line, join_paragraphs
from assistant.articles.layout.pdf_lines import PdfError, extract_lines
from assistant.articles.reading import Reading, build_article, problem
from assistant.articles.structure import StructuredText
from assistant.articles.titles import unless_placeholder
from assistant.errors import ReadError, message_of

_MOST_NAMED = 20


def read(content: bytes, source: str, *, charset: str | None = None) -> Reading:  # noqa: ARG001 - see `Reader`
    """Read one article; see `Reader`, and `layout.pdf_lines` for how."""
    try:
        extracted = extract_lines(content)
    except PdfError as error:
        raise problem(source, message_of(error)) from error
    lines = extracted.lines
    if not lines:
        raise problem(source, "it has no text, perhaps because it was scanned; run text recognition (OCR) on it.")
    pages = extracted.without_text
    problems = (_without_text(source, pages),) if pages else ()
    found = {**extracted.found, "title": unless_placeholder(extracted.found["title"])}
    text = _structured(lines, extracted.headings)
    return Reading((build_article(source, text, found),), problems)


def _structured(lines: list[Line], outline: list[tuple[int, str]]) -> StructuredText:
    """Return the text that lines make, with its pages, and as headings the paragraphs that the outline names."""
    text = ""
    starts: dict[int, int] = {}
    sections: list[Section] = []
    headings = {(page, letters): heading for page, heading in outline if (letters := _letters(heading))}
    for paragraph in join_paragraphs(lines):
        text += "\n\n" if text else ""
        for page, offset in paragraph.pages.items():
            starts.setdefault(page, len(text) + offset)
        heading = headings.get((next(iter(paragraph.pages)), _letters(paragraph.text)))
        if heading:
            sections.append(Section(len(text), heading))
        text += paragraph.text
    pages: list[int] = []
    for page in sorted(starts):
        # Pages without text begin where the next one does.
        pages += [starts[page]] * (page + 1 - len(pages))
    return StructuredText(text, tuple(pages), tuple(sections))


def _letters(heading: str) -> str:
    """Return what of a heading its outline and its page have in common: not its number, nor where its lines end."""
    return "".join(filter(str.isalpha, heading.casefold()))


def _without_text(source: str, pages: list[int]) -> ReadError:
    named = ", ".join(map(str, pages[:_MOST_NAMED])) + (", …" if len(pages) > _MOST_NAMED else "")
    return problem(
        source,
        "it has no text on page {pages}, perhaps because it was scanned; run text recognition (OCR) on the file.",
        pages=named,
    )
