"""Spans as bytes: how the store keeps where a passage's sentences lie."""

from collections.abc import Sequence

import numpy as np

from assistant.passages.passage import Span


def pack_spans(spans: Sequence[Span]) -> bytes:
    """Return spans as little-endian 32-bit numbers.

    Example:
        >>> unpack_spans(pack_spans([Span(0, 7), Span(8, 300)]))
        (Span(start=0, end=7), Span(start=8, end=300))
    """
    return np.array([(span.start, span.end) for span in spans], dtype="<u4").tobytes()


def unpack_spans(data: bytes) -> tuple[Span, ...]:
    """Return the spans that `pack_spans` wrote."""
    return tuple(Span(start, end) for start, end in np.frombuffer(data, "<u4").reshape(-1, 2).tolist())
