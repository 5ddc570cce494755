"""`Indexer`: brings a store level with files, folders and URLs."""

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.articles.article import Article
from assistant.articles.limits import ReadingLimits
from assistant.articles.reading import Reading, ReadOptions, problem
from assistant.articles.reading_process import Tick
from assistant.articles.registry import Found, find_files, read_source
from assistant.embedding.encoder import Encoder
from assistant.embedding.token_codec import TokenCodec
from assistant.errors import Message, ReadError
from assistant.indexing.passage_encoder import BATCH, PassageEncoder
from assistant.observability import stage
from assistant.passages.passage import Passage
from assistant.progress import Progress, no_progress
from assistant.settings import Settings
from assistant.store.passage_store import PassageStore
from assistant.store.source_files import KnownFile, SourceFile
from assistant.text.controls import printable
from assistant.text.paths import is_url

if TYPE_CHECKING:
    from assistant.indexing.cluster import Cluster, Prepared

_FEWEST_GONE = 10
_FEWEST_GONE_OF_EMPTY = 3
_LEAST_LEFT = 0.5


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
        passed_over: Files in the folders that are of no known format.
        is_preview: Whether nothing was written: the report says what would be.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    problems: tuple[ReadError, ...] = ()
    encoded: int = 0
    passed_over: tuple[str, ...] = ()
    is_preview: bool = False


