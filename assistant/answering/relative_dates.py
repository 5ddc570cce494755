"""Dates that lean on the day of writing ("today", "next week"): the article's own date stands beside them."""

import json
import re
from functools import cache
from importlib.resources import files

from babel import UnknownLocaleError
from babel.dates import format_date

from assistant.answering.grounding.folding import fold
from assistant.answering.phrases import Phrase, phrase
from assistant.articles.article import Article

_UNSPACED = {"zh", "ja", "th"}


def is_relative(text: str, language: str) -> bool:
    """Return whether a text dates something by the day it was written on.

    Args:
        text: A sentence.
        language: BCP 47 code of the text; of a language without known words, nothing is found.

    Example:
        >>> is_relative("The delegation arrives next week.", "en"), is_relative("It was in 1999.", "en")
        (True, False)
    """
    return bool(relative_expressions(text, language))


def relative_expressions(text: str, language: str) -> list[str]:
    """Return what dates something by the day a text was written on, folded.

    Args:
        text: A sentence.
        language: BCP 47 code of the text; of a language without known words, nothing is found.

    Example:
        >>> relative_expressions("Today they said it would arrive next week.", "en")
        ['today', 'next week']
    """
    pattern = _pattern(language.partition("-")[0])
    return pattern.findall(fold(text)) if pattern else []


def article_date(article: Article, language: str) -> str:
    """Return the article's date in words of `language`, or nothing where the date is not known."""
    if article.published is None:
        return ""
    try:
        shown = format_date(article.published, format="long", locale=language.partition("-")[0])
    except (UnknownLocaleError, ValueError):
        shown = article.published.isoformat()
    return phrase(Phrase.PUBLISHED, language).format(date=shown)


def with_article_date(sentence: str, sentence_language: str, article: Article, language: str) -> str:
    """Return a sentence, and where it dates something relatively, the article's date in parentheses behind it.

    Args:
        sentence: What is said.
        sentence_language: BCP 47 code of the sentence.
        article: The article it is from.
        language: BCP 47 code of the language in which the answer speaks.
    """
    dated = article_date(article, language) if is_relative(sentence, sentence_language) else ""
    return f"{sentence} ({dated})" if dated else sentence


@cache
def _pattern(language: str) -> re.Pattern[str] | None:
    words = _words().get(language)
    if not words:
        return None
    # Whole words, where a script has them; Arabic and Hebrew write "and", "in" and "the" onto them.
    choices = "|".join(re.escape(word) for word in sorted({fold(word) for word in words}, key=len, reverse=True))
    if language in _UNSPACED:
        return re.compile(choices)
    return re.compile(rf"(?<!\w)(?:[وفبلכהבו]|ال){{0,2}}(?:{choices})(?!\w)")


@cache
def _words() -> dict[str, list[str]]:
    text = files(__package__).joinpath("relative_dates.json").read_text(encoding="utf-8")
    words: dict[str, list[str]] = json.loads(text)
    return words
