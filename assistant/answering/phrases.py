"""The few fixed phrases that an answer says of itself, in the language of the question."""

import json
from enum import StrEnum
from functools import cache
from importlib.resources import files

from assistant.errors import Message, message_of
from assistant.language.tags import primary_subtag

FALLBACK = "en"


class Phrase(StrEnum):
    """A fixed phrase; the value is its name in `phrases.json`.

    Attributes:
        REFUSAL: The articles do not answer the question.
        CLOSEST: Heading of the passages that come nearest to a question without an answer.
        QUOTED_AFTER_FAILURE: Why an answer is a quote: the chat model failed.
        QUOTED_UNSUPPORTED: Why an answer is a quote: what the chat model wrote had no support.
        QUOTED_UNSURE: Why an answer is a quote: the chat model itself was not sure of what it wrote.
        LEFT_OUT: Some sentences that the chat model wrote had no support.
        PUBLISHED: The date of an article, `{date}`, beside "today" or "next week" in its words.
        OLDER: What an article of an earlier date, `{date}`, says follows.
        REPLY_GREETING: Returns a greeting, and says what can be asked.
        REPLY_THANKS: Returns thanks.
        REPLY_FAREWELL: Returns a good-bye.
        REPLY_HELP: Says who answers, and how to ask.
        REPLY_ACKNOWLEDGEMENT: Returns "all right".
        REPLY_DOUBT: Says where an answer can be checked.
        ARTICLES: How many articles there are, `{number}`.
        CLARIFY: Asks what is meant.
        CLARIFY_ARTICLE: Asks which article is meant.
        SUMMARISE: The request to summarise the article called `{title}`.
        PASSED: A day that an article announces, `{date}`, is over.
        SEARCHED_ONCE: The chat model cannot search by itself.
        NOT_TRANSLATED: Why there is no translation: the chat model failed.
        TRANSLATION_LEFT_OUT: A translation did not agree with its quote.
        TRANSLATE: The request to say it in this language.
        QUOTED_AS_WRITTEN: Why an answer is not in the language asked for.
    """

    REFUSAL = "refusal"
    CLOSEST = "closest"
    QUOTED_AFTER_FAILURE = "quoted_after_failure"
    QUOTED_UNSUPPORTED = "quoted_unsupported"
    QUOTED_UNSURE = "quoted_unsure"
    LEFT_OUT = "left_out"
    PUBLISHED = "published"
    OLDER = "older"
    REPLY_GREETING = "reply_greeting"
    REPLY_THANKS = "reply_thanks"
    REPLY_FAREWELL = "reply_farewell"
    REPLY_HELP = "reply_help"
    REPLY_ACKNOWLEDGEMENT = "reply_acknowledgement"
    REPLY_DOUBT = "reply_doubt"
    ARTICLES = "articles"
    CLARIFY = "clarify"
    CLARIFY_ARTICLE = "clarify_article"
    SUMMARISE = "summarise"
    PASSED = "passed"
    SEARCHED_ONCE = "searched_once"
    NOT_TRANSLATED = "not_translated"
    TRANSLATION_LEFT_OUT = "translation_left_out"
    TRANSLATE = "translate"
    QUOTED_AS_WRITTEN = "quoted_as_written"


@cache
def _phrases() -> dict[str, dict[str, str]]:
    text = files(__package__).joinpath("phrases.json").read_text(encoding="utf-8")
    phrases: dict[str, dict[str, str]] = json.loads(text)
    return phrases


def languages() -> tuple[str, ...]:
    """Return the languages that all phrases are in, by BCP 47 code."""
    return tuple(_phrases()[Phrase.REFUSAL])


def phrase(name: Phrase, language: str) -> str:
    """Return a phrase in `language` (BCP 47), in English where it has not been translated.

    Example:
        >>> phrase(Phrase.CLOSEST, "fr-CA")
        'Passages les plus proches'
    """
    translations = _phrases()[name]
    primary = primary_subtag(language)
    return translations.get(primary, translations[FALLBACK])


def failure_note(name: Phrase, language: str, error: Exception) -> Message:
    """Return a phrase in `language` (BCP 47) about something that failed, and behind it why.

    Args:
        name: What an answer is without, because of the failure.
        language: BCP 47 code of the answer.
        error: What failed.
    """
    return Message("{failed} {reason}", failed=phrase(name, language), reason=message_of(error))
