"""`dateline`: the day that a line between an article's title and its body gives for it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import islice

from babel import Locale, UnknownLocaleError

from assistant.articles.dates import parse_date, years_in
from assistant.language.scripts import is_unspaced
from assistant.language.tags import primary_subtag
from assistant.language.word_lists import load_word_list, whole_words

# Lines below the title, and characters of one that may be a dateline.
_LINES = 5
_LONGEST_LINE = 120
_LONGEST_DATE = 50
# Places of a line at which a date may begin, and at which each may end: more are no dateline.
_BEGINNINGS, _ENDS = 12, 4
_DAY = re.compile(r"(?<!\d)\d{1,2}(?!\d)")
# "12-14 August 2026"; days written in figures have two marks.
_SEVERAL_DAYS = re.compile(r"(?<![\d./-])\d{1,2}\.?\s?[-–—/]\s?\d{1,2}(?![\d./-])")
_BEFORE, _BEHIND = r"[,،;；|·•(（。]\s*|\.\s+|\s[-–—]\s+", r" ?(?:[;；|·•()（）。]|\.(?=\s|\Z)|\Z)"
# As in "LYON, 12 August 2026 (Reuters) – The mayor said".
_AGENCY = re.compile(r"(?P<place>[^,،(]{2,40}?)\s*[,،(].{4,80}?(?=\s[-–—]{1,2}\s)")
_WORD = re.compile(r"\w+")
_DASHES = ("-", "–", "—")
_NOTE = re.compile(r" ?(?:\([^()]*\)|/[^/]*/) ?")
_PLACE_WORDS = 3


@dataclass(frozen=True, slots=True)
class _Dated:
    day: date
    has_label: bool


def dateline(text: str, title: str, language: str) -> date | None:
    r"""Return the day that a dateline gives: a short line near the top, or what opens an agency's report.

    The date has a place of its own in the line: it begins the line, or stands behind a comma, a full stop or a word
    like "updated", and nothing goes on behind it. Days in running text are not looked for. Of several days the first
    is taken where words like "updated" stand before the others, else none: they are a list of events.

    Args:
        text: The article's text.
        title: Its title, which is no dateline if the text begins with it.
        language: BCP 47 code of the text; its words for months are read.

    Example:
        >>> dateline("Derby\n\nBy Tom Garrity, 18 October 2026\n\nWexley won.", "Derby", "en")
        datetime.date(2026, 10, 18)
        >>> dateline("LYON, 12 Aug. 2026 – The mayor said so.", "The mayor", "en")
        datetime.date(2026, 8, 12)
        >>> dateline("Derby\n\nThe match was on 18 October 2026.", "Derby", "en")
    """
    lines = _top(text, title)
    if sum("|" in line for line in lines) > 1:
        lines = [line for line in lines if "|" not in line]  # rows of a table
    found = [dated for line in lines for dated in _in_line(line, language)]
    return found[0].day if found and all(dated.has_label for dated in found[1:]) else None


def _top(text: str, title: str) -> list[str]:
    # With single spaces: patterns that look for several take long on many.
    beginning = text[: 20 * _LINES * _LONGEST_LINE].splitlines()
    lines = [" ".join(line.split()).strip(" *_") for line in beginning if line.strip()]
    if lines and lines[0].startswith(title.rstrip("…")):
        del lines[0]
    return lines[:_LINES]


def _in_line(line: str, language: str) -> Iterator[_Dated]:
    """Yield the days that a line gives as datelines do, in its order."""
    agency = _AGENCY.match(line)
    if agency and _is_place(agency["place"]):
        line = _NOTE.sub(" ", agency[0]).strip()
    elif len(line) > _LONGEST_LINE:
        return
    begins, behind = _edges(language)
    ends = [match.start() for match in behind.finditer(line)]
    place = 0
    for match in islice(begins.finditer(line), _BEGINNINGS):
        start = match.end()
        if start < place or (not match["label"] and _goes_on(line[:start], language)):
            continue
        for end in sorted((end for end in ends if 0 < end - start <= _LONGEST_DATE), reverse=True)[:_ENDS]:
            day = _day(line[start:end], language)
            if day is not None:
                yield _Dated(day, bool(match["label"]))
                place = end
                break


@cache
def _edges(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return patterns of what stands before a date, up to it, and of the places where it may end."""
    space = r"|\s+" if is_unspaced(language) else ""
    words = load_word_list(__package__, "dateline_words.json").get(primary_subtag(language), ())
    choices = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    label = rf"(?P<label>(?:{whole_words(choices, language)}[\s:：]*)+)?" if choices else "(?P<label>(?!))?"
    return re.compile(rf"(?:\A|{_BEFORE}{space}){label}", re.IGNORECASE), re.compile(_BEHIND + space)


def _is_place(text: str) -> bool:
    """Return whether words can be the place of an agency's report: in capitals, where the script has any."""
    return text.isupper() or (text.lower() == text.upper() and len(text.split()) <= _PLACE_WORDS)


def _day(written: str, language: str) -> date | None:
    if not _DAY.search(written) or not years_in(written) or _SEVERAL_DAYS.search(written):
        return None
    day = parse_date(written, language, in_any_language=False)
    first, _, rest = written.partition(" ")
    # Of "from 3 May 2026", the date alone is read as well.
    is_more = first[:1].isalpha() and not _is_weekday(first, language)
    return None if is_more and day and parse_date(rest, language, in_any_language=False) == day else day


def _goes_on(before: str, language: str) -> bool:
    """Return whether what stands before a date belongs to it: a weekday, or the first day of several."""
    words = _WORD.findall(before)
    is_span = before.rstrip().endswith(_DASHES) and any(map(str.isdigit, before))
    return is_span or (bool(words) and _is_weekday(words[-1], language))


def _is_weekday(word: str, language: str) -> bool:
    return word.casefold().strip(".,،") in _weekdays(primary_subtag(language))


@cache
def _weekdays(language: str) -> frozenset[str]:
    try:
        days = Locale.parse(language).days
    except (UnknownLocaleError, ValueError):
        return frozenset()
    return frozenset(
        day.casefold().strip(".") for widths in days.values() for names in widths.values() for day in names.values()
    )
