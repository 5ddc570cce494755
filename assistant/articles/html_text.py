"""`segments` and `text_of`: what a reader of an HTML tree sees, a paragraph, list item or row at a time."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from lxml import etree, html

from assistant.articles.article import CELL_SEPARATOR, Section
from assistant.articles.lines import join_lines
from assistant.articles.structure import StructuredText

TextNode = tuple[Any, bool]
"""A string of a tree: an element, and whether it is the string behind the element rather than its first inside."""

_UNSEEN = frozenset(
    "area audio base button canvas datalist embed frame frameset head iframe input link map meta meter "
    "noframes noscript object option param progress rp rt script select source style svg template "
    "textarea title track video".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu "
    "nav ol optgroup p plaintext pre search section summary table tbody td tfoot th thead tr ul xmp".split()
)
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_LISTS = frozenset({"ul", "ol", "menu", "dir", "dl"})
_VERBATIM = frozenset({"pre", "listing", "plaintext", "xmp"})
_HIDDEN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_HIDDEN_CLASSES = frozenset({"sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text"})
_RAISED = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_SHIFTED = re.compile(r"[0-9+\-−=()ni]*[0-9n][0-9+\-−=()ni]*")
_SOFT_HYPHEN = "\u00ad"
_SPACE = re.compile(r"[^\S\u00a0]+")
_SENTENCE_END = (".", "!", "?", ":", ";", "؟", "。", "！", "？", "؛", "…")
_LONGEST_CELL = 500
_MOST_SPANNED = 50
_DEEPEST = 200


@dataclass(frozen=True, slots=True)
class Segment:
    """A paragraph, heading, list item, block of code or row of a table.

    Attributes:
        text: What is read: one line, or several where the page breaks them.
        nodes: The strings of the tree that it is made of.
        element: The block that it is in.
        group: The list or table that it belongs to, whose lines stand together; None for others.
        linked: How many characters of its text are links.
    """

    text: str
    nodes: tuple[TextNode, ...]
    element: etree._Element
    group: etree._Element | None = None
    linked: int = 0

    @property
    def is_heading(self) -> bool:
        """Whether it is a heading."""
        return self.element.tag in _HEADINGS


def text_of(found: Iterable[Segment]) -> str:
    """Return the text that segments make: those of one list or table on lines together, others apart."""
    return structured_text_of(found).text


def structured_text_of(found: Iterable[Segment]) -> StructuredText:
    """Return the text that segments make, as `text_of` does, with its headings."""
    text = ""
    sections: list[Section] = []
    before: Segment | None = None
    for segment in found:
        if before is not None:
            text += "\n" if segment.group is not None and segment.group is before.group else "\n\n"
        if segment.is_heading:
            sections.append(Section(len(text), segment.text))
        text += segment.text
        before = segment
    return StructuredText(text, sections=tuple(sections))


def headline_of(found: Iterable[Segment]) -> str:
    """Return the heading of the first level where there is just one: it stands over the whole text."""
    headings = [segment.text for segment in found if segment.element.tag == "h1"]
    return headings[0] if len(headings) == 1 else ""


def html_to_text(content: str) -> str:
    r"""Return what a reader of a piece of HTML sees.

    Args:
        content: A fragment or a whole page.

    Example:
        >>> html_to_text("<p>We paid <b>four</b> million.</p><ol><li>Moor<li>Pay</ol>")
        'We paid four million.\n\n1. Moor\n2. Pay'
    """
    return read_html(content).text


def read_html(content: str) -> StructuredText:
    """Return what a reader of a piece of HTML sees, as `html_to_text` does, with its headings."""
    return structured_text_of(segments(parse(content)))


def parse(content: str) -> etree._Element:
    """Return the tree of a piece of HTML, below a `div` of its own."""
    # As bytes: lxml refuses a string that declares its encoding.
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    return html.document_fromstring(b"<div>" + content.encode("utf-8", "replace") + b"</div>", parser=parser)


def segments(root: etree._Element) -> list[Segment]:
    """Return the segments at and below `root`, in reading order; every string that is seen is in exactly one.

    Lists keep their numbers. A table's cells are parted by ` | `, an empty cell keeps its place, and a cell that spans
    rows stands in each of them. A table that only places blocks on the page is read as those blocks.
    """
    walker = _Walker()
    walker.block(root, None, 0)
    walker.flush()
    return walker.found


def raise_(text: str) -> str:
    """Return `text` raised, where Unicode has its numbers and signs so; other text stays as it is.

    Example:
        >>> raise_("-6"), raise_("th")
        ('⁻⁶', 'th')
    """
    return text.translate(_RAISED) if _SHIFTED.fullmatch(text) else text


def lower(text: str) -> str:
    """Return `text` lowered, as `raise_` does."""
    return text.translate(_LOWERED) if _SHIFTED.fullmatch(text) else text


def html_notes(tree: etree._Element) -> None:
    """Move notes that stand at the end of a text behind the paragraphs that refer to them.

    A note is an item of a list that links back to the reference which links to it.
    """
    by_id = {
        element.get("id"): element for element in tree.iter() if isinstance(element.tag, str) and element.get("id")
    }
    links = [(link, by_id.get((link.get("href") or "")[1:])) for link in tree.iter("a")]
    placed: dict[etree._Element, etree._Element] = {}
    for link, note in links:
        if note is None or note.tag != "li" or note in placed or note in link.iterancestors():
            continue
        backward = [back for back, target in links if target is not None and note in back.iterancestors()]
        if not backward:
            continue
        block = next(
            (above for above in link.iterancestors() if above.tag in ("p", "li", "td", "th", *_HEADINGS)), None
        )
        if block is None or block.getparent() is None:
            continue
        mark = "".join(link.itertext()).strip("[]() ")
        for back in backward:
            drop(back)
        paragraph = etree.Element("div")
        paragraph.text = f"[{mark}] " + (note.text or "").strip()
        for child in list(note):
            if child.tag == "p" and not len(paragraph):
                child.tag = "span"
            paragraph.append(child)
        before = placed.get(block, block)
        if block.tag in ("p", *_HEADINGS):
            paragraph.tail, before.tail = before.tail, None
            before.addnext(paragraph)
        else:
            block.append(paragraph)
        placed[block] = placed[note] = paragraph
        drop(note)


def drop(element: etree._Element) -> None:
    """Remove an element, and keep the text behind it."""
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        return
    if element.tail:
        if before is None:
            parent.text = (parent.text or "") + element.tail
        else:
            before.tail = (before.tail or "") + element.tail
        element.tail = None
    parent.remove(element)


def is_hidden(element: etree._Element) -> bool:
    """Return whether no reader sees an element and what is in it."""
    if not isinstance(element.tag, str) or element.tag in _UNSEEN:
        return True
    return bool(element.keys()) and (
        element.get("hidden") not in (None, "until-found")
        or bool(_HIDDEN_STYLE.search(element.get("style") or ""))
        or not _HIDDEN_CLASSES.isdisjoint((element.get("class") or "").split())
    )


@dataclass(slots=True)
class _Run:
    """The strings of a paragraph, so far: as they are shown, with a line end for each <br>."""

    parts: list[str] = field(default_factory=list)
    nodes: list[TextNode] = field(default_factory=list)
    linked: int = 0


class _Walker:
    def __init__(self) -> None:
        self.found: list[Segment] = []
        self._run = _Run()
        self._element: etree._Element | None = None
        self._group: etree._Element | None = None
        self._prefix = ""

    def block(self, element: etree._Element, group: etree._Element | None, depth: int) -> None:
        """Read a block: what is in it are paragraphs of its own."""
        self.flush()
        outer = self._element, self._group
        self._element, self._group = element, group
        if element.tag in _VERBATIM:
            self._verbatim(element)
        elif element.tag == "table":
            self._table(element, depth)
        elif element.tag in _LISTS:
            self._group = group if group is not None and group.tag != "table" else element
            self._list(element, depth)
        else:
            self._children(element, depth)
        self.flush()
        self._element, self._group = outer

    def flush(self) -> None:
        """End the paragraph."""
        if not self._run.parts:
            return
        run, self._run = self._run, _Run()
        text = _collapsed("".join(run.parts))
        if not text or self._element is None:
            return
        if self._group is not None:
            text = join_lines(text.split("\n"))
        self._add(text, run.nodes, run.linked)

    def _add(self, text: str, nodes: Sequence[TextNode], linked: int = 0) -> None:
        prefix, self._prefix = self._prefix, ""
        assert self._element is not None
        self.found.append(Segment(prefix + text, tuple(nodes), self._element, self._group, linked))

    def _children(self, element: etree._Element, depth: int, *, in_link: bool = False) -> None:
        self._string(element, element.text, is_tail=False, in_link=in_link)
        for child in element:
            self._child(child, depth + 1, in_link=in_link)
            self._string(child, child.tail, is_tail=True, in_link=in_link)

    def _child(self, child: etree._Element, depth: int, *, in_link: bool) -> None:
        if is_hidden(child):
            return
        if depth > _DEEPEST:
            for node in _nodes_below(child):
                self._string(node[0], _string_of(node), is_tail=node[1], in_link=in_link)
        elif child.tag in _BLOCKS:
            self.block(child, self._group, depth)
        elif child.tag == "br":
            self._run.parts.append("\n")
        elif child.tag == "q":
            self._run.parts.append("“")
            self._children(child, depth, in_link=in_link)
            self._run.parts.append("”")
        elif child.tag in ("sup", "sub"):
            self._shifted(child, depth, in_link=in_link)
        elif child.tag == "wbr":
            pass
        else:
            self._children(child, depth, in_link=in_link or child.tag == "a")

    def _string(self, element: etree._Element, text: str | None, *, is_tail: bool, in_link: bool) -> None:
        if not text:
            return
        # A line end of the source is a space, or nothing between characters that are written without any.
        self._run.parts.append(text.replace("\n", "\r"))
        if not text.isspace():
            self._run.nodes.append((element, is_tail))
            self._run.linked += len(text.strip()) if in_link else 0

    def _shifted(self, element: etree._Element, depth: int, *, in_link: bool) -> None:
        """Read what is raised or lowered: 10⁶ is another number than 106."""
        start = len(self._run.parts)
        self._children(element, depth, in_link=in_link)
        text = "".join(self._run.parts[start:]).strip()
        if text:
            self._run.parts[start:] = [raise_(text) if element.tag == "sup" else lower(text)]

    def _verbatim(self, element: etree._Element) -> None:
        nodes = [node for node in _nodes_below(element) if not (node[0] is element and node[1])]
        text = "".join(_string_of(node) + ("\n" if node[0].tag == "br" else "") for node in nodes)
        breaks = [*element.iter("br")]
        if breaks and not any(node[0].tag == "br" for node in nodes):
            text += "\n"
        lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
        text = "\n".join(lines).strip("\n")
        if text.strip():
            self._add(text, [node for node in nodes if not _string_of(node).isspace()])

    def _list(self, element: etree._Element, depth: int) -> None:
        number = _integer(element.get("start"), 1)
        is_numbered = element.tag == "ol"
        if is_numbered and "reversed" in element.attrib and "start" not in element.attrib:
            number = sum(1 for child in element if child.tag == "li")
        step = -1 if "reversed" in element.attrib else 1
        self._string(element, element.text, is_tail=False, in_link=False)
        for child in element:
            if child.tag == "li" and not is_hidden(child):
                self.flush()
                number = _integer(child.get("value"), number)
                self._prefix = f"{_numeral(number, element.get('type'))}. " if is_numbered else ""
                self.block(child, self._group, depth + 1)
                self._prefix = ""
                number += step
            else:
                self._child(child, depth + 1, in_link=False)
            self._string(child, child.tail, is_tail=True, in_link=False)

    def _table(self, table: etree._Element, depth: int) -> None:
        rows = [row for row in _rows(table) if not is_hidden(row)]
        grid = [[cell for cell in row if cell.tag in ("td", "th") and not is_hidden(cell)] for row in rows]
        if _is_layout(table, grid):
            self._children(table, depth)
            return
        for caption in table:
            if caption.tag == "caption" and not is_hidden(caption):
                self.block(caption, None, depth + 1)
        self._element, self._group = table, table
        lines = _lines(grid, depth)
        width = max((len(line) for line in lines), default=0)
        used = [
            column for column in range(width) if any(cell.text for line in lines for cell in line[column : column + 1])
        ]
        for line in lines:
            cells = [line[column] if column < len(line) else _Cell("") for column in used]
            nodes = dict.fromkeys(node for cell in cells for node in cell.nodes)
            if any(cell.text for cell in cells):
                self._add(
                    CELL_SEPARATOR.join(cell.text for cell in cells), [*nodes], sum(cell.linked for cell in cells)
                )


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    nodes: tuple[TextNode, ...] = ()
    linked: int = 0


def _lines(grid: Sequence[Sequence[etree._Element]], depth: int) -> list[list[_Cell]]:
    """Return the cells of each row at their columns. One that spans columns stands in the first of them."""
    lines: list[list[_Cell]] = []
    hanging: dict[int, tuple[_Cell, int]] = {}  # by column: the cell from above, and for how many rows more
    for row in grid:
        line: list[_Cell] = []
        waiting = iter(row)
        cell = next(waiting, None)
        while cell is not None or any(column >= len(line) for column in hanging):
            column = len(line)
            if column in hanging:
                above, more = hanging.pop(column)
                line.append(above)
                if more > 1:
                    hanging[column] = above, more - 1
            elif cell is None:
                line.append(_Cell(""))
            else:
                read = _cell(cell, depth)
                for place in range(_span(cell, "colspan")):
                    line.append(read if place == 0 else _Cell(""))
                    if (rows := _span(cell, "rowspan")) > 1:
                        hanging[column + place] = line[-1], rows - 1
                cell = next(waiting, None)
        lines.append(line)
    return lines


def _cell(element: etree._Element, depth: int) -> _Cell:
    walker = _Walker()
    walker.block(element, None, depth + 1)
    walker.flush()
    text = ""
    before: Segment | None = None
    for segment in walker.found:
        if text:
            listed = segment.group is not None and before is not None and segment.group is before.group
            text += "; " if listed and not text.endswith(_SENTENCE_END) else " "
        text += join_lines(segment.text.split("\n"))
        before = segment
    nodes = tuple(chain.from_iterable(segment.nodes for segment in walker.found))
    return _Cell(text, nodes, sum(segment.linked for segment in walker.found))


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for child in table:
        if child.tag == "tr":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot") and not is_hidden(child):
            yield from (row for row in child if row.tag == "tr")


def _is_layout(table: etree._Element, grid: Sequence[Sequence[etree._Element]]) -> bool:
    """Return whether a table only places blocks on the page."""
    if table.get("role") in ("presentation", "none") or max(map(len, grid), default=0) < 2:
        return True
    if table.find("caption") is not None or any(cell.tag == "th" for row in grid for cell in row):
        return False
    if len(grid) == 1:
        return True
    inner = (element for row in grid for cell in row for element in cell.iter("table", *_HEADINGS))
    if next(inner, None) is not None:
        return True
    return any(len("".join(cell.itertext())) > _LONGEST_CELL for row in grid for cell in row)


def _nodes_below(element: etree._Element) -> Iterator[TextNode]:
    """Yield the strings that are seen in an element, and none of those behind it."""
    stack: list[TextNode] = [(element, False)]
    while stack:
        inner, is_tail = stack.pop()
        if _string_of((inner, is_tail)):
            yield inner, is_tail
        if not is_tail:
            for child in reversed(inner):
                stack.append((child, True))
                if not is_hidden(child):
                    stack.append((child, False))


def _string_of(node: TextNode) -> str:
    element, is_tail = node
    return (element.tail if is_tail else element.text) or ""


def _collapsed(text: str) -> str:
    """Return the lines of a paragraph with the white space that is shown; an empty line parts paragraphs."""
    if "\n" not in text and "\r" not in text:
        return " ".join(text.split()).replace(_SOFT_HYPHEN, "")
    lines = [join_lines(_SPACE.sub(" ", piece) for piece in line.split("\r")) for line in text.split("\n")]
    whole = "\n".join(" ".join(line.split()) for line in lines)
    return re.sub(r"\n{3,}", "\n\n", whole).strip().replace(_SOFT_HYPHEN, "")


def _integer(text: str | None, otherwise: int) -> int:
    return int(text) if text is not None and re.fullmatch(r"\s*-?\d{1,9}\s*", text) else otherwise


def _numeral(number: int, kind: str | None) -> str:
    if kind in ("a", "A") and 1 <= number <= 26:
        return chr(ord(kind) + number - 1)
    if kind in ("i", "I") and 1 <= number < 4000:
        roman = _roman(number)
        return roman if kind == "I" else roman.lower()
    return str(number)


def _roman(number: int) -> str:
    text = ""
    for value, numeral in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
        strict=True,
    ):
        text += numeral * (number // value)
        number %= value
    return text


def _span(cell: etree._Element, name: str) -> int:
    return min(max(_integer(cell.get(name), 1), 1), _MOST_SPANNED)
