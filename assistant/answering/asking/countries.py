"""Whether a question asks for a country, and whether a sentence names one that the question does not name."""

import re

from assistant.answering.asking.places import find_places, names_country_besides
from assistant.answering.asking.vocabulary import vocabulary
from assistant.answering.asking.wording import asking_pattern
from assistant.answering.grounding.folding import fold

_WRITTEN_ON = "وفبل"
# "Which country singer" asks for no country.
_MUSIC = re.compile(r" countr(?:y|ies) (?:band|club|house|music|road|singer|song|star)")


def asks_for_country(question: str, language: str) -> bool:
    """Return whether a question asks which country.

    Args:
        question: Any question.
        language: BCP 47 code; languages the project has no words for never ask for one.

    Example:
        >>> asks_for_country("Which countries took part?", "en"), asks_for_country("Which country singer came?", "en")
        (True, False)
    """
    folded = fold(question)
    pattern = asking_pattern("country_words.json", language, _WRITTEN_ON)
    return pattern is not None and pattern.search(folded) is not None and not _MUSIC.search(folded)


def states_country(text: str, language: str, question: str, question_language: str) -> bool:
    """Return whether a text names a country, or its people, that the question does not name.

    Args:
        text: Any text.
        language: BCP 47 code of the text. In one that the CLDR has no names in, it may always name one.
        question: What it is to answer.
        question_language: BCP 47 code of the question.

    Example:
        >>> states_country("Russia sells arms.", "en", "To which countries does Russia sell arms?", "en")
        False
    """
    return names_country_besides(find_places(question, question_language), language, vocabulary(text))
