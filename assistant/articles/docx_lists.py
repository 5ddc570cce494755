"""`mark_numbers`, `set_numbers`: the numbers of a Word document's lists, through a converter that does not know them.

Word numbers the paragraphs of a list across what stands between them; a converter to HTML begins a new list behind each
other paragraph. So each numbered paragraph gets a mark with its number before it is converted, and its list item that
number behind.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lxml import etree

from assistant.articles.html_text import drop

# Signs for writing sign languages, which are in no article.
_OPEN, _CLOSE = "\U0001d800", "\U0001d801"
_MARK = re.compile(f"{_OPEN}([0-9]+)([aAiI1]){_CLOSE}")
_TYPES = {"lowerLetter": "a", "upperLetter": "A", "lowerRoman": "i", "upperRoman": "I"}
_UNNUMBERED = frozenset({"bullet", "none"})
_MOST_STYLES = 20  # that one is based on
_LEVELS = 9


@dataclass(slots=True)
class _Level:
    start: int = 1
    format: str = "decimal"


@dataclass(slots=True)
class _List:
    """A list of the document: the counters it shares with others, how its levels count, and which begin anew."""

    counters: dict[int, int]
    levels: Mapping[int, _Level]
    restarts: dict[int, int] = field(default_factory=dict)


def mark_numbers(document: etree._Element, numbering: etree._Element | None, styles: etree._Element | None) -> None:
    """Put a mark with its number before the text of each numbered paragraph.

    Args:
        document: The document's text, which is changed.
        numbering: What it says of its lists, if anything.
        styles: Its styles, if it has some.
    """
    lists = _lists(numbering) if numbering is not None else {}
    of_style = _styles(styles) if styles is not None and lists else {}
    if not lists:
        return
    for paragraph in document.iter("{*}p"):
        properties = paragraph.find("{*}pPr")
        if properties is None:
            continue
        number, level = _list_of(properties, of_style)
        found = lists.get(number or "")
        if found is not None:
            _mark(paragraph, properties, _next(found, level), found.levels.get(level, _Level()).format)


def set_numbers(tree: etree._Element) -> None:
    """Give the list items of converted HTML the numbers that their marks say, and remove the marks."""
    for element in tree.iter():
        if isinstance(element.tag, str) and element.text and (mark := _MARK.search(element.text)):
            item = next((one for one in (element, *element.iterancestors()) if one.tag == "li"), None)
            parent = item.getparent() if item is not None else None
            if item is not None and parent is not None and parent.tag == "ol" and "value" not in item.attrib:
                item.set("value", mark[1])
                parent.set("type", mark[2])
            element.text = _MARK.sub("", element.text)
        if element.tail and _OPEN in element.tail:
            element.tail = _MARK.sub("", element.tail)
    for item in [item for item in tree.iter("li") if not "".join(item.itertext()).strip() and not len(item)]:
        drop(item)


def _mark(paragraph: etree._Element, properties: etree._Element, number: int, form: str) -> None:
    if form in _UNNUMBERED:
        return
    word = etree.QName(paragraph).namespace
    run = etree.Element(f"{{{word}}}r")
    etree.SubElement(run, f"{{{word}}}t").text = f"{_OPEN}{number}{_TYPES.get(form, '1')}{_CLOSE}"
    properties.addnext(run)


def _next(found: _List, level: int) -> int:
    """Return the number of the next paragraph of a list; those of deeper levels begin anew."""
    start = found.restarts.pop(level, None)
    if start is None:
        start = found.counters[level] + 1 if level in found.counters else found.levels.get(level, _Level()).start
    found.counters[level] = start
    for deeper in [one for one in found.counters if one > level]:
        del found.counters[deeper]
    return start


def _list_of(
    properties: etree._Element, of_style: Mapping[str, tuple[str | None, int | None]]
) -> tuple[str | None, int]:
    """Return which list a paragraph is of, and at which level, from 0: as it says itself, else as its style does."""
    style = properties.find("{*}pStyle")
    number, level = of_style.get(_value(style), (None, None)) if style is not None else (None, None)
    own = properties.find("{*}numPr")
    if own is not None:
        number = _value(own.find("{*}numId")) or number
        own_level = own.find("{*}ilvl")
        level = _integer(own_level, 0) if own_level is not None else level
    return number, min(max(level or 0, 0), _LEVELS - 1)


def _lists(numbering: etree._Element) -> dict[str, _List]:
    """Return the lists of a document, by their numbers. Those of one kind go on counting where another has ended."""
    kinds = {
        _attribute(kind, "abstractNumId"): {
            _integer_of(_attribute(level, "ilvl"), 0): _level(level) for level in kind.findall("{*}lvl")
        }
        for kind in numbering.findall("{*}abstractNum")
    }
    counters: dict[str, dict[int, int]] = {kind: {} for kind in kinds}
    found = {}
    for one in numbering.findall("{*}num"):
        kind = _value(one.find("{*}abstractNumId"))
        if kind not in kinds:
            continue
        restarts = {
            _integer_of(_attribute(override, "ilvl"), 0): _integer(override.find("{*}startOverride"), 1)
            for override in one.findall("{*}lvlOverride")
            if override.find("{*}startOverride") is not None
        }
        found[_attribute(one, "numId")] = _List(counters[kind], kinds[kind], restarts)
    return found


def _level(level: etree._Element) -> _Level:
    return _Level(_integer(level.find("{*}start"), 1), _value(level.find("{*}numFmt")) or "decimal")


def _styles(styles: etree._Element) -> dict[str, tuple[str | None, int | None]]:
    """Return the list and level of each paragraph style, taken from the style that it is based on where it has none."""
    by_name = {_attribute(style, "styleId"): style for style in styles.findall("{*}style")}
    found = {}
    for name, style in by_name.items():
        number: str | None = None
        level: int | None = None
        for one in _bases(style, by_name):
            own = one.find("{*}pPr/{*}numPr")
            if own is not None:
                number = number or _value(own.find("{*}numId")) or None
                own_level = own.find("{*}ilvl")
                level = _integer(own_level, 0) if level is None and own_level is not None else level
        found[name] = (number, level)
    return found


def _bases(style: etree._Element, by_name: Mapping[str, etree._Element]) -> Iterable[etree._Element]:
    one: etree._Element | None = style
    for _ in range(_MOST_STYLES):
        if one is None:
            return
        yield one
        one = by_name.get(_value(one.find("{*}basedOn")))


def _value(element: etree._Element | None) -> str:
    return _attribute(element, "val") if element is not None else ""


def _attribute(element: etree._Element, name: str) -> str:
    return next((value for key, value in element.attrib.items() if etree.QName(key).localname == name), "")


def _integer(element: etree._Element | None, otherwise: int) -> int:
    return _integer_of(_value(element), otherwise)


def _integer_of(text: str, otherwise: int) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else otherwise
