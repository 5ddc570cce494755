"""`Indexer`: brings a store level with files, folders and URLs."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.articles.article import Article
from assistant.articles.reading import problem
from assistant.articles.registry import find_files, is_url, read_source
from assistant.embedding.encoder import Encoder
from assistant.embedding.token_codec import TokenCodec
from assistant.errors import Message, ReadError
from assistant.progress import Progress, no_progress
from assistant.settings import Settings
from assistant.store.local_store import LocalStore
from assistant.store.origins import Origin, OriginState
from assistant.store.passage_encoder import PassageEncoder
from assistant.store.passage_store import EncodedPassage


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did.

    Attributes:
        added: Sources that are new in the store.
        changed: Sources whose article has changed.
        removed: Sources that are gone.
        unchanged: Sources that are as they were.
        problems: What could not be read. Where the store held an article of it, it still does.
        encoded: How many passages had to be encoded.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    problems: tuple[ReadError, ...] = ()
    encoded: int = 0


class Indexer:
    """Reads articles, has new ones encoded, and commits them one by one.

    An interruption at any point loses the article at work, nothing else, and the next sync goes on from there. A
    file is skipped unread while its size and time stay the same, and a text that the store knows, under whatever
    name, is never encoded again.

    Args:
        store: Where the articles go.
        encoder: Gives the vectors.
        codec: Compresses the token vectors.
        settings: Say how long a passage may be, and whether addresses on the local network may be read.

    Example:
        >>> Indexer(store, encoder, codec, settings).sync(["seeds"]).added  # doctest: +SKIP
        ('/articles/seeds/a.txt',)
    """

    def __init__(self, store: LocalStore, encoder: Encoder, codec: TokenCodec, settings: Settings) -> None:
        self._store = store
        self._encoder = PassageEncoder(encoder, codec, settings)
        self._allow_private = settings.allow_private_addresses

    def sync(self, paths: Iterable[str | Path], progress: Progress = no_progress) -> SyncReport:
        """Bring the store level with files and folders; what it holds from elsewhere stays.

        Raises:
            ReadError: a path does not exist, or a folder cannot be listed. Nothing has been changed then.
            StoreError: the store cannot be written.
            ModelError: the embedding model failed.
        """
        # As find_files spells them: without "..", and with symbolic links left as they are.
        roots = [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100
        files = find_files(roots)
        run = _Run(self._store, self._encoder, progress)
        run.take(files)
        # Last, so that a file that was moved keeps its article: by now its new name is known.
        run.remove_vanished(roots)
        return run.finish()

    def add(self, sources: Iterable[str | Path], progress: Progress = no_progress) -> SyncReport:
        """Add files, folders and URLs; nothing is removed. Returns and raises as `sync` does."""
        sources = list(sources)
        files = find_files(source for source in sources if not is_url(source))
        run = _Run(self._store, self._encoder, progress, allow_private=self._allow_private)
        run.take([*files, *(str(source) for source in sources if is_url(source))])
        return run.finish()

    def add_articles(self, articles: Sequence[Article], progress: Progress = no_progress) -> SyncReport:
        """Add articles that are in memory already, replacing what their sources held. Raises as `sync` does."""
        run = _Run(self._store, self._encoder, progress)
        run.take([_Work((article,)) for article in articles])
        return run.finish()


@dataclass(slots=True)
class _Work:
    """The articles of one file, URL or caller, on their way into the store.

    Attributes:
        articles: What was read.
        path: The file they are from; None where it is none.
        origin: How the file looked; None where not all of it could be read, so that the next sync tries again.
        outstanding: How many of the articles are not in the store yet.
    """

    articles: tuple[Article, ...]
    path: str | None = None
    origin: Origin | None = None
    outstanding: int = 0


class _Run:
    """One sync, and what it has done so far."""

    def __init__(
        self, store: LocalStore, encoder: PassageEncoder, progress: Progress, *, allow_private: bool = False
    ) -> None:
        self._store = store
        self._allow_private = allow_private
        self._encoder = encoder
        self._progress = progress
        self._known = store.origins()
        # Articles being encoded, by id, each with all that wait for it: the same text may come under several names.
        self._awaited: dict[str, list[tuple[Article, _Work]]] = {}
        self._added: list[str] = []
        self._changed: list[str] = []
        self._removed: list[str] = []
        self._unchanged: list[str] = []
        self._problems: list[ReadError] = []
        self._encoded = 0

    def take(self, inputs: Sequence[Path | str | _Work]) -> None:
        """Bring files (paths), URLs (strings) and articles in memory into the store."""
        for article, passages in self._encoder.encode(self._unknown(inputs), self._progress):
            self._put(article, passages)

    def remove_vanished(self, roots: Sequence[Path]) -> None:
        """Remove what came from files at or below `roots` that exist no more."""
        gone = {
            path: state
            for path, state in self._known.items()
            if any(Path(path).is_relative_to(root) for root in roots) and _is_gone(Path(path))
        }
        if gone:
            self._store.remove_origins(gone)
            self._removed += [source for state in gone.values() for source in state.articles]

    def finish(self) -> SyncReport:
        """Publish the search index and report."""
        self._store.publish()
        return SyncReport(
            added=tuple(self._added),
            changed=tuple(self._changed),
            removed=tuple(self._removed),
            unchanged=tuple(self._unchanged),
            problems=tuple(self._problems),
            encoded=self._encoded,
        )

    def _unknown(self, inputs: Sequence[Path | str | _Work]) -> Iterator[Article]:
        """Read the inputs and give those articles that must be encoded; the others go into the store at once."""
        for number, given in enumerate(inputs):
            self._progress("reading", number, len(inputs))
            work = given if isinstance(given, _Work) else self._read(given)
            if work is not None:
                yield from self._settle(work)
        self._progress("reading", len(inputs), len(inputs))

    def _read(self, given: Path | str) -> _Work | None:
        if isinstance(given, str):
            reading = read_source(given, allow_private=self._allow_private)
            self._problems += reading.problems
            return _Work(reading.articles)
        state = self._known.get(str(given), OriginState(None, {}))
        try:
            if state.origin is not None and state.origin.looks_unchanged(given):
                self._unchanged += state.articles
                return None
            origin = Origin.of(given)
        except OSError:
            # `read_source` meets the same and says what it is.
            origin = None
        if origin is not None and state.origin is not None and state.origin.digest == origin.digest:
            self._store.finish_origin(origin, state.articles)
            self._unchanged += state.articles
            return None
        reading = read_source(given)
        self._problems += reading.problems
        return _Work(reading.articles, str(given), None if reading.problems else origin)

    def _drop_unwritable(self, work: _Work) -> None:
        """Report articles that no database can hold, from broken JSON, say."""
        for article in work.articles:
            try:
                f"{article.source}{article.title}{article.text}".encode()
            except UnicodeEncodeError:
                reason = Message("it holds characters that are no valid Unicode; repair it.")
                self._problems.append(problem(article.source, reason))
                work.articles = tuple(other for other in work.articles if other is not article)
                work.origin = None

    def _settle(self, work: _Work) -> Iterator[Article]:
        self._drop_unwritable(work)
        known: list[Article] = []
        new: list[Article] = []
        for article in work.articles:
            (known if self._is_stored(article) else new).append(article)
        if known:
            # All at once: where rows of a table have moved, one's old number is another's new one.
            self._store.attach(known, origin=work.path)
        work.outstanding = len(new)
        for article in new:
            waiting = self._awaited.setdefault(article.id, [])
            waiting.append((article, work))
            if len(waiting) == 1:
                yield article
        if not new:
            self._finish(work)

    def _is_stored(self, article: Article) -> bool:
        """Return whether the article need not be encoded, and note what becomes of its source."""
        before = self._store.article_of(article.source)
        stored = self._store.articles([article.id])[article.id] if self._store.has(article.id) else None
        is_first = stored is not None and stored.source == article.source
        described_anew = is_first and stored is not None and _description(stored) != _description(article)
        if before is None:
            self._added.append(article.source)
        elif before != article.id or described_anew:
            self._changed.append(article.source)
        else:
            self._unchanged.append(article.source)
        # Passages and terms depend on the language, which may be declared anew without a change to the text.
        return stored is not None and not (is_first and stored.language != article.language)

    def _put(self, article: Article, passages: Sequence[EncodedPassage]) -> None:
        self._encoded += len(passages)
        for number, (same, work) in enumerate(self._awaited.pop(article.id)):
            if number == 0:
                self._store.put(same, passages, origin=work.path)
            else:
                self._store.attach([same], origin=work.path)
            work.outstanding -= 1
            if work.outstanding == 0:
                self._finish(work)

    def _finish(self, work: _Work) -> None:
        if work.path is None or work.origin is None:
            return
        sources = {article.source for article in work.articles}
        self._store.finish_origin(work.origin, sources)
        before = self._known.get(work.path, OriginState(None, {})).articles
        self._removed += [source for source in before if source not in sources]


def _description(article: Article) -> tuple[object, ...]:
    return article.title, article.language, article.published, article.metadata


def _is_gone(path: Path) -> bool:
    """Return whether there is no such file. One that merely cannot be reached is not gone."""
    try:
        return not path.is_file()
    except PermissionError:
        return False
