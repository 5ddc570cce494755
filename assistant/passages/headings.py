"""Headings in a passage: lines by themselves that say what the sentences below them are about."""

import re

from assistant.passages.lead import FULL_STOPS
from assistant.passages.passage import Passage

_LONGEST = 100
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")


def headings_above(passage: Passage) -> list[int | None]:
    r"""Return for each sentence of a passage the index of the heading above it, None where there is none.

    Late interaction sees passages without their articles, so the articles' sections are unknown here. A heading is
    recognised by its form instead, in a text file as in a web page: a short line between empty lines, without a full
    stop, with more text below. A heading itself has none above it.

    Args:
        passage: Any passage.

    Example:
        >>> from assistant.passages.passage import Span
        >>> text = "Open daily.\n\nPrices\n\nAdults pay 3 euros."
        >>> headings_above(Passage("a", 0, 41, text, (Span(0, 11), Span(13, 19), Span(21, 40))))
        [None, None, 1]
    """
    spans, text = passage.own_sentences, passage.text
    above: list[int | None] = []
    heading: int | None = None
    for number, span in enumerate(spans):
        before = text[spans[number - 1].end : span.start] if number else "\n\n"
        behind = text[span.end : spans[number + 1].start] if number + 1 < len(spans) else ""
        stands_alone = _BLANK_LINE.search(before) and _BLANK_LINE.search(behind)
        is_heading = stands_alone and span.end - span.start <= _LONGEST and not span.of(text).endswith(FULL_STOPS)
        above.append(None if is_heading else heading)
        heading = number if is_heading else heading
    return above
