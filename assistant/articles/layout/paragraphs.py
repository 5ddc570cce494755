"""`join_paragraphs`: the lines of printed pages back in paragraphs."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import quantiles

from assistant.articles.layout.visual_order import is_right_to_left, mirror_brackets
from assistant.articles.lines import join_lines

_PITCH_TOLERANCE = 1.3
_WIDEST_PITCH = 2.2  # line heights: double spacing
_SHORT = 0.85
_SCRAP = 0.5
_SENTENCE_END = re.compile(r"[.!?؟。！？।۔:…][\"'»”’)\]]*$")
_HYPHEN = re.compile(r"(?<=\w)[\u00ad\u2010-](?=$)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of print: its text in reading order and its box, in points from the page's lower left corner."""

    text: str
    page: int
    left: float
    bottom: float
    right: float
    top: float


def join_paragraphs(lines: Sequence[Line]) -> Iterator[str]:
    """Yield the paragraphs that `lines` make.

    A line goes on from the one above it if it stands no further below than lines of this text do, and the one above
    was not cut short at a sentence's end. Into a column or page it goes on if the last line above neither ends a
    sentence nor is a scrap such as a page number.

    Args:
        lines: In reading order.
    """
    pitch = _usual_pitch(lines) * _PITCH_TOLERANCE
    widest = max((line.right - line.left for line in lines), default=0.0)
    paragraph: list[Line] = []
    for line in lines:
        if paragraph and not _goes_on(paragraph[-1], line, pitch, widest):
            yield _join(paragraph)
            paragraph = []
        paragraph.append(line)
    if paragraph:
        yield _join(paragraph)


def _usual_pitch(lines: Sequence[Line]) -> float:
    """Return the distance between lines within paragraphs: the lower quartile, as gaps between them are larger."""
    pitches = [above.top - below.top for above, below in pairwise(lines) if _is_below(above, below)]
    return quantiles(pitches, n=4)[0] if len(pitches) > 1 else sum(pitches)


def _is_below(above: Line, below: Line) -> bool:
    return above.page == below.page and below.top < above.top and below.left < above.right and above.left < below.right


def _goes_on(above: Line, below: Line, pitch: float, widest: float) -> bool:
    ended = bool(_SENTENCE_END.search(above.text))
    width = above.right - above.left
    if _is_below(above, below):
        most = min(pitch, (above.top - above.bottom) * _WIDEST_PITCH)
        return above.top - below.top <= most and not (ended and width < widest * _SHORT)
    return not ended and width >= widest * _SCRAP


def _join(lines: Sequence[Line]) -> str:
    texts = [line.text for line in lines]
    for index in range(len(texts) - 1):
        if texts[index + 1][:1].islower():
            texts[index] = _HYPHEN.sub("\ufffe", texts[index])
    text = join_lines(texts).replace("\ufffe ", "").replace("\u00ad", "")
    return mirror_brackets(text) if is_right_to_left(text) else text
