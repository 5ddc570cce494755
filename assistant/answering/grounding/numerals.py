"""Numbers in a text, whatever digits, separators or words they are written with."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from assistant.answering.grounding.folding import Word, bare_forms, fold, words
from assistant.answering.grounding.lexicon import Lexicon

_GROUPED = re.compile(r"\d{1,3}(?:(?P<mark>[.,٬'\u202f])\d{2,3})(?:(?P=mark)\d{2,3})*\Z")
_LAST_GROUP = re.compile(r"\d{3}\Z")
_DECIMAL_MARKS = ".,٫"
_BUDDHIST_ERA = 543


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
        >>> [sorted(map(int, n.values)) for n in find_numbers("1,200 men and twenty-five", lexicon("en"))]
        [[1200], [25]]
    """
    folded_words = words(fold(text))
    found: list[Number] = []
    index = 0
    while index < len(folded_words):
        number = _in_digits(folded_words, index, lexicon) or _in_words(folded_words, index, lexicon)
        if number is None:
            found += _in_han(folded_words[index], index)
            index += 1
            continue
        if language == "th" and any(2400 < value < 2700 for value in number.values):
            years = frozenset(value - _BUDDHIST_ERA for value in number.values)
            number = Number(number.values | years, number.text, number.first, number.last)
        found.append(number)
        index = number.last + 1
    return found


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


def _in_digits(folded: list[Word], index: int, lexicon: Lexicon) -> Number | None:
    if not folded[index].is_digits:
        return None
    readings = read_digits(folded[index].text)
    if len(readings) > 1:
        # "11.11.2026": dates read its parts; here any of them counts as there.
        return Number(frozenset().union(*readings), folded[index].text, index, index)
    factor, last = _magnitude_after(folded, index, lexicon)
    before = _magnitude_of(folded[index - 1], lexicon) if factor == 1 and index and _written_before(lexicon) else None
    values = frozenset(value * (before or factor) for value in readings[0])
    return Number(values, " ".join(word.text for word in folded[index : last + 1]), index, last)


def _magnitude_after(folded: list[Word], index: int, lexicon: Lexicon) -> tuple[Decimal, int]:
    factor, last = Decimal(1), index
    while last + 1 < len(folded) and (step := _magnitude_of(folded[last + 1], lexicon)):
        factor *= step
        last += 1
    return factor, last


def _magnitude_of(word: Word, lexicon: Lexicon) -> Decimal | None:
    if word.text in lexicon.magnitudes:
        return lexicon.magnitudes[word.text]
    # Scripts without spaces write what is counted onto the magnitude.
    longest = max(
        (name for name in lexicon.magnitudes if not name.isascii() and len(name) <= 4 and word.text.startswith(name)),
        key=len,
        default=None,
    )
    return lexicon.magnitudes[longest] if longest and unicodedata.category(longest[0]) == "Lo" else None


def _written_before(lexicon: Lexicon) -> bool:
    return "elfu" in lexicon.magnitudes


def _in_words(folded: list[Word], index: int, lexicon: Lexicon) -> Number | None:
    """Read the longest spelt-out number that begins at a word."""
    total, current, last, step = Decimal(0), Decimal(0), index - 1, index
    while step < len(folded) and not folded[step].is_digits:
        parts = _spelt(folded[step].text, lexicon)
        if parts is None:
            if last >= index and folded[step].text in lexicon.connectors:
                step += 1
                continue
            break
        joined = [_join(current, value) for value in parts[:1]]
        if last >= index and joined[0] is None:
            break
        for value in parts:
            if value >= 1000:
                total += max(current, Decimal(1)) * value
                current = Decimal(0)
            else:
                current = _join(current, value) or value
        last = step
        step += 1
    if last < index:
        return None
    text = " ".join(word.text for word in folded[index : last + 1])
    return Number(frozenset({total + current}), text, index, last, spelt=True)


def _join(current: Decimal, value: Decimal) -> Decimal | None:
    """Return what two number words in a row mean together, or None where they are two numbers."""
    if value >= 1000 or not current:
        return max(current, Decimal(1)) * value if value >= 1000 else value
    if value == 100:
        return current * 100 if current < 100 else None
    ones, tens = current % 10, current % 100
    if value > 100:
        return None
    fits = tens == 0 or (ones == 0 and value < 10) or (tens < 10 and value >= 10)
    return current + value if fits else None


def _spelt(word: str, lexicon: Lexicon) -> list[Decimal] | None:
    """Return the value of a number word, or of each part of one written with hyphens."""
    for form in bare_forms(word):
        value = lexicon.cardinals.get(form) or lexicon.ordinals.get(form)
        if value is None and lexicon.cardinals:
            value = lexicon.magnitudes.get(form)
        if value is not None:
            return [value]
    parts = word.split("-")
    values = [lexicon.cardinals.get(part) or lexicon.ordinals.get(part) for part in parts]
    return [value for value in values if value is not None] if len(parts) > 1 and all(values) else None


def _in_han(word: Word, index: int) -> list[Number]:
    """Read numbers written with Chinese characters, such as 二十五 or 三万."""
    found = []
    for run in re.findall(r"[〇零一二三四五六七八九十百千万億亿兩两]+", word.text):
        total, section, digit = Decimal(0), Decimal(0), Decimal(0)
        digits = [Decimal(2) if char in "兩两" else Decimal(str(unicodedata.numeric(char))) for char in run]
        if len(run) > 1 and all(value < 10 for value in digits):
            total = Decimal("".join(str(int(value)) for value in digits))
        else:
            for value in digits:
                if value < 10:
                    digit = value
                elif value < 10_000:
                    section += max(digit, Decimal(1)) * value
                    digit = Decimal(0)
                else:
                    total += max(section + digit, Decimal(1)) * value
                    section = digit = Decimal(0)
            total += section + digit
        found.append(Number(frozenset({total}), run, index, index, spelt=True))
    return found
