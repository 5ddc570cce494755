"""`parse_date`: the day a piece of metadata names, or none rather than a wrong one."""

import re
from datetime import date, datetime
from typing import Any

_LONGEST = 100
_COMPACT = re.compile(r"\d{8}")
_HAS_YEAR = re.compile(r"\d{4}")
_FULL_DATES_ONLY: dict[str, Any] = {
    "PARSERS": ["absolute-time"],
    "STRICT_PARSING": True,
    "REQUIRE_PARTS": ["day", "month", "year"],
}


def parse_date(value: str | None) -> date | None:
    """Return the day that `value` names, as it is written there (no time zone is applied), or None.

    A date without day, month or four-digit year names no day; neither does `03/04/2024`, which is March in one
    country and April in another.

    Args:
        value: A date in ISO 8601, RFC 5322, or words of any language `dateparser` knows.

    Example:
        >>> parse_date("11 نوفمبر 2026"), parse_date("2024-05-03T23:30:00Z"), parse_date("03/04/2024")
        (datetime.date(2026, 11, 11), datetime.date(2024, 5, 3), None)
    """
    text = (value or "").strip()
    if not text or len(text) > _LONGEST or not _HAS_YEAR.search(text):
        return None
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None if _COMPACT.fullmatch(text) else _parse_words(text)


def _parse_words(text: str) -> date | None:
    import dateparser  # noqa: PLC0415 - half a second that dates in ISO form need not pay

    readings = {
        found.date()
        for order in ("DMY", "MDY")
        if (found := dateparser.parse(text, settings={**_FULL_DATES_ONLY, "DATE_ORDER": order}))
    }
    return readings.pop() if len(readings) == 1 else None
