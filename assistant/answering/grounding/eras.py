"""Years that are counted from another event than those of the common era."""

from decimal import Decimal
from typing import TypeVar

from assistant.language.tags import primary_subtag

_BUDDHIST_ERA = 543
_BUDDHIST_YEARS = frozenset(range(2401, 2700))
_Year = TypeVar("_Year", int, Decimal)


def in_common_era(year: _Year, language: str) -> _Year:
    """Return a year of the common era: in Thai one that can only be of the Buddhist era is reckoned from there.

    Args:
        year: Any number.
        language: BCP 47 code of the text that names it.

    Example:
        >>> in_common_era(2569, "th-TH"), in_common_era(2569, "en")
        (2026, 2569)
    """
    is_buddhist = year in _BUDDHIST_YEARS and primary_subtag(language) == "th"
    return year - _BUDDHIST_ERA if is_buddhist else year
