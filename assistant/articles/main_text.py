"""`main_segments`: what of a web page is its article, as trafilatura tells, and nothing lost within it.

trafilatura tells the article from menus and adverts, but what it returns is a tree of its own, into which some of the
article does not come: text beside headings, lists in cells, <time>, captions. So its verdict is taken and its tree is
not: every string of the page goes in with a mark, the marks that come back say where the article is, and its text is
read from the page itself.
"""

import copy
import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import product

import trafilatura
from lxml import etree
from trafilatura.settings import Document, use_config
from trafilatura.xpaths import OVERALL_DISCARD_XPATH, REMOVE_COMMENTS_XPATH, TEASER_DISCARD_XPATH

from assistant.articles.html_text import Segment, TextNode, segments

EXTRACTOR = use_config()
"""How trafilatura is set."""
# Below this length trafilatura gives up structure for recall, which breaks sentences at every <b> of a short page.
EXTRACTOR.set("DEFAULT", "MIN_EXTRACTED_SIZE", "25")
EXTRACTOR.set("DEFAULT", "MAX_FILE_SIZE", str(2**30))

UNWANTED = (*OVERALL_DISCARD_XPATH, *TEASER_DISCARD_XPATH, *REMOVE_COMMENTS_XPATH)
"""By which trafilatura tells comments, teasers, adverts and the like."""
_TELLING = frozenset(re.findall(r"@([\w-]+)", "".join(expression.path for expression in UNWANTED)))
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # which lxml refuses to set

# Signs for writing sign languages: printable, so that trafilatura keeps them, no letters, so that its patterns for
# words do not see them, and in no article.
_FIRST_MARK, _MARKS = 0x1D800, 512
_ANY_MARK = re.compile(f"[{chr(_FIRST_MARK)}-{chr(_FIRST_MARK + _MARKS - 1)}]")
_WITHIN_PARTS = frozenset(
    "p h1 h2 h3 h4 h5 h6 ul ol menu dir dl li dt dd table thead tbody tfoot tr td th caption figure "
    "figcaption blockquote pre center header hgroup details summary address".split()
)
_NOT_OF_ARTICLES = frozenset({"nav", "aside", "footer", "form", "menu"})
_NOT_MARKED = frozenset({"script", "style", "title"})
_MOST_LINKED = 0.5
_TREE_TAGS = {"head": "h2", "list": "ul", "item": "li", "row": "tr", "cell": "td", "quote": "blockquote", "lb": "br"}


def main_segments(tree: etree._Element) -> list[Segment]:
    """Return the segments of a page's article in reading order; none where it has none.

    Args:
        tree: The root of a page, which is left as it is.
    """
    marked, nodes = _with_marks(tree)
    document = trafilatura.bare_extraction(marked, include_comments=False, config=EXTRACTOR)
    if not isinstance(document, Document) or document.body is None:
        return []
    kept = _marked_nodes(document.body, nodes)
    if not kept:
        # What trafilatura found stands in no element of the page, but in its data for search engines.
        return segments(_as_html(document.body))
    return _article(tree, kept)


def _with_marks(tree: etree._Element) -> tuple[etree._Element, list[TextNode]]:
    """Return a copy of the tree whose strings begin with marks, and the strings of the tree that these stand for."""
    marked = copy.deepcopy(tree)
    nodes: list[TextNode] = []
    twins: list[TextNode] = []
    for element, twin in zip(tree.iter(), marked.iter(), strict=True):
        if isinstance(twin.tag, str) and twin.tag not in _NOT_MARKED and _is_text(twin.text):
            nodes.append((element, False))
            twins.append((twin, False))
        if _is_text(twin.tail):
            nodes.append((element, True))
            twins.append((twin, True))
    width = _width(nodes)
    digits = [chr(_FIRST_MARK + digit) for digit in range(_MARKS)]
    for (twin, is_tail), mark in zip(twins, map("".join, product(digits, repeat=width)), strict=False):
        text = _ANY_MARK.sub("", twin.tail if is_tail else twin.text)
        words = text.lstrip()
        text = text[: len(text) - len(words)] + mark + words
        if is_tail:
            twin.tail = text
        else:
            twin.text = text
    return marked, nodes


def _is_text(text: str | None) -> bool:
    return text is not None and bool(text.strip())


def _width(nodes: Sequence[TextNode]) -> int:
    return 2 if len(nodes) < _MARKS**2 else 3


def _marked_nodes(body: etree._Element, nodes: Sequence[TextNode]) -> set[TextNode]:
    digits = [ord(mark) - _FIRST_MARK for mark in _ANY_MARK.findall("".join(body.itertext()))]
    width = _width(nodes)
    numbers = (
        sum(digit * _MARKS**place for place, digit in enumerate(reversed(digits[start : start + width])))
        for start in range(0, len(digits), width)
    )
    return {nodes[number] for number in numbers if number < len(nodes)}


def _article(tree: etree._Element, kept: AbstractSet[TextNode]) -> list[Segment]:
    """Return the segments that hold kept strings, and those of the same part that nothing speaks against."""
    found = [(segment, not kept.isdisjoint(segment.nodes)) for segment in segments(tree)]
    if all(_is_of_links(segment) for segment, is_kept in found if is_kept):
        return []
    parts = {_part(segment) for segment, is_kept in found if is_kept}
    around = {
        id(segment): [segment.element, *segment.element.iterancestors()]
        for segment, is_kept in found
        if not is_kept and not _is_of_links(segment) and _is_within(_part(segment), parts)
    }
    unwanted = _unwanted(dict.fromkeys(element for elements in around.values() for element in elements))
    return [
        segment
        for segment, is_kept in found
        if is_kept or (id(segment) in around and unwanted.isdisjoint(around[id(segment)]))
    ]


def _is_within(part: etree._Element, parts: AbstractSet[etree._Element]) -> bool:
    """Return whether a part is one of `parts` or a section of one."""
    while part not in parts and part.tag == "section" and part.getparent() is not None:
        part = part.getparent()
    return part in parts


def _part(segment: Segment) -> etree._Element:
    """Return the part of the page that a segment is in, whatever list, table or figure of it."""
    part = segment.element
    if part.tag == "div" and next(part.iter(*_WITHIN_PARTS, "div", "section"), part) is part:
        part = part.getparent()
    while part.tag in _WITHIN_PARTS and part.getparent() is not None:
        part = part.getparent()
    return part


def _unwanted(elements: Iterable[etree._Element]) -> set[etree._Element]:
    """Return the elements that stand beside an article: what trafilatura takes for comments, teasers and the like.

    It goes by an element's name and attributes alone, so that it need not look through the whole page.
    """
    alone = etree.Element("page")
    found, copies = set(), {}
    for element in elements:
        if element.tag in _NOT_OF_ARTICLES:
            found.add(element)
        elif attributes := {name: _CONTROLS.sub("", value) for name, value in element.items() if name in _TELLING}:
            tag = element.tag if element.tag.isalnum() else "other"
            copies[etree.SubElement(alone, tag, attributes)] = element
    if copies:
        found.update(copies[copy_] for expression in UNWANTED for copy_ in expression(alone))
    return found


def _is_of_links(segment: Segment) -> bool:
    return segment.linked > _MOST_LINKED * len(segment.text)


def _as_html(body: etree._Element) -> etree._Element:
    """Return trafilatura's tree in the tags of HTML."""
    tree = copy.deepcopy(body)
    for element in tree.iter():
        if isinstance(element.tag, str):
            is_block = element.tag == "code" and "\n" in (element.text or "")
            element.tag = "pre" if is_block else _TREE_TAGS.get(element.tag, element.tag)
    return tree
