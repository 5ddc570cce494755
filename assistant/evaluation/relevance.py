"""When a passage, a sentence or a citation is right. Everything is compared by article and character offsets.

A passage is right when it covers a whole gold answer in the gold article, so that no way of chunking is favoured. A
sentence or a citation is right when it covers a whole gold answer too. Where the gold answer runs over several
sentences, it is enough to cover the part of the answer in one of them.
"""

from collections.abc import Sequence

from assistant.answering.answer import Citation
from assistant.evaluation.question_set import GoldSpan
from assistant.passages.passage import Passage, Span
from assistant.retrieval.hit import Hit


def passage_is_right(passage: Passage, gold: Sequence[GoldSpan]) -> bool:
    """Return whether the passage covers one of the gold answers."""
    return any(passage.article_id == place.article_id and passage.span.covers(place.span) for place in gold)


def sentence_is_right(hit: Hit, gold: Sequence[GoldSpan]) -> bool:
    """Return whether the sentence that a hit points to holds the gold answer."""
    return _holds(hit.sentence, hit.article.id, hit.article.text, hit.passage, gold)


def citation_is_right(citation: Citation, gold: Sequence[GoldSpan]) -> bool:
    """Return whether a citation quotes the gold article, verbatim and where it says, and holds the gold answer."""
    article = citation.article
    if article.text[citation.start : citation.end] != citation.quote or citation.passage.article_id != article.id:
        return False
    return _holds(Span(citation.start, citation.end), article.id, article.text, citation.passage, gold)


def _holds(span: Span, article_id: str, text: str, passage: Passage, gold: Sequence[GoldSpan]) -> bool:
    return any(
        span.covers(piece)
        for place in gold
        if place.article_id == article_id
        for piece in [place.span, *_pieces(place.span, passage, text)]
    )


def _pieces(gold: Span, passage: Passage, text: str) -> list[Span]:
    """Return the part of a gold answer in each sentence of a passage, if it has a letter or a digit."""
    pieces = [Span(max(gold.start, s.start), min(gold.end, s.end)) for s in passage.sentences if s.overlaps(gold)]
    return [piece for piece in pieces if any(character.isalnum() for character in piece.of(text))]
