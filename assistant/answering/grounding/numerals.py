"""Numbers in a text, whatever digits, separators or words they are written with."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from assistant.answering.grounding.eras import in_common_era
from assistant.answering.grounding.lexicon import Lexicon
from assistant.answering.grounding.number_words import read_compound, read_han, read_words
from assistant.language.normalise import fold
from assistant.language.scripts import UNSPACED_SCRIPTS, script_of
from assistant.language.words import YEAR, Word, words

_GROUPED = re.compile(r"\d{1,3}(?:(?P<mark>[.,٬'\u202f])\d{2,3})(?:(?P=mark)\d{2,3})*\Z")
_LAST_GROUP = re.compile(r"\d{3}\Z")
_DECIMAL_MARKS = ".,٫"
# Korean parts words, but writes what is counted onto the magnitude.
_UNSPACED = UNSPACED_SCRIPTS | {"HANGUL"}
_ARABIC_GROUPS = re.compile(r"(?<!\d،)[1-9]\d{0,2}(?:،\d{3})+(?![،.,٫]?\d)")
_DASHES = {"–", "—"}


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text.

    Attributes:
        values: What it may stand for; several where a separator can be read two ways ("1.234").
        text: How it is written, folded.
        first: Index of its first word among the text's words.
        last: Index of its last word.
        spelt: Whether it is written in words.
    """

    values: frozenset[Decimal]
    text: str
    first: int
    last: int
    spelt: bool = False


def find_numbers(text: str, lexicon: Lexicon, *, language: str = "en") -> list[Number]:
    """Find the numbers of a text, in digits and in words, with "million" and its like multiplied in.

    Args:
        text: Any text.
        lexicon: The words of the text's language.
        language: BCP 47 code of the text.

    Example:
        >>> from assistant.answering.grounding.lexicon import lexicon
        >>> [sorted(map(int, n.values)) for n in find_numbers("1200 men and twenty-five", lexicon("en"))]
        [[1200], [25]]
    """
    folded = fold(text)
    folded_words = words(folded)
    found: list[Number] = []
    index = 0
    while index < len(folded_words):
        number = _in_digits(folded, folded_words, index, lexicon) or _in_words(folded_words, index, lexicon)
        if number is None:
            han = read_han(folded_words[index].text)
            found += [Number(frozenset({value}), run, index, index, spelt=True) for value, run in han]
            index += 1
            continue
        years = {in_common_era(value, language) for value in number.values}
        found.append(replace(number, values=number.values | years))
        index = number.last + 1
    return found


def find_compounds(text: str, lexicon: Lexicon) -> list[Number]:
    """Find the numbers in words such as "twenty-storey", which `find_numbers` leaves out.

    Args:
        text: Any text.
        lexicon: The words of the text's language.

    Example:
        >>> from assistant.answering.grounding.lexicon import lexicon
        >>> [number.text for number in find_compounds("a twenty-storey tower", lexicon("en"))]
        ['twenty-storey']
    """
    read = [(index, word.text, read_compound(word.text, lexicon)) for index, word in enumerate(words(fold(text)))]
    return [Number(frozenset({value}), written, index, index, spelt=True) for index, written, value in read if value]


def read_digits(written: str) -> list[frozenset[Decimal]]:
    """Return the readings of a number in ASCII digits; of several numbers run together, as in a date, one each.

    Example:
        >>> [sorted(map(str, values)) for values in read_digits("1.234")]
        [['1.234', '1234']]
    """
    parts = re.split(r"[^\d]", written)
    if len(parts) == 1:
        return [frozenset({Decimal(written)})]
    readings = set()
    grouped = _GROUPED.match(written)
    if grouped and _LAST_GROUP.search(written):
        readings.add(Decimal("".join(parts)))
    marks = re.findall(r"[^\d]", written)
    if marks[-1] in _DECIMAL_MARKS and marks.count(marks[-1]) == 1 and len(set(marks[:-1])) <= 1:
        whole = written[: len(written) - len(parts[-1]) - 1]
        if len(marks) == 1 or _GROUPED.match(whole):
            readings.add(Decimal("".join(parts[:-1]) + "." + parts[-1]))
    return [frozenset(readings)] if readings else [frozenset({Decimal(part)}) for part in parts]


def _in_digits(folded: str, listed: list[Word], index: int, lexicon: Lexicon) -> Number | None:
    if not listed[index].is_digits:
        return None
    # An Arabic comma also parts the items of a list, and so only whole groups of three are one number.
    groups = _ARABIC_GROUPS.match(folded, listed[index].start)
    written = groups[0].replace("،", ",") if groups else listed[index].text
    end = index + written.count(",") if groups else index
    readings = read_digits(written)
    if len(readings) > 1:
        # "11.11.2026": dates read its parts; here any of them counts as there.
        return Number(frozenset().union(*readings), written, index, index)
    factor, last = _magnitude_after(listed, end, lexicon)
    is_behind = lexicon.has_magnitudes_before and factor == 1 and index > 0
    before = _magnitude_of(listed[index - 1], lexicon) if is_behind else None
    values = frozenset(value * (before or factor) for value in readings[0])
    if end == index:
        values |= _year_of_a_range(folded, listed, index)
    return Number(values, " ".join([written, *(word.text for word in listed[end + 1 : last + 1])]), index, last)


def _year_of_a_range(folded: str, listed: list[Word], index: int) -> frozenset[Decimal]:
    """Return the year that ends a range and is written with two digits, as in "1998–99"."""
    year, text = listed[index - 1].text, listed[index].text
    dash = folded[listed[index - 1].end : listed[index].start] if index else ""
    if len(text) != 2 or not YEAR.fullmatch(year):
        return frozenset()
    # "2008-09" may be a month.
    is_range = dash in _DASHES or (dash == "-" and int(text) > 12)
    if not is_range or int(text) <= int(year[2:]):
        return frozenset()
    return frozenset({Decimal(year[:2] + text)})


def _magnitude_after(listed: list[Word], index: int, lexicon: Lexicon) -> tuple[Decimal, int]:
    factor, last = Decimal(1), index
    if index + 1 < len(listed):
        shortened = lexicon.abbreviations.get(listed[index + 1].text)
        if shortened:
            return shortened, index + 1
    while last + 1 < len(listed) and (step := _magnitude_of(listed[last + 1], lexicon)):
        factor *= step
        last += 1
    return factor, last


def _magnitude_of(word: Word, lexicon: Lexicon) -> Decimal | None:
    if word.text in lexicon.magnitudes:
        return lexicon.magnitudes[word.text]
    # Scripts without spaces write what is counted onto the magnitude.
    longest = max(
        (name for name in lexicon.magnitudes if _is_unspaced(name) and len(name) <= 4 and word.text.startswith(name)),
        key=len,
        default=None,
    )
    return lexicon.magnitudes[longest] if longest else None


def _is_unspaced(name: str) -> bool:
    return script_of(name[0]) in _UNSPACED


def _in_words(listed: list[Word], index: int, lexicon: Lexicon) -> Number | None:
    read = read_words(listed, index, lexicon)
    if read is None:
        return None
    value, last = read
    text = " ".join(word.text for word in listed[index : last + 1])
    return Number(frozenset({value}), text, index, last, spelt=True)
