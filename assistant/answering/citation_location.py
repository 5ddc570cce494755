"""`location_of`: where in its article a quote stands, as readers of print say it."""

import unicodedata
from typing import TYPE_CHECKING

from assistant.language.tags import primary_subtag

if TYPE_CHECKING:
    from assistant.answering.answer import Citation
    from assistant.retrieval.hit import Hit

_FALLBACK = "en"
_PAGE = {"ar": "ص {page}", "en": "p. {page}"}
_COMMA = {"ar": "، ", "en": ", "}
_ISOLATE, _POP = "\u2068", "\u2069"


def location_of(quoted: "Citation | Hit", language: str) -> str:
    """Return the page and section that a quote is from, or "" where neither is known.

    Args:
        quoted: What is quoted.
        language: BCP 47 code of the language to say it in; English where it has no words for that.

    Example:
        >>> from assistant.articles.article import Article, Section
        >>> from assistant.passages.passage import Passage, Span
        >>> from assistant.retrieval.hit import Hit
        >>> article = Article("a.pdf", "Weir", "Free.", pages=(0,), sections=(Section(0, "Fares"),))
        >>> hit = Hit(1, 1.0, 1.0, 0.0, article, Passage(article.id, 0, 5, "Free.", (Span(0, 5),)), Span(0, 5))
        >>> location_of(hit, "en")
        'p. 1, § Fares'
    """
    return location(quoted.page, quoted.section, language)


def location(page: int | None, section: str | None, language: str) -> str:
    """Return what `location_of` does, of a page and a section, each None where it is not known."""
    language = primary_subtag(language)
    language = language if language in _PAGE else _FALLBACK
    parts = [] if page is None else [_PAGE[language].format(page=page)]
    if section is not None:
        # A heading reorders nothing around it, nor is reordered.
        is_mixed = _has_right_to_left(_PAGE[language] + section)
        parts.append(f"§ {_ISOLATE}{section}{_POP}" if is_mixed else f"§ {section}")
    return _COMMA[language].join(parts)


def _has_right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(character) in ("R", "AL") for character in text)