class Indexer:
    """Reads articles, has new ones encoded, and commits them one by one.

    An interruption at any point loses the batch at work, nothing else, and the next sync goes on from there. A
    file is skipped unread while its size and time stay the same, and a text that the store knows, under whatever
    name, is never encoded again.

    Args:
        store: Where the articles go.
        encoder: Gives the vectors.
        codec: Compresses the token vectors.
        settings: Say how long a passage may be, how sources are read, and whether local addresses may be.

    Attributes:
        options: How sources are read.

    Example:
        >>> Indexer(store, encoder, codec, settings).sync(["seeds"]).added  # doctest: +SKIP
        ('/articles/seeds/a.txt',)
    """

    def __init__(self, store: PassageStore, encoder: Encoder, codec: TokenCodec, settings: Settings) -> None:
        self._store = store
        self._encoder = encoder
        self._codec = codec
        self._settings = settings
        self.options = read_options(settings)

    def sync(
        self,
        paths: Iterable[str | Path],
        progress: Progress = no_progress,
        *,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        preview: bool = False,
        remove_most: bool = False,
        cluster: "Cluster | None" = None,
    ) -> SyncReport:
        """Bring the store level with files and folders; what it holds from elsewhere stays.

        Args:
            paths: Files and folders.
            progress: Told about reading and encoding as they go on.
            include: Patterns of the files to read, see `find_files`; what the store holds of others stays.
            exclude: Patterns of files to leave out.
            preview: Write nothing, and report the files that would be added, changed or removed.
            remove_most: Go on where most files are gone, as they are where a disk is not mounted.
            cluster: Reads and encodes; without it, this process does.

        Raises:
            ReadError: a path does not exist or is a folder that cannot be listed, or most files are gone. Nothing has
                been changed then.
            StoreError: the store cannot be written.
            ModelError: the embedding model failed.
        """
        # As find_files spells them: without "..", and with symbolic links left as they are.
        roots = [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100
        found = find_files(roots, include=include, exclude=exclude)
        run = self._run(progress, found.problems)
        if preview:
            return run.preview(found, roots)
        if not remove_most:
            run.refuse_to_remove_most(found.files, roots)
        if cluster is not None:
            known = (summary.id for summary in self._store.summaries())
            here = self._encoder, self._codec, self._settings, progress
            run.have_prepared(cluster.prepare(run.to_read(found.files), known, self.options, here))
        run.take(found.files)
        # Last, so that a file that was moved keeps its article: by now its new name is known.
        run.remove_vanished(found.files, roots)
        return replace(run.finish(), passed_over=tuple(map(str, found.passed_over)))

    def add(
        self,
        sources: Iterable[str | Path],
        progress: Progress = no_progress,
        *,
        write_lock: AbstractContextManager[object] | None = None,
    ) -> SyncReport:
        """Add files, folders and URLs; nothing is removed. Returns and raises as `sync` does.

        Args:
            sources: Files, folders and URLs.
            progress: Told about reading and encoding as they go on.
            write_lock: Held from when the first of them has been read until all are stored: others may change the store
                before.
        """
        sources = list(sources)
        found = find_files(source for source in sources if not is_url(source))
        run = self._run(progress, found.problems)
        with ExitStack() as stack:
            inputs: list[Path | str] = [*found.files, *(str(source) for source in sources if is_url(source))]
            run.take(inputs, lambda: stack.enter_context(write_lock or nullcontext()))
            return replace(run.finish(), passed_over=tuple(map(str, found.passed_over)))

    def add_articles(self, articles: Sequence[Article], progress: Progress = no_progress) -> SyncReport:
        """Add articles that are in memory already, replacing what their sources held. Raises as `sync` does."""
        run = self._run(progress)
        run.take(articles)
        return run.finish()

    def _run(self, progress: Progress, problems: Sequence[ReadError] = ()) -> "_Run":
        encoder = PassageEncoder(self._encoder, self._codec, self._settings, progress)
        return _Run(
            self._store,
            encoder,
            progress,
            allow_private=self._settings.allow_private_addresses,
            options=self.options,
            problems=problems,
        )


def read_options(settings: Settings) -> ReadOptions:
    """Return how the settings say that sources are read."""
    chosen = {"text": settings.text_column, "title": settings.title_column, "date": settings.date_column}
    columns = {name: column for name, column in chosen.items() if column}
    return ReadOptions(columns, settings.text_recognition, ReadingLimits.of(settings))


@dataclass(frozen=True, slots=True)
class _Source:
    """What was read of a file, a URL or a caller's article.

    Attributes:
        articles: Those that the store can hold.
        path: The file they are from; None where it is none.
        file: How the file looked; None where the next sync is to try again, because not all of it could be read.
    """

    articles: tuple[Article, ...]
    path: str | None = None
    file: SourceFile | None = None


@dataclass(frozen=True, slots=True)
class _NewArticle:
    """An article that is to be encoded.

    Attributes:
        article: The article.
        passages: What it was cut into.
        source: Where it was read.
        is_last: Whether its source holds no further article to be encoded, so that the source is done with it.
    """

    article: Article
    passages: list[Passage]
    source: _Source
    is_last: bool


class _Run:
    """One sync, and what it has done so far."""

    def __init__(
        self,
        store: PassageStore,
        encoder: PassageEncoder,
        progress: Progress,
        *,
        allow_private: bool,
        options: ReadOptions,
        problems: Sequence[ReadError],
    ) -> None:
        self._store = store
        self._encoder = encoder
        self._progress = progress
        self._allow_private = allow_private
        self._options = options
        self._prepared: Prepared | None = None
        self._looked: dict[str, tuple[SourceFile | None, bool]] = {}
        self._known = store.known_files()
        self._added: list[str] = []
        self._changed: list[str] = []
        self._removed: list[str] = []
        self._unchanged: list[str] = []
        self._problems = list(problems)

    def to_read(self, files: Sequence[Path]) -> list[Path]:
        """Return the files that are new or changed. Where one changes later, the next sync finds that."""
        self._looked = {str(file): self._look(file) for file in files}
        return [file for file in files if not self._looked[str(file)][1]]

    def have_prepared(self, prepared: "Prepared") -> None:
        """Take from others what they make of the files that `to_read` named."""
        self._prepared = prepared
        self._encoder = prepared.encoder

    @stage("ingest")
    def take(self, inputs: Sequence[Path | str | Article], before_writing: Callable[[], object] = lambda: None) -> None:
        """Bring files (paths), URLs (strings) and articles in memory into the store: read, chunk, encode, write.

        `before_writing` is called once, before anything of what was read is written.
        """
        may_write = False
        batch: list[_NewArticle] = []
        for number, given in enumerate(inputs):
            tick = partial(self._progress, "reading", number, len(inputs))
            tick()
            source = self._read(given, tick)
            if source is None:
                continue
            if not may_write:
                before_writing()
                may_write = True
            new = self._attach_known(source)
            for article in new:
                batch.append(_NewArticle(article, self._encoder.chunk(article), source, article is new[-1]))
                if sum(len(waiting.passages) for waiting in batch) >= BATCH:
                    self._write(batch)
                    batch = []
            if not new:
                self._finish_file(source)
        self._progress("reading", len(inputs), len(inputs))
        self._write(batch)

    def preview(self, found: Found, roots: Sequence[Path]) -> SyncReport:
        """Say which files are new, changed, gone and as they were; nothing is read for it but those that changed."""
        added: list[str] = []
        changed: list[str] = []
        unchanged: list[str] = []
        for path in found.files:
            known = self._known.get(str(path), KnownFile(None, {}))
            with suppress(OSError):
                if known.file is None:
                    (changed if known.articles else added).append(str(path))
                elif known.file.looks_unchanged(path) or known.file.digest == SourceFile.of(path).digest:
                    unchanged += known.articles
                else:
                    changed.append(str(path))
        removed = [source for known in self._vanished(found.files, roots).values() for source in known.articles]
        return SyncReport(
            added=tuple(added),
            changed=tuple(changed),
            removed=tuple(removed),
            unchanged=tuple(unchanged),
            problems=tuple(self._problems),
            passed_over=tuple(map(str, found.passed_over)),
            is_preview=True,
        )

    def refuse_to_remove_most(self, files: Sequence[Path], roots: Sequence[Path]) -> None:
        """Raise ReadError where so few files are left that a folder is rather unmounted than emptied."""
        gone = self._vanished(files, roots)
        known = sum(1 for path in self._known if _is_below(Path(path), roots))
        least = _FEWEST_GONE_OF_EMPTY if not files else _FEWEST_GONE
        if len(gone) >= least and len(files) < known * _LEAST_LEFT:
            raise ReadError(
                "{count} of the {known} files that the store knows below {folder} are gone: is it mounted? To remove "
                "their articles, sync with --remove-most.",
                source=str(roots[0]),
                count=len(gone),
                known=known,
                folder=printable(roots[0]),
            )

    def _vanished(self, files: Sequence[Path], roots: Sequence[Path]) -> dict[str, KnownFile]:
        """Return the files at or below `roots` that exist no more."""
        present = set(map(str, files))
        return {
            path: known
            for path, known in self._known.items()
            if path not in present and _is_below(Path(path), roots) and _is_gone(Path(path))
        }

    def remove_vanished(self, files: Sequence[Path], roots: Sequence[Path]) -> None:
        """Remove what came from files at or below `roots` that exist no more."""
        gone = self._vanished(files, roots)
        if gone:
            self._store.remove_files(gone)
            self._removed += [source for known in gone.values() for source in known.articles]

    def finish(self) -> SyncReport:
        """Publish the search index and report."""
        self._store.publish()
        return SyncReport(
            added=tuple(self._added),
            changed=tuple(self._changed),
            removed=tuple(self._removed),
            unchanged=tuple(self._unchanged),
            problems=tuple(self._problems),
            encoded=self._encoder.encoded,
        )

    def _read(self, given: Path | str | Article, tick: Tick) -> _Source | None:
        """Read an input; None where it is a file that has not changed."""
        if isinstance(given, Article):
            return self._source(Reading((given,)))
        if isinstance(given, str):
            reading = read_source(given, allow_private=self._allow_private, options=self._options, tick=tick)
            return self._source(reading)
        file, is_known = self._looked.get(str(given)) or self._look(given)
        if file is not None and is_known:
            known = self._known[str(given)]
            if file != known.file:
                self._store.finish_file(file, known.articles)
            self._unchanged += known.articles
            return None
        read = self._prepared.read if self._prepared else read_source
        return self._source(read(given, options=self._options, tick=tick), str(given), file)

    def _look(self, path: Path) -> tuple[SourceFile | None, bool]:
        """Return how a file is, and whether the store has its content; nothing where it cannot be looked at.

        Reading it then says why.
        """
        known = self._known.get(str(path), KnownFile(None, {})).file
        with suppress(OSError):
            if known is not None and known.looks_unchanged(path):
                return known, True
            file = SourceFile.of(path)
            return file, known is not None and known.digest == file.digest
        return None, False

    def _source(self, reading: Reading, path: str | None = None, file: SourceFile | None = None) -> _Source:
        """Note what could not be read, and leave out articles that no database can hold, from broken JSON, say."""
        problems = list(reading.problems)
        articles = []
        for article in reading.articles:
            try:
                f"{article.source}{article.title}{article.text}".encode()
            except UnicodeEncodeError:
                reason = Message("it holds characters that are no valid Unicode; repair it.")
                problems.append(problem(article.source, reason))
            else:
                articles.append(article)
        self._problems += problems
        return _Source(tuple(articles), path, None if problems and not reading.is_final else file)

    def _attach_known(self, source: _Source) -> list[Article]:
        """Give articles whose text is stored the source's names, and return the others."""
        known: list[Article] = []
        new: list[Article] = []
        for article in source.articles:
            (known if self._is_stored(article) else new).append(article)
        if known:
            # All at once: where rows of a table have moved, one's old number is another's new one.
            self._store.attach(known, file=source.path)
        return new

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
        # Terms depend on the language and token vectors on the title, which may change without the text.
        as_encoded = stored is not None and (stored.language, stored.title) == (article.language, article.title)
        return stored is not None and (as_encoded or not is_first)

    def _write(self, batch: Sequence[_NewArticle]) -> None:
        """Encode the articles of a batch, the same text once, and commit them together."""
        if not batch:
            return
        texts: dict[str, tuple[Article, list[Passage]]] = {}
        for new in batch:
            texts.setdefault(new.article.id, (new.article, new.passages))
        # All of them before the store is locked: others may write until then.
        encoded = iter(list(self._encoder.encode(list(texts.values()))))
        with stage("store"), self._store.together():
            for new in batch:
                if texts.pop(new.article.id, None) is None:
                    self._store.attach([new.article], file=new.source.path)
                else:
                    self._store.put(new.article, list(islice(encoded, len(new.passages))), file=new.source.path)
                if new.is_last:
                    self._finish_file(new.source)

    def _finish_file(self, source: _Source) -> None:
        """Note that a file is stored whole, and drop what its former content was the source of."""
        if source.path is None or source.file is None:
            return
        sources = {article.source for article in source.articles}
        self._store.finish_file(source.file, sources)
        before = self._known.get(source.path, KnownFile(None, {})).articles
        self._removed += [former for former in before if former not in sources]


def _is_below(path: Path, roots: Sequence[Path]) -> bool:
    return any(path.is_relative_to(root) for root in roots)


def _description(article: Article) -> tuple[object, ...]:
    return article.title, article.language, article.published, article.metadata, article.pages, article.sections


def _is_gone(path: Path) -> bool:
    """Return whether there is no such file. One that merely cannot be reached is not gone."""
    try:
        return not path.is_file()
    except OSError:
        return False
