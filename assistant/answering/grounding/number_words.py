"""Numbers written in words, and in Chinese characters."""

import re
import unicodedata
from decimal import Decimal

from assistant.answering.grounding.lexicon import Lexicon
from assistant.language.words import Word, bare_forms

ONE_AND_TWO = 2
"""Up to here a number in words may be an article, a pronoun or a dual form, and counts nothing."""


def read_words(listed: list[Word], index: int, lexicon: Lexicon) -> tuple[Decimal, int] | None:
    """Read the longest written-out number that begins at a word.

    Args:
        listed: The words of a folded text.
        index: Which of them to begin at.
        lexicon: The words of the text's language.

    Returns:
        Its value and the index of its last word, or None where none begins.

    Example:
        >>> from assistant.language.normalise import fold
        >>> from assistant.language.words import words
        >>> from assistant.answering.grounding.lexicon import lexicon
        >>> read_words(words(fold("two hundred and five men")), 0, lexicon("en"))
        (Decimal('205'), 3)
    """
    forms = bare_forms(listed[index].text)
    if lexicon.plurals.intersection(forms):
        return None
    value, counted = _compound(listed[index].text, lexicon)
    if value is not None and counted in lexicon.units:
        return value, index
    total, current, last, step = Decimal(0), Decimal(0), index - 1, index
    while step < len(listed) and not listed[step].is_digits:
        # "Dua puluh" is one number word of Indonesian.
        pair = lexicon.cardinals.get(f"{listed[step].text} {listed[step + 1].text}") if step + 1 < len(listed) else None
        parts = _spelt(listed[step].text, lexicon) if pair is None else [pair]
        if parts is None:
            if last >= index and listed[step].text in lexicon.connectors:
                step += 1
                continue
            break
        if last >= index and _join(current, parts[0]) is None:
            break
        for value in parts:
            total, current = _add(total, current, value)
        last = step if pair is None else step + 1
        step = last + 1
    return (total + current, last) if last >= index else None


def read_han(word: str) -> list[tuple[Decimal, str]]:
    """Read the numbers in a word that are written with Chinese characters, such as 二十五 or 三万.

    Example:
        >>> [(int(value), written) for value, written in read_han("约三万人")]
        [(30000, '三万')]
    """
    found = []
    for run in re.findall(r"[〇零一二三四五六七八九十百千万億亿兩两]+", word):
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
        found.append((total, run))
    return found


def _add(total: Decimal, current: Decimal, value: Decimal) -> tuple[Decimal, Decimal]:
    """Return what is read so far, with one more word: the part below a thousand apart."""
    if value >= 1000:
        return total + max(current, Decimal(1)) * value, Decimal(0)
    return total, _join(current, value) or value


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
    return _each(word.split("-"), lexicon) if "-" in word else None


def _each(parts: list[str], lexicon: Lexicon) -> list[Decimal] | None:
    values = [lexicon.cardinals.get(part) or lexicon.ordinals.get(part) for part in parts]
    return [value for value in values if value is not None] if all(values) else None


def read_compound(word: str, lexicon: Lexicon) -> Decimal | None:
    """Return the number in a word written with hyphens, whatever it counts; None for one, two and no number.

    Not every such word says how many there are of something ("three-dimensional"), and another language may well say it
    without a number.

    Example:
        >>> from assistant.answering.grounding.lexicon import lexicon
        >>> read_compound("twenty-five-storey", lexicon("en"))
        Decimal('25')
    """
    value, counted = _compound(word, lexicon)
    return value if counted and value and value > ONE_AND_TWO else None


def _compound(word: str, lexicon: Lexicon) -> tuple[Decimal | None, str]:
    """Return the number that a word with hyphens begins with, and the part behind it."""
    parts = word.split("-")
    # "Second" is a unit too.
    behind = next(
        (at for at, part in enumerate(parts) if at and (part in lexicon.units or not _each([part], lexicon))),
        len(parts),
    )
    values = _each(parts[:behind], lexicon)
    if values is None or behind == len(parts):
        return None, ""
    total, current = Decimal(0), Decimal(0)
    for value in values:
        total, current = _add(total, current, value)
    return total + current, parts[behind]
