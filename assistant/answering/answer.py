"""`Citation` and `Answer`: what the assistant gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from assistant.articles.article import Article
from assistant.passages.passage import Passage, Span
from assistant.retrieval.hit import Hit


class Status(StrEnum):
    """Whether the articles answer the question.

    Attributes:
        ANSWERED: They do, and are cited.
        NOT_FOUND: They do not.
        REPLY: They were not asked: a greeting, thanks or the like is returned, which says nothing of the articles.
        CLARIFY: The question says too little; it is asked back, with choices.
    """

    ANSWERED = "answered"
    NOT_FOUND = "not_found"
    REPLY = "reply"
    CLARIFY = "clarify"


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a statement of an answer stands in the articles: `quote == article.text[start:end]`, always.

    Attributes:
        number: The `n` of the mark `[n]` in the answer's text, from 1.
        article: The article quoted.
        passage: The passage the quote is from.
        quote: The quoted characters.
        start: Offset of the quote's first character in the article's text.
        end: Offset behind its last character.
        score: Relevance of the quoted sentence, between 0 and 1.
    """

    number: int
    article: Article
    passage: Passage
    quote: str
    start: int
    end: int
    score: float

    @classmethod
    def of(cls, article: Article, passage: Passage, span: Span, number: int, score: float = 1.0) -> "Citation":
        """Return the citation of the characters that a span of an article's text covers."""
        return cls(number, article, passage, span.of(article.text), span.start, span.end, score)

    def __post_init__(self) -> None:
        """Refuse a quote that is not what the article says."""
        if self.article.text[self.start : self.end] != self.quote or not self.quote:
            raise ValueError(f"citation [{self.number}] does not quote article {self.article.id} verbatim")

    @property
    def page(self) -> int | None:
        """The number, from 1, of the page or slide that the quote begins on; None where its article has none."""
        return self.article.page_at(self.start)

    @property
    def section(self) -> str | None:
        """The heading of the section that the quote is in; None where it is in none."""
        return self.article.section_at(self.start)


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that may be asked next.

    Attributes:
        label: What a reader is shown.
        question: What is asked when it is chosen.
        article: Id of the article that it is to be asked of, or None for all.
    """

    label: str
    question: str
    article: str | None = None


@dataclass(frozen=True, slots=True)
class Translation:
    """A translation of a quote, by a chat model. The quote is what counts.

    Attributes:
        number: The citation whose quote it translates.
        language: BCP 47 code of the language that it is in.
        text: The translation; it states the numbers, dates and names of the quote.
        model: The chat model that translated.
    """

    number: int
    language: str
    text: str
    model: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, with everything needed to check it.

    Attributes:
        question: As it was asked.
        text: The answer, with marks such as `[1]`; every mark has a citation and every citation is used.
        status: Whether the articles answer the question.
        language: BCP 47 code of the question, in which the answer speaks.
        model: The chat model that wrote it, or "extractive".
        citations: The quotes that support it, by number.
        closest: Where nothing was found: the nearest passages, offered but not claimed as an answer.
        notes: What the reader should know, one line each (a model that failed, sentences that were dropped).
        choices: What may be meant, where a question is asked back; what can be asked, beside a greeting.
        translations: What quotes say in the reader's language, where that was asked for.
        left_out: How many sentences of the chat model's were dropped or shortened; the notes say why.
        timings: Seconds by stage.
        hits: The hits it was made from.
    """

    question: str
    text: str
    status: Status
    language: str
    model: str
    citations: tuple[Citation, ...] = ()
    closest: tuple[Hit, ...] = ()
    notes: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    translations: tuple[Translation, ...] = ()
    left_out: int = 0
    timings: Mapping[str, float] = field(default_factory=dict)
    hits: tuple[Hit, ...] = ()
