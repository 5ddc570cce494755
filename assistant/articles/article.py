"""`Article`: what a reader makes of a file, a row or a URL."""

import hashlib
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from assistant.language.tags import primary_subtag
from assistant.text.controls import without_surrogates

CELL_SEPARATOR = " | "
"""What readers put between the cells of a row, which they write as a line of its own."""


def canonical_text(text: str) -> str:
    r"""Bring a reader's text into the one form that offsets count in.

    That is NFC with `\n` line ends, without byte order marks and NULs, and with U+FFFD for lone surrogates, which
    JSON can hold and UTF-8 cannot.

    Example:
        >>> canonical_text("\ufeffone\r\ntwo")
        'one\ntwo'
    """
    unified = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "").replace("\x00", "")
    return unicodedata.normalize("NFC", without_surrogates(unified))


def hash_text(text: str) -> str:
    """Return the SHA-256 of `text` in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@dataclass(frozen=True, slots=True)
class Section:
    """Where a section of an article's text begins, and its heading; "" where text follows that belongs to none."""

    start: int
    heading: str


@dataclass(frozen=True)  # Without slots, so that the hash can be kept.
class Article:
    """One article, as its reader saw it.

    Attributes:
        source: Where it came from: an absolute path, a URL, or `PATH#N` for row N of a table (N counts from 1).
        title: From metadata, else the first line of the text.
        text: The canonical text (see `canonical_text`). All offsets in the project count its characters.
        language: BCP 47 code of the language itself ("pt" of what is given as "pt-BR"), or "und" where it could not be
            told.
        published: The day it was published, where the article says so. Never a file's time.
        metadata: Whatever else the reader found (author, site name, ...), by name.
        other_sources: Further places that hold exactly the same text.
        pages: The offset at which each page of print, or slide, begins; empty where the format has none.
        sections: Where its sections begin, in reading order.
    """

    source: str
    title: str
    text: str
    language: str = "und"
    published: date | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    other_sources: tuple[str, ...] = ()
    pages: tuple[int, ...] = ()
    sections: tuple[Section, ...] = ()

    def __post_init__(self) -> None:
        """Keep of the language's tag what is told of questions too: the two are compared."""
        object.__setattr__(self, "language", primary_subtag(self.language))

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of the text: what decides whether an article has changed. It is computed once."""
        return hash_text(self.text)

    @property
    def id(self) -> str:
        """The first 16 hexadecimal digits of the content hash, so that the same text is the same article anywhere."""
        return self.content_hash[:16]

    def page_at(self, offset: int) -> int | None:
        """Return the number of the page, from 1, that a character of the text is on, or None where it has no pages.

        Example:
            >>> Article("a.pdf", "Weir", "Moor here. Pay there.", pages=(0, 11)).page_at(15)
            2
        """
        return max(bisect_right(self.pages, offset), 1) if self.pages else None

    def section_at(self, offset: int) -> str | None:
        """Return the heading of the innermost section that a character of the text is in, or None where it is in none.

        Example:
            >>> Article("a.md", "Weir", "Fares. Free.", sections=(Section(0, "Fares"),)).section_at(7)
            'Fares'
        """
        number = bisect_right(self.sections, offset, key=lambda section: section.start)
        return (self.sections[number - 1].heading or None) if number else None
