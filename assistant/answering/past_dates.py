"""Notes on days that an article announces and that have passed by now."""

from dataclasses import replace
from datetime import date

from assistant.answering.answer import Answer, Citation
from assistant.answering.grounding.dates import find_dates
from assistant.answering.grounding.lexicon import lexicon
from assistant.answering.phrases import Phrase, phrase
from assistant.answering.relative_dates import day_in_words


def tell_what_has_passed(answer: Answer, today: date) -> Answer:
    """Return an answer with a note for each day that its quotes announce and that has passed.

    Args:
        answer: Any answer.
        today: The day it is.
    """
    days = dict.fromkeys(day for citation in answer.citations for day in announced(citation) if day < today)
    notes = [
        phrase(Phrase.PASSED, answer.language).format(date=day_in_words(day, answer.language)) for day in sorted(days)
    ]
    return replace(answer, notes=(*answer.notes, *notes)) if notes else answer


def announced(citation: Citation) -> list[date]:
    """Return the full dates in a quote that are later than its article's publication."""
    article = citation.article
    if article.published is None:
        return []
    found = []
    for mention in find_dates(citation.quote, lexicon(article.language), article.language, strict=True):
        if len(mention.months) == len(mention.days) == len(mention.years) == 1:
            (month,), (day,), (year,) = mention.months, mention.days, mention.years
            try:
                found.append(date(year, month, day))
            except ValueError:
                continue
    return [day for day in found if day > article.published]
