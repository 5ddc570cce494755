"""What a question's form asks for: "how many" is not answered by a sentence without a number."""

from assistant.answering.asking.wording import asking_pattern
from assistant.answering.grounding.dates import find_dates
from assistant.answering.grounding.folding import fold
from assistant.answering.grounding.lexicon import lexicon
from assistant.answering.grounding.numerals import find_numbers

_YEARS = range(1000, 2101)


def asks_for_quantity(question: str, language: str) -> bool:
    """Return whether a question asks how many or how much.

    Args:
        question: Any question.
        language: BCP 47 code; languages the project has no words for never ask for one.

    Example:
        >>> asks_for_quantity("How many drones does Russia make?", "en"), asks_for_quantity("Who makes drones?", "en")
        (True, False)
    """
    pattern = asking_pattern("quantity_words.json", language)
    return pattern is not None and pattern.search(fold(question)) is not None


def states_quantity(sentence: str, language: str) -> bool:
    """Return whether a sentence states a number that is no date, or may do so in words the project cannot read.

    Args:
        sentence: Any sentence.
        language: BCP 47 code of the sentence.

    Example:
        >>> states_quantity("It was founded on 11 November 2026.", "en"), states_quantity("Nine members met.", "en")
        (False, True)
    """
    words = lexicon(language)
    if not words.cardinals and language.partition("-")[0] not in {"ja", "zh"}:
        return True
    dated = {
        value for mention in find_dates(sentence, words, language) for value in (*mention.days, *mention.years)
    } | set(_YEARS)
    return any(
        not all(value in dated for value in number.values)
        for number in find_numbers(sentence, words, language=language)
    )
