"""The title at the beginning of an article's text, and the lead: the first sentence behind it."""

from assistant.articles.article import Article
from assistant.language.sentences import split_sentences

FULL_STOPS = (".", "。", "．", "।", "۔", "։", "።", "…")
"""What a headline does not end with, but a first sentence that stands for one where an article has none."""

_BEGINNING = 1000
"""So many characters behind the title are looked at for the lead."""


def title_end(article: Article) -> int:
    r"""Return where the line ends that repeats an article's title at the beginning of its text; 0 where none does.

    Example:
        >>> title_end(Article("a.txt", "Mill for sale", "Mill for sale\n\nIt was built in 1811.", "en"))
        13
    """
    line, line_break, _ = article.text.partition("\n")
    title = line.strip()
    return len(line) if line_break and title and title == article.title and not title.endswith(FULL_STOPS) else 0


def lead_of(article: Article) -> str:
    r"""Return the first sentence of an article behind its title, which names what the article is about.

    Example:
        >>> lead_of(Article("a.txt", "Mill for sale", "Mill for sale\n\nIt was built in 1811. It mills.", "en"))
        'It was built in 1811.'
    """
    start = title_end(article)
    beginning = article.text[start : start + _BEGINNING]
    return next((beginning[first:last] for first, last in split_sentences(beginning, article.language)), "")
