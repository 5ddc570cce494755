"""`StructuredText`: a text as its reader makes it, with where its pages and sections begin."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from assistant.articles.article import Section, canonical_text
from assistant.articles.titles import shorten

_LONGEST_HEADING = 120


@dataclass(frozen=True, slots=True)
class StructuredText:
    """A text, in any form, with what a citation can name of it.

    Attributes:
        text: What is read.
        pages: For each page, or slide, the offset in the text at which it begins; none where it has no pages.
        sections: The headings, in reading order.
    """

    text: str
    pages: tuple[int, ...] = ()
    sections: tuple[Section, ...] = ()


def joined(parts: Iterable[StructuredText], *, separator: str = "\n\n", are_pages: bool = False) -> StructuredText:
    """Return the text that parts make, one behind the other; those without text leave no trace but their page.

    Args:
        parts: In reading order.
        separator: What stands between them.
        are_pages: Whether each part is a page, and ends the section before it.

    Example:
        >>> joined([StructuredText("Moor here."), StructuredText("Pay there.")], are_pages=True).pages
        (0, 12)
    """
    text = ""
    pages: list[int] = []
    sections: list[Section] = []
    for part in parts:
        start = len(text) + (len(separator) if text and part.text else 0)
        text += (separator if text and part.text else "") + part.text
        if are_pages:
            pages.append(start)
            if part.text and not (part.sections and part.sections[0].start == 0):
                sections.append(Section(start, ""))
        else:
            pages += (start + page for page in part.pages)
        sections += (replace(section, start=start + section.start) for section in part.sections)
    return StructuredText(text, tuple(pages), tuple(sections))


def canonical(found: StructuredText, titles: Sequence[str]) -> StructuredText:
    r"""Return a text in its canonical form (see `canonical_text`), with offsets that are true of that.

    A heading that is the article's title names no section; behind it, an earlier section has ended.

    Args:
        found: As its reader made it.
        titles: What the article is called.

    Example:
        >>> canonical(StructuredText("Weir\r\n\r\nFares\r\n\r\nFree.", sections=(Section(8, "Fares"),)), ["Weir"])
        StructuredText(text='Weir\n\nFares\n\nFree.', pages=(), sections=(Section(start=6, heading='Fares'),))
    """
    text = canonical_text(found.text)
    marks = sorted({0, *found.pages, *(section.start for section in found.sections)})
    at = dict(zip(marks, marks, strict=True))
    if text != found.text:
        place = 0
        for mark, following in pairwise([*marks, len(found.text)]):
            at[mark] = min(place, len(text))
            place += len(canonical_text(found.text[mark:following]))
    plain_titles = set(map(_plain, titles))
    sections: list[Section] = []
    for section in found.sections:
        heading = "" if _plain(section.heading) in plain_titles else _shown(section.heading)
        if heading != (sections[-1].heading if sections else ""):
            sections.append(Section(at[section.start], heading))
    return StructuredText(text, tuple(at[page] for page in found.pages), tuple(sections))


def _shown(heading: str) -> str:
    return shorten(" ".join(canonical_text(heading).split()), _LONGEST_HEADING)


def _plain(title: str) -> str:
    return "".join(filter(str.isalnum, canonical_text(title).casefold()))
