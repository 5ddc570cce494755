"""Questions for a quantity: "how many" is not answered by a text without a number."""

import re
from functools import cache

from assistant.answering.grounding.dates import find_dates
from assistant.answering.grounding.lexicon import lexicon
from assistant.answering.grounding.numerals import find_numbers
from assistant.language.normalise import clean, fold
from assistant.language.tags import primary_subtag
from assistant.language.word_lists import load_word_list, whole_words

# Numbers in Han characters are read without a word list.
_HAN = frozenset({"ja", "zh"})
# Words are not set apart there, and without its vowels "กี่" is a letter that most texts hold.
_VOWELS_ARE_MARKS = frozenset({"th"})
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
    primary = primary_subtag(language)
    pattern = _pattern(primary)
    return pattern is not None and pattern.search(_folded(question, primary)) is not None


def states_quantity(text: str, language: str) -> bool:
    """Return whether a text states a number that is no date, or may do so in words the project cannot read.

    Args:
        text: Any text.
        language: BCP 47 code of the text.

    Example:
        >>> states_quantity("It was founded on 11 November 2026.", "en"), states_quantity("Nine members met.", "en")
        (False, True)
    """
    words = lexicon(language)
    if not words.cardinals and primary_subtag(language) not in _HAN:
        return True
    dated = {value for mention in find_dates(text, words, language) for value in (*mention.days, *mention.years)}
    return any(
        not all(value in dated or value in _YEARS for value in number.values)
        for number in find_numbers(text, words, language=language)
    )


@cache
def _pattern(language: str) -> re.Pattern[str] | None:
    words = load_word_list(__package__, "quantity_words.json").get(language)
    if not words:
        return None
    either = "|".join(re.escape(_folded(word, language)) for word in sorted(words, key=len, reverse=True))
    return re.compile(whole_words(either, language, particles=True))


def _folded(text: str, language: str) -> str:
    return clean(text).casefold() if language in _VOWELS_ARE_MARKS else fold(text)
