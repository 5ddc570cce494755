"""The `PassageStore` protocol: what retrieval and the façade ask of a store."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from assistant.articles.article import Article
from assistant.embedding.encoder import Vector
from assistant.passages.passage import Passage
from assistant.store.source_files import KnownFile, SourceFile


@dataclass(frozen=True, slots=True)
class Filters:
    """Which passages a search may return; every condition that is set must hold.

    Attributes:
        languages: BCP 47 codes of articles.
        sources: Sources or beginnings of sources (a folder, a site).
        articles: Article ids.
        published_from: First day of publication, included. Articles without a date do not match.
        published_to: Last day of publication, included. Articles without a date do not match.
    """

    languages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    published_from: date | None = None
    published_to: date | None = None

    def __bool__(self) -> bool:
        """Return whether any condition is set."""
        return self != Filters()

    def within(self, first: date | None, last: date | None) -> "Filters":
        """Return the filters that also leave out what was published before `first` or after `last`; None leaves open.

        Example:
            >>> Filters(published_from=date(2025, 3, 1)).within(date(2025, 1, 1), None).published_from
            datetime.date(2025, 3, 1)
        """
        return replace(
            self,
            published_from=max(filter(None, (self.published_from, first)), default=None),
            published_to=min(filter(None, (self.published_to, last)), default=None),
        )


@dataclass(frozen=True, slots=True)
class EncodedPassage:
    """A passage with all that the store keeps of it.

    Attributes:
        passage: The passage.
        vector: Its pooled vector, shape `(dimension,)`, of unit length.
        tokens: Its token vectors, as the token codec compressed them.
        terms: Its normalised and stemmed words, for the full-text index, in reading order.
    """

    passage: Passage
    vector: Vector
    tokens: bytes
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArticleSummary:
    """An article as lists show it: everything but the text, and the number of its passages and characters.

    `author` is empty where none is known.
    """

    id: str
    title: str
    source: str
    other_sources: tuple[str, ...]
    language: str
    published: date | None
    passages: int
    characters: int
    author: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage number with a score from one side of the search (higher is better)."""

    passage_id: int
    score: float


class PassageStore(Protocol):
    """Keeps articles, passages and vectors, and finds candidates among them."""

    @property
    def generation(self) -> int:
        """How many changes the store has seen."""
        ...

    @property
    def size(self) -> int:
        """How many bytes it takes on disk."""
        ...

    def put(self, article: Article, passages: Sequence[EncodedPassage], *, file: str | None = None) -> None:
        """Store an article with its passages in one transaction, replacing whatever its source held before.

        `file` is the file that it was read from, if any; see `finish_file`.
        """
        ...

    def attach(self, articles: Sequence[Article], *, file: str | None = None) -> None:
        """Give articles whose text is stored already their sources; raises `NotInStoreError` where one is not."""
        ...

    def finish_file(self, file: SourceFile, sources: Collection[str]) -> None:
        """Note that a file has been read to its end, and drop its sources that are not among `sources`."""
        ...

    def remove_files(self, paths: Iterable[str]) -> None:
        """Drop all sources that were read from these files, and articles that have no other."""
        ...

    def remove_sources(self, sources: Iterable[str]) -> None:
        """Drop sources, and articles that have no other."""
        ...

    def known_files(self) -> dict[str, KnownFile]:
        """Return every file that articles were read from, by path."""
        ...

    def article_of(self, source: str) -> str | None:
        """Return the id of the article that `source` holds, if it is known."""
        ...

    def has(self, article_id: str) -> bool:
        """Return whether an article is stored."""
        ...

    def remove(self, article_ids: Iterable[str]) -> None:
        """Remove articles everywhere; raises `NotInStoreError`, and removes nothing, if one is not there."""
        ...

    def summaries(
        self, filters: Filters | None = None, *, limit: int | None = None, offset: int = 0
    ) -> list[ArticleSummary]:
        """List the articles, ordered by title: `limit` of them at most, leaving out the first `offset`."""
        ...

    def languages(self, filters: Filters | None = None) -> dict[str, int]:
        """Return how many articles there are in each language."""
        ...

    def article(self, article_id: str) -> Article:
        """Return an article whole; raises `NotInStoreError`."""
        ...

    def articles(self, article_ids: Iterable[str]) -> dict[str, Article]:
        """Return several articles by id; raises `NotInStoreError`."""
        ...

    def passages(self, passage_ids: Sequence[int]) -> list[Passage]:
        """Return passages, in the order asked for."""
        ...

    def siblings(self, passage_ids: Sequence[int], most: int) -> list[int]:
        """Return the first `most` passages of each article that one of these passages is from, in reading order."""
        ...

    def passages_of(self, article_ids: Iterable[str], most: int) -> list[Passage]:
        """Return the first `most` passages of each of these articles, article by article, in reading order."""
        ...

    def vectors(self, passage_ids: Sequence[int]) -> list[Vector]:
        """Return pooled vectors, in the order asked for."""
        ...

    def token_vectors(self, passage_ids: Sequence[int]) -> list[bytes]:
        """Return compressed token vectors, in the order asked for."""
        ...

    def terms_of(self, passage_ids: Sequence[int]) -> list[tuple[str, ...]]:
        """Return the full-text terms of passages, in the order asked for."""
        ...

    def dense_candidates(self, vector: Vector, k: int, filters: Filters | None = None) -> list[Candidate]:
        """Return the `k` passages whose pooled vectors have the largest inner product with `vector`, best first."""
        ...

    def lexical_candidates(self, terms: Sequence[str], k: int, filters: Filters | None = None) -> list[Candidate]:
        """Return up to `k` passages that hold any of `terms`, by BM25, best first (scores are positive)."""
        ...

    def terms_like(self, terms: Iterable[str], prefixes: Iterable[str] = ()) -> set[str]:
        """Return those of `terms` that any passage holds, and all terms that begin with one of `prefixes`."""
        ...

    def snapshot(self) -> AbstractContextManager[object]:
        """Let all that this thread reads within the block come from one state of the store, whatever others write."""
        ...

    def is_writable(self) -> bool:
        """Return whether changes can be made. Changes nothing; raises `StoreError` where it cannot even be read."""
        ...

    def together(self) -> AbstractContextManager[None]:
        """Let all changes that this thread makes within the block become permanent together, at its end, or none.

        One transaction for many articles spares waiting for the disk after each. What the block reads of the store is
        as it was before, and others cannot write meanwhile: nothing slow belongs in it.

        Raises:
            StoreError: the store cannot be written.
        """
        ...

    def publish(self) -> None:
        """Keep what is derived from the articles, such as a search index, for other processes; changes nothing else."""
        ...

    def check(self) -> list[str]:
        """Return what is wrong with the store, a line for each problem; nothing if it is sound. Reads everything."""
        ...

    def repair(self) -> list[str]:
        """Mend what can be mended of what `check` finds, and return what was done, a line each."""
        ...

    def close(self) -> None:
        """Release files and connections."""
        ...
