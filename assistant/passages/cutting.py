"""Cutting spans that are too long for a passage, at the best place available."""

import math
from collections.abc import Callable, Iterator, Sequence

import regex

from assistant.passages.passage import Span

TokenCounter = Callable[[Sequence[str]], list[int]]

_CLUSTER = regex.compile(r"\X")
# Grapheme clusters longer than this (a letter under a thousand combining marks) are cut anywhere.
_LONGEST_CLUSTER = 32
_PAUSES = frozenset(",;:،؛，、；：")
# Tokens are not spread evenly over a text: a lower target makes a second round of cutting rare.
_CAUTION = 0.9


def cut_to_fit(text: str, spans: Sequence[Span], count_tokens: TokenCounter, budget: int) -> list[tuple[Span, int]]:
    """Return `spans` with their token counts, those over `budget` replaced by pieces within it.

    A single character that is over the budget by itself stays.

    Args:
        text: What the spans point into.
        spans: Spans in reading order, without white space at their ends.
        count_tokens: Counts the tokens of each text; called once, and again as long as a piece is over the budget.
        budget: The most tokens a piece may have.

    Returns:
        Pairs of a span and its number of tokens, in reading order.
    """
    fitting: list[tuple[Span, int]] = []
    while spans:
        pieces: list[Span] = []
        for span, tokens in zip(spans, count_tokens([span.of(text) for span in spans]), strict=True):
            length = span.end - span.start
            if tokens <= budget or length == 1:
                fitting.append((span, tokens))
            else:
                pieces.extend(cut_evenly(text, span, max(1, int(_CAUTION * length * budget / tokens))))
        spans = pieces
    return sorted(fitting)


def cut_evenly(text: str, span: Span, longest: int) -> Iterator[Span]:
    """Yield pieces of `span` of at most `longest` characters and about the same size.

    Cuts fall on white space where a piece has any, else behind a comma or the like in its second half, else between
    grapheme clusters.
    """
    length = span.end - span.start
    size = math.ceil(length / math.ceil(length / longest))
    start = span.start
    while start < span.end:
        end = span.end if span.end - start <= longest else _cut(text, start, start + size)
        piece = text[start:end]
        stripped = piece.strip()
        if stripped:
            first = start + len(piece) - len(piece.lstrip())
            yield Span(first, first + len(stripped))
        start = end


def _cut(text: str, start: int, end: int) -> int:
    for place in range(end, start, -1):
        if text[place].isspace():
            return place
    middle = start + (end - start + 1) // 2
    for place in range(end, middle, -1):
        if text[place - 1] in _PAUSES:
            return place
    # Sliced, because in a run of regional indicators \X looks back to the run's beginning.
    window = max(start, end - _LONGEST_CLUSTER)
    clusters = _CLUSTER.finditer(text[window : end + _LONGEST_CLUSTER])
    boundaries = [place for cluster in clusters if middle < (place := window + cluster.start()) <= end]
    return boundaries[-1] if boundaries else end
