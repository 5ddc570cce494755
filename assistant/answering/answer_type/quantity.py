"""Questions for a quantity: "how many" is not answered by a text without a number."""

import json
import re
from functools import cache
from importlib.resources import files

from assistant.answering.grounding.dates import find_dates
from assistant.answering.grounding.folding import fold
from assistant.answering.grounding.lexicon import lexicon
from assistant.answering.grounding.numerals import find_numbers

_YEARS = range(1000, 2101)
# Written without spaces, so that a word is found anywhere.
_UNSPACED = frozenset({"ja", "ko", "th", "zh"})


def asks_for_quantity(question: str, language: str) -> bool:
    """Return whether a question asks how many or how much.

    Args:
        question: Any question.
        language: BCP 47 code; languages the project has no words for never ask for one.

    Example:
        >>> asks_for_quantity("How many drones does Russia make?", "en"), asks_for_quantity("Who makes drones?", "en")
        (True, False)
    """
    pattern = _pattern(language.partition("-")[0])
    return pattern is not None and pattern.search(fold(question)) is not None


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
    if not words.cardinals and language.partition("-")[0] not in {"ja", "zh"}:
        return True
    dated = {value for mention in find_dates(text, words, language) for value in (*mention.days, *mention.years)}
    return any(
        not all(value in dated or value in _YEARS for value in number.values)
        for number in find_numbers(text, words, language=language)
    )


@cache
def _pattern(language: str) -> re.Pattern[str] | None:
    listed: dict[str, list[str]] = json.loads(
        files(__package__).joinpath("quantity_words.json").read_text(encoding="utf-8")
    )
    words = sorted(map(fold, listed.get(language, ())), key=len, reverse=True)
    either = "|".join(map(re.escape, words))
    if not words:
        return None
    return re.compile(either if language in _UNSPACED else rf"(?<!\w)(?:{either})(?!\w)")
