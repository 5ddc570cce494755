"""PDF: text in reading order, with wrapped lines joined into paragraphs."""

from collections.abc import Sequence

from assistant.articles.article import Section
from assistant.articles.layout.paragraphs import Line, join_paragraphs
from assistant.articles.layout.pdf_lines import PdfError, extract_lines
from assistant.articles.layout.scanned_pages import read_scanned
from assistant.articles.limits import RECOGNITION, allow_time
from assistant.articles.reading import AS_USUAL, OFF, Reading, ReadOptions, build_article, problem
from assistant.articles.structure import StructuredText
from assistant.articles.text_recognition import languages_for
from assistant.articles.titles import unless_placeholder
from assistant.errors import Message, ReadError, message_of

_MOST_NAMED = 20


def read(
    content: bytes,
    source: str,
    *,
    charset: str | None = None,  # noqa: ARG001 - see `Reader`
    options: ReadOptions = AS_USUAL,
) -> Reading:
    """Read one article; see `Reader`, and `layout.pdf_lines` for how."""
    try:
        extracted = extract_lines(content)
    except PdfError as error:
        raise problem(source, message_of(error)) from error
    lines = extracted.lines
    found = {**extracted.found, "title": unless_placeholder(extracted.found["title"])}
    scanned = extracted.without_text
    failed: list[int] = []
    languages = () if options.text_recognition == OFF else languages_for(options.text_recognition)
    if scanned and languages:
        allow_time(RECOGNITION, options.limits.recognition_seconds)
        read_pages = read_scanned(content, scanned, languages, options.limits)
        lines = sorted([*lines, *read_pages.lines], key=lambda line: line.page)
        failed = read_pages.failed
        recognised = dict.fromkeys(line.page + 1 for line in read_pages.lines)
        scanned = [page for page in scanned if page not in recognised]
        found["recognised_pages"] = ", ".join(map(str, recognised))
    advice = _advice(options.text_recognition, languages, failed)
    if not lines:
        raise problem(source, "it has no text, perhaps because it was scanned; {advice}.", advice=advice)
    problems = (_without_text(source, scanned, advice),) if scanned else ()
    text = _structured(lines, extracted.headings)
    return Reading((build_article(source, text, found),), problems, is_final=bool(languages) and not failed)


def _advice(chosen: str, languages: Sequence[str], failed: Sequence[int]) -> Message:
    """Return what to do for pages that have no text, going by why nobody has recognised it."""
    if chosen == OFF:
        return Message("run text recognition (OCR) on the file")
    if not languages:
        return Message("install Tesseract, and its data for the language, to read scanned pages")
    if failed:
        return Message("text recognition failed on page {pages}; sync again", pages=_named(failed))
    return Message("Tesseract recognised none")


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


def _without_text(source: str, pages: Sequence[int], advice: Message) -> ReadError:
    return problem(
        source,
        "it has no text on page {pages}, perhaps because it was scanned; {advice}.",
        pages=_named(pages),
        advice=advice,
    )


def _named(pages: Sequence[int]) -> str:
    return ", ".join(map(str, pages[:_MOST_NAMED])) + (", …" if len(pages) > _MOST_NAMED else "")
