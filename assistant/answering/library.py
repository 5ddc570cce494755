"""`Library`: answers about the articles themselves: how many, which, by whom, from when, the newest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assistant.answering.answer import Answer, Citation, Status
from assistant.answering.extractive import CLOSEST
from assistant.answering.grounding.names import is_named
from assistant.answering.marks import Mark, without_marks
from assistant.answering.periods import Period, Today, find_period
from assistant.answering.phrases import Phrase, languages, phrase
from assistant.answering.relative_dates import day_in_words
from assistant.answering.turns.languages import language_of_articles
from assistant.answering.turns.subject import SubjectFinder
from assistant.articles.article import Article
from assistant.chat_models.registry import EXTRACTIVE
from assistant.language.interrogatives import without_asking_words
from assistant.language.tags import primary_subtag
from assistant.passages.lead import byline_of
from assistant.passages.passage import Passage, Span
from assistant.retrieval.hit import Hit
from assistant.retrieval.retriever import Retriever
from assistant.store.passage_store import ArticleSummary, Filters

LISTED = 20
"""How many articles are listed at most."""

NEWEST = 5
"""How many articles are listed when somebody asks what is new."""

ABOUT = 0.55
"""Minimum share of a subject's words that an article must cover to be listed (`Hit.covered`; words count by weight).

It is lower than what an answer needs. For a subject of a single word it tells more than relevance does."""

GAP = 0.2
"""An article is listed beside a nearer one if it covers at most this much less of the subject."""


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants of the articles.

    Attributes:
        filters: Which articles.
        subject: What they are to be about; empty for any subject.
        period: When they were published, if the request says that.
    """

    filters: Filters
    subject: str
    period: Period | None


class Library:
    """Answers questions about the articles of a store, from what it knows of them.

    Args:
        retriever: Finds articles by subject.
        subjects: Finds the subject in a request.
        today: Says which day it is.
    """

    def __init__(self, retriever: Retriever, subjects: SubjectFinder | None, today: Today) -> None:
        self._retriever = retriever
        self._subjects = subjects
        self._today = today

    def answer(self, question: str, language: str, filters: Filters | None = None, *, news: bool = False) -> Answer:
        """Answer a question about the articles: a line for each, with a citation of its first sentence.

        Args:
            question: For instance "articles by Nadia Perrin since May".
            language: BCP 47 code of the question.
            filters: Which articles may be listed.
            news: Quote the newest articles, instead of listing their titles.

        Returns:
            How many there are, and a line for each, the newest first; on a subject, the nearest first. Where none is on
            it, passages of the nearest ones are offered.
        """
        request = self.request(question, language, filters)
        articles = self._retriever.store.summaries(request.filters)
        written_in, subject = _written_in(question, language, request.subject, articles)
        if written_in:
            articles = [article for article in articles if primary_subtag(article.language) == written_in]
        authors = _authors_named(question, articles)
        subject = " ".join(word for word in subject.split() if not any(is_named(word, author) for author in authors))
        if authors:
            articles = [article for article in articles if article.author in authors]
        near: list[Hit] = []
        if subject:
            is_chosen = bool(authors or written_in)
            within = Filters(articles=tuple(article.id for article in articles)) if is_chosen else request.filters
            near = self._nearest(subject, within) if articles else []
            articles = _on_subject(near, articles)
        else:
            articles = sorted(articles, key=lambda article: article.published or date.min, reverse=True)
        days = f" ({request.period.in_words(language)})" if request.period else ""
        headline = f"{phrase(Phrase.ARTICLES, language).format(number=len(articles))}{days}"
        shown = articles[: NEWEST if news and not request.period else LISTED]
        citations = self._citations(shown, news=news)
        lines = [
            f"{_listing_line(citation, article, language, news=news)} {Mark((citation.number,))}"
            for citation, article in zip(citations, shown, strict=True)
        ]
        return Answer(
            question=question,
            text="\n".join([headline, *lines, *(["…"] if len(articles) > len(shown) else [])]),
            status=Status.ANSWERED if citations else Status.NOT_FOUND,
            language=language,
            model=EXTRACTIVE,
            citations=tuple(citations),
            closest=() if citations else tuple(sorted(near, key=lambda hit: -hit.covered)[:CLOSEST]),
        )

    def request(self, question: str, language: str, filters: Filters | None = None) -> Request:
        """Return which articles a question asks for, and on what subject.

        Args:
            question: In any language.
            language: BCP 47 code of the question.
            filters: What else has to hold.
        """
        chosen = filters or Filters()
        period = find_period(question, language, self._today())
        if period:
            chosen = chosen.within(period.first, period.last)
        return Request(chosen, self.subject(question, language, period), period)

    def subject(self, question: str, language: str, period: Period | None = None) -> str:
        """Return the subject that a request names; empty if it names none."""
        if self._subjects is None:
            return ""
        place = self._subjects.subject(question, *self._retriever.question_tokens(question, language))
        if place is None:
            return ""
        if period and place.overlaps(period.place):
            before = question[place.start : min(place.end, period.place.start)].strip()
            return before or question[max(place.start, period.place.end) : place.end].strip()
        return place.of(question)

    def articles_about(self, subject: str, filters: Filters | None = None, gap: float = GAP) -> list[ArticleSummary]:
        """Return the articles on a subject, nearest first, without those that cover more than `gap` less of it."""
        articles = self._retriever.store.summaries(filters)
        return _on_subject(self._nearest(subject, filters), articles, gap) if articles else []

    def _nearest(self, subject: str, filters: Filters | None) -> list[Hit]:
        """Return the first passage of each article that a search for a subject finds."""
        # Several passages of one article may be found: more hits than articles are asked for.
        hits = self._retriever.search(subject, 2 * LISTED, filters).hits
        first: dict[str, Hit] = {}
        for hit in hits:
            first.setdefault(hit.article.id, hit)
        return list(first.values())

    def _citations(self, articles: Sequence[ArticleSummary], *, news: bool) -> list[Citation]:
        store = self._retriever.store
        ids = [article.id for article in articles]
        with store.snapshot():
            whole = store.articles(ids)
            first = {passage.article_id: passage for passage in store.passages_of(ids, 1)}
        return [
            Citation.of(
                whole[article_id],
                first[article_id],
                _first_sentence(whole[article_id], first[article_id], news=news),
                number,
            )
            for number, article_id in enumerate(ids, 1)
        ]


