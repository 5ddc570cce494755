"""`without_running_lines`: the lines of a document without the headers and footers that its pages repeat."""

import re
from collections import Counter
from collections.abc import Sequence

from assistant.articles.layout.paragraphs import Line

_OUTERMOST = 2  # lines at the head and at the foot of a page that are looked at
_LEAST_SHARE = 0.6
_LEAST_PAGES = 2
_SAYS_SOMETHING = 12  # letters; a page number has fewer
_NUMBER = re.compile(r"\d+")


def without_running_lines(lines: Sequence[Line], pages: int) -> list[Line]:
    """Return the lines without those that most pages have at the same height, whatever number is in them.

    The first of a header and the last of a footer stay, where they say more than a page's number: they stand before and
    behind the text.

    Args:
        lines: Of all pages, in reading order.
        pages: How many pages have text.
    """
    outer = [
        (line, is_head)
        for page in dict.fromkeys(line.page for line in lines)
        for line, is_head in _outermost([line for line in lines if line.page == page])
    ]
    counts = Counter(_key(line, is_head) for line, is_head in outer)
    least = max(_LEAST_PAGES, _LEAST_SHARE * pages)
    running = [(line, is_head) for line, is_head in outer if counts[_key(line, is_head)] >= least]
    heads = {_key(line, is_head): line for line, is_head in reversed(running) if is_head}
    feet = {_key(line, is_head): line for line, is_head in running if not is_head}
    kept = {id(line) for line in (*heads.values(), *feet.values()) if _says_something(line)}
    gone = {id(line) for line, _ in running} - kept
    return [line for line in lines if id(line) not in gone]


def _outermost(lines: Sequence[Line]) -> list[tuple[Line, bool]]:
    """Return the highest lines of a page and the lowest, and of each whether it is at the head."""
    if len(lines) < 2 * _OUTERMOST:
        return []
    by_height = sorted((line for line in lines if not line.table), key=lambda line: -line.top)
    middle = (max(line.top for line in lines) + min(line.bottom for line in lines)) / 2
    heads = [(line, True) for line in by_height[:_OUTERMOST] if line.bottom > middle]
    return heads + [(line, False) for line in by_height[-_OUTERMOST:] if line.top < middle]


def _key(line: Line, is_head: bool) -> tuple[str, bool, int]:
    return _NUMBER.sub("#", line.text), is_head, round(line.bottom / 4)


def _says_something(line: Line) -> bool:
    return sum(map(str.isalpha, line.text)) >= _SAYS_SOMETHING
