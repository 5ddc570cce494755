"""`Span` and `Passage`: places in an article's text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters `start` (included) to `end` (excluded) of an article's text.

    Example:
        >>> Span(0, 3).of("one two")
        'one'
    """

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the characters of `text` that this span covers."""
        return text[self.start : self.end]

    def covers(self, other: "Span") -> bool:
        """Return whether `other` lies wholly within this span."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: "Span") -> bool:
        """Return whether the two spans share at least one character."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences of one article: `text == article.text[start:end]`, always.

    Attributes:
        article_id: The article it belongs to.
        start: Offset of its first character in the article's text.
        end: Offset behind its last character.
        text: Its characters.
        sentences: Its sentences, as spans of the *article's* text, in reading order. A line between them that only
            names a source is not a sentence.
        language: BCP 47 code of the article.
        id: The store's number for it; 0 until it is stored.
    """

    article_id: str
    start: int
    end: int
    text: str
    sentences: tuple[Span, ...]
    language: str = "und"
    id: int = 0

    @property
    def span(self) -> Span:
        """Where it lies in the article's text."""
        return Span(self.start, self.end)

    @property
    def own_sentences(self) -> tuple[Span, ...]:
        """Its sentences, as spans of its own text."""
        return tuple(Span(span.start - self.start, span.end - self.start) for span in self.sentences)