def _on_subject(near: Sequence[Hit], articles: Sequence[ArticleSummary], gap: float = GAP) -> list[ArticleSummary]:
    """Return those of some articles that are on a subject, in the order of the hits of a search for it."""
    by_id = {article.id: article for article in articles}
    least = max([ABOUT, *(hit.covered - gap for hit in near)])
    return [by_id[hit.article.id] for hit in near if hit.covered >= least and hit.article.id in by_id]


def _first_sentence(article: Article, passage: Passage, *, news: bool) -> Span:
    """Return the first sentence of an article's first passage; of news, a byline is none where there is another."""
    byline = byline_of(article) if news else None
    return next((span for span in passage.sentences if span != byline), passage.sentences[0])


def _listing_line(citation: Citation, summary: ArticleSummary, language: str, *, news: bool) -> str:
    day = day_in_words(summary.published, language) if summary.published else ""
    if news:
        return f"{day}: {without_marks(citation.quote)}" if day else without_marks(citation.quote)
    details = ", ".join(part for part in (without_marks(summary.author), day) if part)
    title = without_marks(summary.title)
    return f"{title} — {details}" if details else title


def _written_in(question: str, language: str, subject: str, articles: Sequence[ArticleSummary]) -> tuple[str, str]:
    """Return the language that articles are to be in, or nothing, and the subject without its name."""
    known = (primary_subtag(article.language) for article in articles)
    named = language_of_articles(question, language, dict.fromkeys([*known, *languages()]))
    if named is None:
        return "", subject
    code, name = named
    rest = subject.replace(name, " ")
    if rest == subject:
        return code, subject
    # "German elections" are a subject.
    return ("", subject) if without_asking_words(rest).strip() else (code, "")


def _authors_named(question: str, articles: Sequence[ArticleSummary]) -> frozenset[str]:
    """Return the authors whose names a question says, each word of them."""
    authors = {article.author for article in articles if article.author.strip()}
    return frozenset(author for author in authors if all(is_named(part, question) for part in author.split()))
