"""What an article's text begins with: its title, a byline, and the lead, the first sentence behind them."""

import re
from itertools import islice, pairwise

from assistant.articles.article import Article
from assistant.articles.dates import years_in
from assistant.language.sentences import split_sentences
from assistant.passages.passage import Span

FULL_STOPS = (".", "。", "．", "।", "۔", "։", "።", "…")
"""A headline does not end with one of these. A first line that does is a sentence, in an article without a headline."""

_BEGINNING = 1000
"""The lead is looked for in so many characters after the title."""

_LONGEST_BYLINE = 80
_BYLINE_LINES = 2
"""A byline is one of so many lines behind the title."""

_LINE = re.compile(r"\S[^\n]*")
_YEARS = range(1300, 2700)
"""Years of the calendars that articles are dated by."""
_FOOTNOTES = re.compile(r"(?:\s*[\[(（【]\d{1,3}[\])）】])+\s*\Z")
_CLOSING = " *_\"'»”’)]）】"


def title_end(article: Article) -> int:
    r"""Return where the line ends that repeats an article's title at the beginning of its text; 0 where none does.

    Example:
        >>> title_end(Article("a.txt", "Mill for sale", "Mill for sale\n\nIt was built in 1811.", "en"))
        13
    """
    line, line_break, _ = article.text.partition("\n")
    title = line.strip()
    return len(line) if line_break and title and title == article.title and not title.endswith(FULL_STOPS) else 0


def byline_of(article: Article) -> Span | None:
    r"""Return the line below an article's title that names its author and date; None where there is none.

    It is recognised by its form: short, with a year, without a full stop, and with more text below.

    Example:
        >>> article = Article("a.txt", "Mill for sale", "Mill for sale\n\nBy Lea Ott, 3 May 2025\n\nIt is old.", "en")
        >>> byline_of(article).of(article.text)
        'By Lea Ott, 3 May 2025'
    """
    start = title_end(article)
    lines = _LINE.finditer(article.text, start, start + _BEGINNING)
    # Only what has text below.
    for line, _ in islice(pairwise(lines), _BYLINE_LINES):
        text = line[0].rstrip()
        is_dated = len(text) <= _LONGEST_BYLINE and any(year in _YEARS for year in years_in(text))
        if is_dated and not _FOOTNOTES.sub("", text).rstrip(_CLOSING).endswith(FULL_STOPS):
            return Span(line.start(), line.start() + len(text))
    return None


def lead_of(article: Article) -> str:
    r"""Return the first sentence of an article behind its title and byline, which names what the article is about.

    Example:
        >>> lead_of(Article("a.txt", "Mill for sale", "Mill for sale\n\nIt was built in 1811. It mills.", "en"))
        'It was built in 1811.'
    """
    start, byline = title_end(article), byline_of(article)
    beginning = article.text[start : start + _BEGINNING]
    return next(
        (
            beginning[first:last]
            for first, last in split_sentences(beginning, article.language)
            if byline is None or not byline.overlaps(Span(start + first, start + last))
        ),
        "",
    )
