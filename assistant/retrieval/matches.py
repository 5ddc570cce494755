"""`matched_words`: which words of a passage answered to which of the question."""

import regex

from assistant.embedding.hubness import CLOSE
from assistant.language.scripts import UNSPACED_CHARACTERS
from assistant.language.words import WORD
from assistant.passages.passage import Passage, Span
from assistant.retrieval.evidence import Evidence
from assistant.retrieval.late_interaction import QuestionTokens

_UNSPACED = regex.compile(f"[{UNSPACED_CHARACTERS}]")


def matched_words(evidence: Evidence, question: QuestionTokens, number: int, passage: Passage) -> tuple[Span, ...]:
    """Return the words that the question's weightier tokens found, as spans of the article's text, in reading order.

    Args:
        evidence: What was gathered for the question.
        question: Its tokens.
        number: Which of the candidates `passage` is.
        passage: The candidate.
    """
    start, end = evidence.batch.starts[number], evidence.batch.starts[number + 1]
    if start == end:
        return ()
    own = evidence.similarity[start:end]
    weighty = (question.weights >= question.weights.mean()) & (own.max(axis=0) >= CLOSE)
    offsets = evidence.batch.offsets[start:end]
    spans = {_whole_word(passage.text, *map(int, offsets[own[:, column].argmax()])) for column in weighty.nonzero()[0]}
    return tuple(Span(passage.start + first, passage.start + last) for first, last in sorted(spans) if first < last)


def _whole_word(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a token to the word it is part of; where words are not set apart, the token stands for itself."""
    while start < end and text[start].isspace():
        start += 1
    if _UNSPACED.search(text, start, end):
        return start, end
    for match in WORD.finditer(text, max(0, start - 64), min(len(text), end + 64)):
        if match.start() < end and start < match.end():
            return match.start(), match.end()
    return end, end
