"""`Hit` and `SearchResult`: what retrieval found, with the evidence for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from assistant.articles.article import Article
from assistant.passages.passage import Passage, Span
from assistant.passages.tables import header_above


class Role(StrEnum):
    """How a hit relates to the other hits of its search.

    Attributes:
        FOUND: Retrieval found it; it has no other role.
        VERSION: Of several statements about one thing, of different dates, it is the one that answers.
        OTHER_VERSION: It is another of such statements.
        PART: It answers a part of the question that the first hit leaves open.
        OTHER_READING: It was found for the other reading of a follow-up, with or without the subject before. A chat
            model that reads much may use it; it is not quoted by itself.
    """

    FOUND = "found"
    VERSION = "version"
    OTHER_VERSION = "other_version"
    PART = "part"
    OTHER_READING = "other_reading"


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a question.

    Attributes:
        rank: 1 for the best.
        score: Calibrated relevance between 0 and 1.
        dense: The ranking score, before calibration.
        lexical: BM25; 0 if question and passage share no word.
        article: The whole article.
        passage: The passage.
        sentence: The sentence of the passage that answers best, as a span of the article's text.
        sentence_score: How well that sentence matches, between 0 and 1.
        aboutness: How likely the article is about what is asked, between 0 and 1: the score without the QA model.
        covered: The share by weight of the question's tokens that the article says in any sentence, between 0 and 1. Of
            a question with a topic prefix only the tokens behind it count.
        matched: Words of the article that matched the question, as spans of the article's text.
        role: How it relates to the other hits.
    """

    rank: int
    score: float
    dense: float
    lexical: float
    article: Article
    passage: Passage
    sentence: Span
    sentence_score: float = 0.0
    aboutness: float = 0.0
    covered: float = 0.0
    matched: tuple[Span, ...] = field(default=())
    role: Role = Role.FOUND

    @property
    def sentence_text(self) -> str:
        """The characters of the best sentence."""
        return self.sentence.of(self.article.text)

    @property
    def passage_text(self) -> str:
        """The characters of the passage, below the header of the table that it begins within, if it does."""
        header = header_above(self.article.text, self.passage.start)
        return self.passage.text if header is None else f"{header.of(self.article.text)}\n{self.passage.text}"

    @property
    def page(self) -> int | None:
        """The number, from 1, of the page or slide that the sentence begins on; None where its article has none."""
        return self.article.page_at(self.sentence.start)

    @property
    def section(self) -> str | None:
        """The heading of the section that the sentence is in; None where it is in none."""
        return self.article.section_at(self.sentence.start)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The result of a search.

    Attributes:
        question: As it was asked.
        language: BCP 47 code of the question, "und" if unknown.
        hits: Best first; empty only if the question is blank or no passage passes the filters.
        timings: Seconds by stage ("encode", "full_text", "dense", "rank", ...).
    """

    question: str
    language: str
    hits: tuple[Hit, ...]
    timings: Mapping[str, float] = field(default_factory=dict)

    @property
    def crosses_languages(self) -> bool:
        """Whether the best hit's article is in another language than the question, so that answering translates."""
        return bool(self.hits) and self.hits[0].article.language != self.language


def ranked(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """Return hits with the ranks of the order in which they are given."""
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate(hits, 1))
