"""`parse_date`: the day a piece of metadata names, or none rather than a wrong one."""

import re
import unicodedata
from datetime import date, datetime
from typing import Any

_LONGEST = 100
_COMPACT = re.compile(r"\d{8}")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_TWO_NAMES = re.compile(r"([^\W\d_]+) ?/ ?([^\W\d_]+)")
_SAME_DAY = re.compile(r"الموافق|\|")
_NUMERALS = re.compile(r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})")
_DOTTED = re.compile(r"(?<![\d.])\d{1,2}\.\d{1,2}\.\d{4}(?!\d)")
_FULL_DATES_ONLY: dict[str, Any] = {
    "PARSERS": ["absolute-time"],
    "STRICT_PARSING": True,
    "REQUIRE_PARTS": ["day", "month", "year"],
}
# The month of Syria, Lebanon, Iraq and Jordan, which "ar" alone does not have.
_LEVANTINE = "ar-SY"
# Years before are of other calendars; later ones are no day of publication, but of the Buddhist calendar, say.
_FIRST, _LAST = 1600, 2200
_OTHER_CALENDARS = range(1200, _FIRST)
_CALENDAR_OF = {"fa": "jalali", "ar": "hijri", "ur": "hijri"}


def parse_date(value: str | None, language: str | None = None, *, in_any_language: bool = True) -> date | None:
    """Return the day that `value` names, as it is written there (no time zone is applied), or None.

    A date without day, month or four-digit year names no day; neither does `03/04/2024`, which is March in one
    country and April in another. Days of the Iranian (Jalali) and the Islamic calendar (Hijri, as Umm al-Qura has it)
    are converted where the name of the month, or failing that the language, says which of the two it is.

    Args:
        value: A date in ISO 8601, RFC 5322, or words of any language `dateparser` knows.
        language: The language that its article is in, as a BCP 47 code.
        in_any_language: Whether words of other languages are read too, which takes a second the first time.

    Example:
        >>> parse_date("11 نوفمبر 2026"), parse_date("2024-05-03T23:30:00Z"), parse_date("03/04/2024")
        (datetime.date(2026, 11, 11), datetime.date(2024, 5, 3), None)
        >>> parse_date("۱۷ اردیبهشت ۱۴۰۳"), parse_date("1403-02-17"), parse_date("1403-02-17", "fa")
        (datetime.date(2024, 5, 6), None, datetime.date(2024, 5, 6))
    """
    text = _western_digits((value or "").strip())
    # A day in both calendars: the one of ours is read.
    parts = [part for part in _SAME_DAY.split(text) if any(_is_ours(year) for year in years_in(part))]
    text = parts[0].strip() if len(parts) == 1 else text
    years = years_in(text)
    if not text or len(text) > _LONGEST or not (years or _COMPACT.match(text)):
        return None
    if any(year in _OTHER_CALENDARS for year in years):
        return _of_other_calendar(text, (language or "").partition("-")[0])
    try:
        found: date | None = datetime.fromisoformat(text).date()
    except ValueError:
        found = None if _COMPACT.fullmatch(text) else _parse_words(text, None if in_any_language else language)
    return found if found is not None and _is_ours(found.year) else None


def years_in(text: str) -> list[int]:
    """Return the numbers of four digits in a text, in the digits of any script.

    Example:
        >>> years_in("from 1998 to ٢٠٠١, 15000 people")
        [1998, 2001]
    """
    return [int(year) for year in _YEAR.findall(text)]


def _is_ours(year: int) -> bool:
    return _FIRST <= year < _LAST


def _western_digits(text: str) -> str:
    return "".join(str(unicodedata.digit(char)) if char.isdecimal() else char for char in text)


def _parse_words(text: str, language: str | None) -> date | None:
    """Return the day, where reading it as day before month and the other way round gives no two.

    Args:
        text: The date.
        language: The one whose words are read; those of all languages where there is none.
    """
    import dateparser  # noqa: PLC0415 - half a second that dates in ISO form need not pay

    languages = [language.partition("-")[0]] if language else None
    # "6 مايو/أيار 2024" names the month twice, for readers of two regions.
    spellings = {_TWO_NAMES.sub(rf"\{place}", text) for place in (1, 2)}
    readings = set()
    for spelling in spellings:
        # Where numbers are parted by points, the day is first.
        for order in ("DMY",) if _DOTTED.search(text) else ("DMY", "MDY"):
            settings = {**_FULL_DATES_ONLY, "DATE_ORDER": order}
            try:
                found = dateparser.parse(spelling, languages=languages, settings=settings)
            except ValueError:
                # It does not know the language.
                return None
            if found is None and languages in (None, ["ar"]):
                found = dateparser.parse(spelling, locales=[_LEVANTINE], settings=settings)
            readings |= {found.date()} if found else set()
    return readings.pop() if len(readings) == 1 else None


def _of_other_calendar(text: str, language: str) -> date | None:
    if numerals := _NUMERALS.match(text):
        calendar = _CALENDAR_OF.get(language)
        if calendar == "jalali":
            return _jalali(int(numerals["year"]), int(numerals["month"]), int(numerals["day"]))
        return _hijri(numerals[0]) if calendar == "hijri" else None
    from persiantools.jdatetime import MONTH_NAMES_FA  # noqa: PLC0415 - few dates need it

    months = [name for name in MONTH_NAMES_FA if name]
    found = re.search(rf"(?<!\d)(\d{{1,2}})\s+({'|'.join(months)})(?!\w)\D*(\d{{4}})", text)
    if found:
        return _jalali(int(found[3]), months.index(found[2]) + 1, int(found[1]))
    return _hijri(text)


def _jalali(year: int, month: int, day: int) -> date | None:
    from persiantools.jdatetime import JalaliDate  # noqa: PLC0415 - see above

    try:
        return JalaliDate(year, month, day).to_gregorian()
    except ValueError:
        return None


def _hijri(text: str) -> date | None:
    from dateparser.calendars.hijri import HijriCalendar  # noqa: PLC0415 - see above

    try:
        found = HijriCalendar(text).get_date()
    except (ArithmeticError, LookupError, ValueError):
        return None  # a day that the calendar does not have
    is_whole = found is not None and {"year", "month", "day"} <= set(found.parts or ())
    return found.date_obj.date() if is_whole and found.date_obj else None
