"""What a library can be asked, from its own articles: for a welcome, and beside a question that is asked back."""

from collections.abc import Sequence
from datetime import date

from assistant.answering.answer import Choice
from assistant.answering.phrases import Phrase, languages, phrase
from assistant.language.tags import primary_subtag
from assistant.store.passage_store import ArticleSummary


def suggest(articles: Sequence[ArticleSummary], language: str, most: int) -> tuple[Choice, ...]:
    """Return requests for summaries of some articles, each of them to be asked of its article.

    Args:
        articles: What there is.
        language: BCP 47 code of the reader's language: articles in it come first, then the newest.
        most: How many at most.
    """
    own = primary_subtag(language)
    newest = sorted(articles, key=lambda article: article.published or date.min, reverse=True)
    ordered = sorted(newest, key=lambda article: primary_subtag(article.language) != own)
    return tuple(choice_of(article, language) for article in ordered[:most])


def choice_of(article: ArticleSummary, language: str) -> Choice:
    """Return the choice of an article: its title, and the request to summarise it."""
    request = phrase(Phrase.SUMMARISE, language).format(title=article.title)
    return Choice(label=article.title, question=request, article=article.id)


def title_chosen(text: str) -> tuple[str, str] | None:
    """Return the title of the article that a choice asks to summarise, and the language (BCP 47) it asks in; else None.

    Most of such a request is the title, so its wording and its language could not be told otherwise.

    Example:
        >>> title_chosen("Summarise the article “Les chèvres du port”")
        ('Les chèvres du port', 'en')
    """
    for language in languages():
        before, after = phrase(Phrase.SUMMARISE, language).split("{title}")
        title = text.strip().removeprefix(before).removesuffix(after)
        if title and text.strip() == f"{before}{title}{after}":
            return title, language
    return None
