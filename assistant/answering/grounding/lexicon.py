"""What each language calls months, weekdays, large numbers, units and currencies (CLDR), and its number words.

The names are those of the Unicode CLDR as Babel carries it; number words are in `number_words.json`, because Babel
leaves out CLDR's spell-out rules; `units.json` says which units are looked for, `date_words.json` what else than in
CLDR's forms stands in dates.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

from babel import Locale, UnknownLocaleError, localedata

from assistant.language.normalise import fold
from assistant.language.tags import primary_subtag
from assistant.language.word_lists import load_word_list
from assistant.language.words import words

PERCENT = "concentr-percent"
POUND = "mass-pound"
"""What "pounds" alone is listed as; it may be money too."""

# What the CLDR has in place of a day, a month ("d 'de' MMMM") or a thing ("{0} and {1}").
_DATE_FIELD = re.compile(r"'(?P<literal>[^']*)'|[A-Za-z]+")
_LIST_FIELD = re.compile(r"(?P<literal>)\{\d\}")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """A language's words, folded, and what each stands for.

    Attributes:
        months: Names and abbreviations of months, to their numbers (1 to 12).
        full_months: Those of `months` that are not abbreviations.
        weekdays: Names of weekdays, to 0 (Monday) to 6.
        magnitudes: "thousand", "million" and their like, to their value.
        plurals: Those of `magnitudes` that count nothing by themselves ("ملايين", millions).
        abbreviations: What "million" and its like are shortened to behind digits ("mln", "Mrd").
        units: Units and currencies, to the name CLDR gives them; what names several currencies ("dollar"), to the codes
            of all, with spaces between.
        cardinals: Number words, to their value; empty where the project has none for the language.
        ordinals: The same for "third" and its like.
        connectors: Words that may stand inside a written-out number.
        has_magnitudes_before: Whether "thousand" and its like stand before what they multiply.
        inside_dates: Words that may stand between day, month and year ("of").
        between_days: Words between two days of one month ("and", "to").
    """

    months: dict[str, int]
    full_months: frozenset[str]
    weekdays: dict[str, int]
    magnitudes: dict[str, Decimal]
    units: dict[str, str]
    plurals: frozenset[str] = frozenset()
    abbreviations: dict[str, Decimal] = field(default_factory=dict)
    cardinals: dict[str, Decimal] = field(default_factory=dict)
    ordinals: dict[str, Decimal] = field(default_factory=dict)
    connectors: frozenset[str] = frozenset()
    has_magnitudes_before: bool = False
    inside_dates: frozenset[str] = frozenset()
    between_days: frozenset[str] = frozenset()


@cache
def lexicon(language: str) -> Lexicon:
    """Return a language's words together with the English ones, which all languages borrow.

    Args:
        language: BCP 47 code; one that CLDR does not know gives English alone.
    """
    primary = primary_subtag(language)
    locales = [Locale.parse("en")]
    try:
        own = Locale.parse(primary)
    except (UnknownLocaleError, ValueError):
        own = locales[0]
    if primary == "ar":
        # The Levant, Iraq and the Maghreb have months of their own.
        regions = [name for name in localedata.locale_identifiers() if name.startswith("ar_")]
        locales += [Locale.parse(name) for name in sorted(regions)]
    locales.append(own)
    months: dict[str, int] = {}
    full: set[str] = set()
    weekdays: dict[str, int] = {}
    for locale in locales:
        for context in locale.months.values():
            for width in ("abbreviated", "wide"):
                named = {fold(name).rstrip("."): number for number, name in context.get(width, {}).items()}
                named = {name: number for name, number in named.items() if not name.isdigit()}
                months |= named
                full |= set(named) if width == "wide" else set()
        for context in locale.days.values():
            weekdays |= {fold(name): number for number, name in context.get("wide", {}).items()}
    english, spelt = (load_word_list(__package__, "number_words.json").get(code, {}) for code in ("en", primary))
    cardinals = _cardinals(spelt)
    plurals = _values(spelt.get("plural_magnitudes", {}))
    return Lexicon(
        months=months,
        full_months=frozenset(full),
        weekdays=weekdays,
        magnitudes=_magnitudes(locales[0]) | _magnitudes(own) | _values(spelt.get("magnitudes", {})) | plurals,
        plurals=frozenset(plurals),
        abbreviations=_values(english["abbreviations"]) | _abbreviations(own),
        units=_units("en", locales[0])
        | _units("en", Locale.parse("en_GB"))
        | _units(primary, own)
        | load_word_list(__package__, "units.json")["signs"],
        cardinals=cardinals,
        ordinals=_ordinals(spelt),
        connectors=frozenset(fold(word) for word in spelt.get("and", ())),
        has_magnitudes_before=spelt.get("magnitudes_before", False),
        inside_dates=_date_words("inside", primary)
        | _words_in(_DATE_FIELD, (pattern.pattern for pattern in own.date_formats.values())),
        between_days=_date_words("between", primary)
        | _words_in(_LIST_FIELD, (locale.list_patterns["standard"]["2"] for locale in (locales[0], own))),
    )


def is_currency(unit: str) -> bool:
    """Return whether the name of a unit is one of money, or may be."""
    return unit.isupper() or unit == POUND


def _date_words(place: str, primary: str) -> frozenset[str]:
    listed = load_word_list(__package__, "date_words.json")[place]
    return frozenset(word for code in {"en", primary} & listed.keys() for word in _split(listed[code]))


def _words_in(field: re.Pattern[str], patterns: Iterable[str]) -> frozenset[str]:
    """Return the words that patterns of the CLDR have beside their fields."""
    written = (field.sub(lambda match: f" {match['literal'] or ''} ", str(pattern)) for pattern in patterns)
    return frozenset(word.text for text in written for word in words(fold(text)))


def _magnitudes(locale: Locale) -> dict[str, Decimal]:
    formats = locale.compact_decimal_formats
    return _powers(formats.get("long", formats["short"]))


def _abbreviations(locale: Locale) -> dict[str, Decimal]:
    # A single letter is more often a unit: "m".
    short = {name.rstrip("."): value for name, value in _powers(locale.compact_decimal_formats["short"]).items()}
    return {name: value for name, value in short.items() if len(name) > 1 and name.isalpha()}


def _powers(formats: dict[str, Any]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for patterns in formats.values():
        for power, pattern in patterns.items():
            written = str(pattern.pattern).partition(";")[0]
            name = fold(re.sub(r"[0'\u00a0\u202f]", "", written)).strip()
            if name:
                found[name] = Decimal(power) / 10 ** max(written.count("0") - 1, 0)
    return found


def _units(language: str, locale: Locale) -> dict[str, str]:
    listed = load_word_list(__package__, "units.json")
    patterns = locale._data["unit_patterns"]  # noqa: SLF001 - Babel has no public way to list a unit's forms
    found: dict[str, str] = {}
    for unit in listed["units"]:
        for width in ("short", "long"):
            for pattern in patterns.get(unit, {}).get(width, {}).values():
                name = fold(str(pattern)).replace("{0}", "").strip()
                if len(name) > 2 or name in listed["short_units"] or not name.isascii():
                    found[name] = unit
    nouns: defaultdict[str, set[str]] = defaultdict(set)
    for code in listed["currencies"]:
        names = [locale.currencies.get(code, "")]
        names += locale._data["currency_names_plural"].get(code, {}).values()  # noqa: SLF001 - as above
        folded = {fold(str(name)) for name in names if name}
        found |= dict.fromkeys({*folded, fold(code)}, code)
        for name in folded:
            nouns[name.split()[0]].add(code)
            nouns[name.split()[-1]].add(code)
    # A word that begins or ends the names of several currencies is the money itself: "dollar", "рублей", "دينار".
    for noun, codes in nouns.items():
        if len(codes) > 1 and len(noun) > 2:
            found.setdefault(noun, " ".join(sorted(codes)))
    for unit, names in listed["words"].get(language, {}).items():
        found |= {fold(name): unit for name in names}
    found |= {fold(word): PERCENT for word in listed["percent"].get(language, ())}
    return {name: unit for name, unit in found.items() if not name.startswith("/")}


def _cardinals(spelt: dict[str, Any]) -> dict[str, Decimal]:
    """Return a language's cardinals, with those that it joins in one word ("fünfundzwanzig", "venticinque")."""
    cardinals = _values(spelt.get("cardinals", {}))
    if "joined" not in spelt:
        return cardinals
    joined = {}
    middle = spelt["joined"]
    for word, value in cardinals.items():
        for other, larger in cardinals.items():
            if value < 10 and larger in range(20, 100, 10):
                # Where nothing stands between them, the tens come first.
                joined[f"{word}{middle}{other}" if middle else f"{other}{word}"] = value + larger
            elif value < 10 and larger in {100, 1000}:
                joined[f"{word}{other}"] = value * larger
    return cardinals | joined


def _ordinals(spelt: dict[str, Any]) -> dict[str, Decimal]:
    ordinals = _values(spelt.get("ordinals", {}))
    endings = ["", *spelt.get("ordinal_endings", "").split(" | ")]
    return {f"{word}{ending}": value for word, value in ordinals.items() for ending in endings}


def _values(spelt: dict[str, str]) -> dict[str, Decimal]:
    return {word: Decimal(value) for value, listed in spelt.items() for word in _split(listed)}


def _split(listed: str) -> list[str]:
    return [fold(word) for word in listed.split(" | ")]
