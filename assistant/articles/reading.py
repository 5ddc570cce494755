"""`Reading`: what reading one source gave, and the pieces every reader builds it with."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from assistant.articles.article import Article, canonical_text
from assistant.articles.datelines import dateline
from assistant.articles.dates import parse_date
from assistant.articles.languages import choose_language
from assistant.articles.limits import ReadingLimits, count
from assistant.articles.structure import StructuredText, canonical
from assistant.articles.titles import LONGEST, shorten, title_from
from assistant.errors import Message, ReadError
from assistant.text.controls import printable

_METADATA_LENGTH = 2000


AUTOMATIC, OFF = "auto", "off"
"""Whether the text of scanned pages is recognised: wherever that can be done here, or never."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How sources are read, where their reader has a choice.

    Attributes:
        columns: The column or key to take an article's text, title and date from, by the names of `COLUMNS`; the usual
            names for what is not in it. Dots lead to nested keys, as in "fields.body".
        text_recognition: How the text of scanned pages is recognised: `AUTOMATIC`, `OFF`, or Tesseract's codes of
            languages, as "ara+eng".
        limits: How much time, memory and output reading one source may take.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    text_recognition: str = OFF
    limits: ReadingLimits = field(default_factory=ReadingLimits)


AS_USUAL = ReadOptions()


@dataclass(frozen=True, slots=True)
class Reading:
    """The articles of one source, and what of it could not be read.

    Attributes:
        articles: In the order the source has them.
        problems: One for each row that could not be read, or a single one for the whole source.
        is_final: Whether reading the source again would give no more of it.
    """

    articles: tuple[Article, ...] = ()
    problems: tuple[ReadError, ...] = ()
    is_final: bool = False


class Reader(Protocol):
    """One format: the bytes of a file, or of what a URL returned, to a `Reading`."""

    def __call__(
        self, content: bytes, source: str, *, charset: str | None = None, options: ReadOptions = AS_USUAL
    ) -> Reading:
        """Read `content`.

        Args:
            content: The whole file.
            source: Where it came from, for `Article.source` and for messages.
            charset: The encoding the sender declared, for formats made of text.
            options: What the owner chose.

        Raises:
            ReadError: nothing of it can be read.
        """
        ...


def problem(source: str | Path, template: str, /, **values: object) -> ReadError:
    """Return the error that says why `source` could not be read: `NAME: REASON`, on one line; see `Message`."""
    reason = Message(template, **values)
    return ReadError("{name}: {reason}", source=str(source), name=printable(source), reason=reason)


def build_article(
    source: str, text: str | StructuredText, found: Mapping[str, str] | None = None, *, headline: str = ""
) -> Article:
    r"""Make an article of what a reader found; the rules for title, language and date live here alone.

    Args:
        source: A path, a URL, or `PATH#N`.
        text: The article's text, in any form, with its pages and sections where it has some.
        found: What the format says about it, by name. "title", "language" and "date" become the article's own;
            the rest (author, url, ...) becomes its metadata.
        headline: A heading that stands over the whole text, whatever `found` has for a title.

    Raises:
        ReadError: the text is empty.
        LimitExceededError: its source gives more than it may.

    Example:
        >>> build_article("/articles/a.txt", "A headline\n\nThe story.").title
        'A headline'
    """
    given = StructuredText(text) if isinstance(text, str) else text
    text = canonical_text(given.text)
    count(text)
    if not any(unicodedata.category(character)[0] not in "ZC" for character in text):
        raise problem(source, "it is empty: there is no text to read.")
    rest = {name: _one_line(value) for name, value in (found or {}).items() if value and value.strip()}
    title = rest.pop("title", "") or title_from(text, source)
    declared = rest.pop("language", None)
    language = choose_language(text, declared)
    written = rest.pop("date", None)
    published = parse_date(written, language) if written else dateline(text, title, language)
    structure = canonical(given, [title, headline])
    return Article(
        source=source,
        title=shorten(_one_line(title), LONGEST),
        text=text,
        language=language,
        published=published,
        metadata={name: value[:_METADATA_LENGTH] for name, value in rest.items()},
        pages=structure.pages,
        sections=structure.sections,
    )


def _one_line(text: str) -> str:
    return " ".join(canonical_text(text).split())
