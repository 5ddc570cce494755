"""Which of an input's tokens belong to the text itself, and where in the text they lie."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# Zero-width characters and marks of direction, which `str.isspace` does not count.
_INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff")


def text_tokens(
    text: str, prompt_length: int, offsets: Sequence[tuple[int, int]], special: Sequence[int]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Find the tokens of `text` among those of the prompted text.

    Left out are special tokens, the prompt's tokens, and tokens that stand for nothing but white space or invisible
    characters: they say where a word begins, and nothing about it. White space at a token's ends is not counted to it.

    Args:
        text: The text without its prompt.
        prompt_length: Characters of the prompt.
        offsets: First character of each token and the one behind its last, in the prompted text.
        special: 1 for each token that the tokenizer added, 0 for the others.

    Returns:
        The indices of the tokens kept, shape `(tokens,)`, and their offsets into `text`, shape `(tokens, 2)`. No
        token's span is empty.

    Example:
        >>> text_tokens("two words", 7, [(0, 0), (0, 6), (6, 10), (10, 16), (0, 0)], [1, 0, 0, 0, 1])[1].tolist()
        [[0, 3], [4, 9]]
    """
    kept: list[int] = []
    spans: list[tuple[int, int]] = []
    for index, ((first, last), is_special) in enumerate(zip(offsets, special, strict=True)):
        start, end = max(first - prompt_length, 0), last - prompt_length
        while start < end and _is_blank(text[start]):
            start += 1
        while start < end and _is_blank(text[end - 1]):
            end -= 1
        if not is_special and start < end:
            kept.append(index)
            spans.append((start, end))
    return np.array(kept, np.int32), np.array(spans, np.int32).reshape(-1, 2)


def _is_blank(character: str) -> bool:
    return character.isspace() or character in _INVISIBLE
