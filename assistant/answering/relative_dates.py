"""Dates that lean on the day of writing ("today", "next week"): the article's own date stands beside them."""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

from babel import UnknownLocaleError
from babel.dates import format_date

from assistant.answering.phrases import Phrase, phrase
from assistant.articles.article import Article
from assistant.language.normalise import fold
from assistant.language.tags import primary_subtag
from assistant.language.word_lists import load_word_list, whole_words

_DISTANCE = re.compile(r"\d day ago|[01] (?:week|month|year) ago|in \d day|in 1 (?:week|month|year)")


def is_relative(text: str, language: str) -> bool:
    """Return whether a text dates something by the day it was written on.

    Args:
        text: A sentence.
        language: BCP 47 code of the text; of a language without known words, nothing is found.

    Example:
        >>> is_relative("The delegation arrives next week.", "en"), is_relative("It was in 1999.", "en")
        (True, False)
    """
    pattern = _pattern(primary_subtag(language))
    return pattern is not None and pattern.search(fold(text)) is not None


def article_date(article: Article, language: str) -> str:
    """Return the article's date in words of `language`, or nothing where the date is not known."""
    return phrase(Phrase.PUBLISHED, language).format(date=_day(article, language)) if article.published else ""


def with_date(statement: str, article: Article, language: str) -> str:
    """Return what an article says with its date in parentheses, in words of `language`, behind it if it is known."""
    dated = article_date(article, language)
    return f"{statement} ({dated})" if dated else statement


def older_statement(statement: str, article: Article, language: str) -> str:
    """Return what an older article says, behind words in `language` that tell its date.

    Args:
        statement: What is said.
        article: The article it is from.
        language: BCP 47 code of the language in which the answer speaks.

    Example:
        >>> from datetime import date
        >>> article = Article("a.txt", "A", "It costs €4.", "en", date(2023, 5, 3))
        >>> older_statement("It costs €4.", article, "en")
        'In an article of May 3, 2023: It costs €4.'
    """
    introduction = phrase(Phrase.OLDER, language).format(date=_day(article, language)) if article.published else ""
    return f"{introduction} {statement}".strip()


def with_article_date(sentence: str, sentence_language: str, article: Article, language: str) -> str:
    """Return a sentence, and where it dates something relatively, the article's date in parentheses behind it.

    Args:
        sentence: What is said.
        sentence_language: BCP 47 code of the sentence.
        article: The article it is from.
        language: BCP 47 code of the language in which the answer speaks.
    """
    return with_date(sentence, article, language) if is_relative(sentence, sentence_language) else sentence


def _day(article: Article, language: str) -> str:
    return day_in_words(article.published, language) if article.published else ""


def day_in_words(day: date, language: str) -> str:
    """Return a day as a language (BCP 47) writes it in full.

    Example:
        >>> day_in_words(date(2026, 11, 11), "de")
        '11. November 2026'
    """
    try:
        return format_date(day, format="long", locale=primary_subtag(language))
    except (UnknownLocaleError, ValueError):
        return day.isoformat()


@cache
def _pattern(language: str) -> re.Pattern[str] | None:
    listed = [*_from_dateparser(language), *load_word_list(__package__, "relative_dates.json").get(language, ())]
    choices = "|".join(re.escape(word) for word in sorted({fold(word) for word in listed}, key=len, reverse=True))
    return re.compile(whole_words(choices, language, particles=True)) if choices else None


def _from_dateparser(language: str) -> Iterator[str]:
    """Yield what dateparser, whose lists are the CLDR's and its own, reads as a day, week, month or year from now."""
    from dateparser.languages.loader import LocaleDataLoader  # noqa: PLC0415 - few answers lean on a day

    try:
        info = LocaleDataLoader().get_locale(language).info
    except ValueError:
        # It does not know the language.
        return
    for distance, words in info.get("relative-type", {}).items():
        if _DISTANCE.fullmatch(distance):
            yield from words
