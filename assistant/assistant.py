"""`Assistant`: the one façade that the command line, the web page, the evaluation and Python users call."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from assistant import observability
from assistant.answering.execution import Execution, QuestionAnswerer
from assistant.articles.article import Article
from assistant.errors import StoreError
from assistant.progress import Progress, no_progress
from assistant.settings import DatabaseUrl, load_settings
from assistant.telemetry import is_tracing_asked_for

if TYPE_CHECKING:
    from langchain_core.retrievers import BaseRetriever

    from assistant.answering.answer import Answer, Choice
    from assistant.answering.events import Event
    from assistant.answering.responder import Responder
    from assistant.conversation.conversation import Conversation
    from assistant.conversation.turn import Turn
    from assistant.embedding.encoder import Encoder, Vector
    from assistant.embedding.token_codec import TokenCodec
    from assistant.feeds.polite_client import PoliteClient
    from assistant.feeds.refresh import Refresher, RefreshReport
    from assistant.feeds.state import FeedState, Followed
    from assistant.indexing.sync import Indexer, SyncReport
    from assistant.retrieval.hit import SearchResult
    from assistant.retrieval.retriever import Retriever
    from assistant.store.passage_store import ArticleSummary, Filters, PassageStore
    from assistant.store.transfer import Transfer


@dataclass(frozen=True, slots=True)
class Status:
    """What the store holds and how it was built.

    Attributes:
        store: The store's folder or database; as text it shows no password.
        articles: Number of articles.
        passages: Number of passages.
        languages: Number of articles by BCP 47 code, most first.
        embedding_model: Name of the embedding model.
        chat_model: The chat model that would answer.
        chat_model_reason: Why it and where it runs, where "auto" chose it; else "".
        bytes: Size of the store on disk.
        generation: Counts the changes made to the store.
        is_traced: Whether LangSmith is sent what chat models are asked and answer.
    """

    store: Path | DatabaseUrl
    articles: int
    passages: int
    languages: dict[str, int]
    embedding_model: str
    chat_model: str
    bytes: int
    generation: int
    is_traced: bool
    chat_model_reason: str = ""


_Value = TypeVar("_Value")


class _opened(cached_property[_Value]):  # noqa: N801 - used as a decorator
    """A `cached_property` of an `Assistant` that several threads may ask for at once: one opens it, the others wait."""

    def __get__(self, assistant: Any, owner: type[Any] | None = None) -> _Value:  # type: ignore[override]
        """Return what is open, opening it where need be."""
        with assistant._opening:  # noqa: SLF001 - part of the class below
            value: _Value = super().__get__(assistant, owner)
            return value


class Assistant(AbstractContextManager["Assistant"], QuestionAnswerer):
    """Answers questions about the articles of one store.

    Args:
        store: The store's folder, or postgresql://USER@HOST/DATABASE; without it, the setting `store` counts.
        today: Says which day it is, for "yesterday" and the like.
        **overrides: Any setting by its name (see `assistant.settings.Settings`), winning over the environment.

    Raises:
        SettingsError: a setting is unknown or malformed.

    Models and files are opened when they are first needed, so making an `Assistant` costs nothing. It may be used from
    several threads. Adding articles makes the store where there is none; where a call only reads, that is a
    `StoreError`.

    Example:
        >>> with Assistant("vectorstore") as assistant:  # doctest: +SKIP
        ...     assistant.sync(["seeds"])
        ...     print(assistant.ask("When is the next CSTO summit?").text)
    """

    def __init__(
        self, store: str | Path | DatabaseUrl | None = None, *, today: Callable[[], date] = date.today, **overrides: Any
    ) -> None:
        if store is not None:
            overrides["store"] = store
        self._overrides = overrides
        self.settings = load_settings(**overrides)
        observability.start(self.settings.otlp_endpoint)
        self._opening = threading.RLock()
        self._responders: dict[str, Responder] = {}
        self._today = today

    # -- The library ---------------------------------------------------------------------------------------------

    def sync(
        self,
        paths: str | Path | Iterable[str | Path],
        *,
        rebuild: bool = False,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        preview: bool = False,
        remove_most: bool = False,
        ray: str = "",
        progress: Progress = no_progress,
    ) -> "SyncReport":
        """Bring the store level with files and folders: what is new, changed or gone there is so here.

        Args:
            paths: Files and folders; what the store holds from elsewhere stays.
            rebuild: Build the store anew where it was made with another model or chunker.
            include: Patterns of the files in the folders to read, as `*.md` or `news/*`; all, if none.
            exclude: Patterns of files to leave out.
            preview: Write nothing, and report the files that would be added, changed or removed.
            remove_most: Go on where most files are gone, as they are where a disk is not mounted.
            ray: Let Ray's workers read and encode: "local" for those of this machine, or a cluster's address.
            progress: Told about reading and encoding as they go on.

        Returns:
            What was added, changed and removed, and the files that could not be read, with the reason.

        Raises:
            ReadError: a path does not exist, or most files are gone.
            StoreError: the store cannot be written, or needs `rebuild`.
        """
        self._load_encoder(progress)
        if rebuild and not preview:
            self.rebuild(progress=progress)
        sync = partial(
            self._indexer.sync,
            _as_paths(paths),
            progress,
            include=include,
            exclude=exclude,
            preview=preview,
            remove_most=remove_most,
        )
        if not ray:
            return sync()
        from assistant.indexing.cluster import Cluster  # noqa: PLC0415 - an extra that few need

        with Cluster(ray) as cluster:
            return sync(cluster=cluster)

    def rebuild(self, *, progress: Progress = no_progress) -> int:
        """Encode every stored article anew with the present settings, from its stored text; return how many passages.

        Until it is done the old store stays readable, and it is what remains if this is interrupted.

        Raises:
            StoreError: the store cannot be written.
        """
        from assistant.indexing.rebuild import rebuild  # noqa: PLC0415 - only this call needs it

        with self._opening:
            self.close()
            return rebuild(self.settings.store, self._encoder, self._codec, self.settings, progress)

    def add(
        self,
        sources: str | Path | Iterable[str | Path],
        *,
        progress: Progress = no_progress,
        write_lock: AbstractContextManager[object] | None = None,
    ) -> "SyncReport":
        """Add files, folders or URLs; nothing is removed. Returns and raises as `sync` does.

        `write_lock` is held from when the first of them has been read until all are stored.
        """
        self._load_encoder(progress)
        return self._indexer.add(_as_paths(sources), progress=progress, write_lock=write_lock)

    def add_articles(self, articles: Sequence[Article], *, progress: Progress = no_progress) -> "SyncReport":
        """Add articles that are already in memory."""
        return self._indexer.add_articles(articles, progress=progress)

    def remove(self, article_ids: str | Iterable[str]) -> None:
        """Remove articles by id. If one is not there, `NotInStoreError` is raised and nothing is removed."""
        self._store.remove([article_ids] if isinstance(article_ids, str) else list(article_ids))

    def articles(
        self, filters: "Filters | None" = None, *, limit: int | None = None, offset: int = 0
    ) -> "list[ArticleSummary]":
        """List the articles, ordered by title.

        Args:
            filters: Which articles.
            limit: How many at most; None for all.
            offset: How many of the first to leave out.

        Example:
            >>> assistant.articles(limit=100, offset=200)  # the third hundred  # doctest: +SKIP
        """
        return self._store.summaries(filters, limit=limit, offset=offset)

    def languages(self, filters: "Filters | None" = None) -> dict[str, int]:
        """Return how many articles there are in each language, by BCP 47 code."""
        return self._store.languages(filters)

    def article(self, article_id: str) -> Article:
        """Return one article whole. Raises `NotInStoreError`."""
        return self._store.article(article_id)

    def article_from(self, source: str) -> Article | None:
        """Return the article that a source holds: a path, a URL, `PATH#N` or a document's id; None if none is known."""
        article_id = self._store.article_of(source)
        return None if article_id is None else self._store.article(article_id)

    def remove_sources(self, sources: str | Iterable[str]) -> None:
        """Remove what came from these sources, which may be unknown; what is also from elsewhere stays."""
        self._store.remove_sources([sources] if isinstance(sources, str) else list(sources))

    # -- What is followed ----------------------------------------------------------------------------------------

    def follow(
        self, address: str | Path, *, keep_days: int | None = None, keep_articles: int | None = None
    ) -> "Followed":
        """Follow a feed, a site or a folder: from now on `refresh` brings what is new there.

        Args:
            address: The address of an RSS, Atom or JSON feed, of a sitemap or of a page of a site; or a folder.
            keep_days: Let `refresh` remove its articles when they are older; None keeps them.
            keep_articles: Let `refresh` keep so many of its articles, the newest; None keeps all.

        Returns:
            What is followed: of a site, the feed that was found, or else its sitemap.

        Raises:
            ReadError: the address cannot be read, or nothing was found there that can be followed.
            StoreError: it cannot be noted.

        Example:
            >>> Assistant("vectorstore").follow("https://example.org", keep_days=90).kind  # doctest: +SKIP
            'RSS'
        """
        from assistant.feeds.following import follow  # noqa: PLC0415 - only this call needs it

        return follow(address, self._feeds, self._polite_client, keep_days=keep_days, keep_articles=keep_articles)

    def unfollow(self, address: str | Path, *, remove_articles: bool = False) -> tuple[str, ...]:
        """Follow something no longer.

        Args:
            address: As `follow` was given it, or as `following` lists it.
            remove_articles: Remove its articles too, but for those that are also from elsewhere.

        Returns:
            The sources that were removed.

        Raises:
            ReadError: it is not followed.
            StoreError: the store cannot be written.
        """
        from assistant.feeds.following import followed_as, unfollow  # noqa: PLC0415 - only this call needs it

        removed = self._refresher.drop_articles(followed_as(address, self._feeds)) if remove_articles else ()
        unfollow(address, self._feeds)
        return removed

    def following(self) -> "list[Followed]":
        """List what is followed, by title, with how the last refresh of each went."""
        return self._feeds.followed()

    def refresh(
        self, addresses: Iterable[str | Path] = (), *, only_due: bool = False, progress: Progress = no_progress
    ) -> "RefreshReport":
        """Bring what is new or changed in what is followed, and remove what is not to be kept.

        Args:
            addresses: What to refresh; all that is followed, if none.
            only_due: Leave out what is not due: asked within `refresh_minutes`, or failing and to be asked later.
            progress: Told about reading and encoding as they go on.

        Returns:
            What was added, changed and removed. A feed that failed is a problem, and so is an article of which neither
            page nor feed gave a text.

        Raises:
            ReadError: an address is not followed.
            StoreError: the store cannot be written.
        """
        from assistant.feeds.following import followed_as  # noqa: PLC0415 - only this call needs it

        chosen = [followed_as(address, self._feeds) for address in addresses] or self.following()
        if only_due:
            chosen = [followed for followed in chosen if followed.is_due]
        return self._refresher.refresh(chosen, progress)

    def watch(
        self, paths: str | Path | Iterable[str | Path], *, stop: threading.Event | None = None
    ) -> "Iterator[SyncReport]":
        """Sync files and folders now, and again whenever something in them changes.

        Args:
            paths: Files and folders.
            stop: Ends the watching when it is set; without it, it goes on.

        Yields:
            What each sync did. One that failed has a problem, and the watching goes on.

        Raises:
            ReadError: a path does not exist.
            StoreError: the store cannot be written.
        """
        from assistant.indexing.watching import watch  # noqa: PLC0415 - only this call needs it

        return watch(self._indexer, _as_paths(paths), without=self.settings.folder, stop=stop)

    def status(self) -> Status:
        """Say what the store holds and how it was built."""
        from assistant.chat_models.registry import AUTO, resolve  # noqa: PLC0415 - only this call needs it

        chosen = resolve(self.settings) if self.settings.chat_model == AUTO else None
        summaries = self.articles()
        return Status(
            store=self.settings.store,
            articles=len(summaries),
            passages=sum(summary.passages for summary in summaries),
            languages=dict(sorted(self.languages().items(), key=lambda item: (-item[1], item[0]))),
            embedding_model=self._encoder.name,
            chat_model=chosen.name if chosen else self.settings.chat_model,
            chat_model_reason=chosen.reason if chosen else "",
            bytes=self._store.size,
            generation=self._store.generation,
            is_traced=self.settings.allow_tracing and is_tracing_asked_for(),
        )

    @property
    def generation(self) -> int:
        """Counts the changes of the store, by whichever process. Raises `StoreError` where there is none."""
        return self._store.generation

    # -- Keeping the store -----------------------------------------------------------------------------------------

    def check(self) -> list[str]:
        """Return what is wrong with the store, a line for each problem; nothing if it is sound. Reads everything."""
        return self._store.check()

    def is_writable(self) -> bool:
        """Return whether articles can be added: there is space, and permission.

        Raises:
            StoreError: the store cannot even be read.
        """
        return self._store.is_writable()

    def repair(self) -> list[str]:
        """Mend what can be mended of what `check` finds (see `LocalStore.repair`); returns what was done."""
        return self._store.repair()

    def backup(self, target: str | Path) -> None:
        """Copy the store, conversations and feeds with it, into a new folder, also while it is in use.

        Raises:
            StoreError: there is no store, `target` is there already, or it cannot be written.
        """
        from assistant.store.maintenance import backup  # noqa: PLC0415 - only this call needs it

        backup(self._own_folder("pg_dump"), Path(target))

    def restore(self, source: str | Path) -> Path | None:
        """Put a backup in the place of the store, also while other processes have it open.

        Returns:
            Where a copy of what was there before lies; None where nothing was.

        Raises:
            StoreError: `source` is no sound backup, or the store cannot be written.
        """
        from assistant.store.maintenance import restore  # noqa: PLC0415 - only this call needs it

        folder = self._own_folder("pg_restore")
        self.close()
        return restore(folder, Path(source))

    def vacuum(self) -> int:
        """Give back the space of what was removed, and leave nothing of it in the files; returns the bytes saved."""
        from assistant.store.maintenance import vacuum  # noqa: PLC0415 - only this call needs it

        return vacuum(self._own_folder("VACUUM"))

    def _own_folder(self, instead: str) -> Path:
        """Return the store's folder; raises `StoreError` where a database's server has its own command for a task."""
        if isinstance(self.settings.store, Path):
            return self.settings.store
        raise StoreError(
            "The store {store} is in a database, whose server does this itself: use {command} there.",
            store=self.settings.store,
            command=instead,
        )

    def export(self, to: str | Path) -> "Transfer":
        """Write articles and conversations to a file of JSON Lines, which `import_from` of any store takes in."""
        from assistant.conversation.transfer import dump  # noqa: PLC0415 - only this call needs it
        from assistant.store.transfer import write_records  # noqa: PLC0415

        with self._store.snapshot():
            articles = (self.article(summary.id) for summary in self.articles())
            return write_records(Path(to), articles, dump(self.settings.store))

    def import_from(self, path: str | Path, *, progress: Progress = no_progress) -> "Transfer":
        """Take in what `export` wrote. Articles are encoded anew; conversations that are there already stay.

        Raises:
            StoreError: the file cannot be read or is damaged, or the store cannot be written.
        """
        from assistant.conversation.transfer import load  # noqa: PLC0415 - only this call needs it
        from assistant.store.transfer import read_records  # noqa: PLC0415

        return read_records(
            Path(path),
            lambda articles: self.add_articles(articles, progress=progress),
            lambda records: load(self.settings.store, records),
        )

    def migrate(self, to: str | Path | DatabaseUrl, *, progress: Progress = no_progress) -> "Transfer":
        """Copy articles, conversations and what is followed into another store, with nothing encoded again.

        What is there already stays; so it can be begun again where it was interrupted. Uploaded files stay where they
        are.

        Args:
            to: The other store: a folder, or postgresql://USER@HOST/DATABASE. It is made where there is none.
            progress: Told how many articles are copied.

        Returns:
            How many articles and conversations were new there.

        Raises:
            StoreError: a store cannot be read or written, or the other was built with other settings.

        Example:
            >>> Assistant("vectorstore").migrate("postgresql:///news").articles  # doctest: +SKIP
            1200
        """
        from assistant.conversation.transfer import dump, load  # noqa: PLC0415 - only this call needs it
        from assistant.store.copying import copy_store  # noqa: PLC0415 - as above
        from assistant.store.transfer import Transfer  # noqa: PLC0415 - as above

        address = load_settings(store=to).store
        if address == self.settings.store:
            raise StoreError("The store {store} cannot be copied into itself: name another.", store=address)
        source = self._store
        # A folder has no search engine beside it.
        search = None if isinstance(address, Path) else self.settings.search
        with Assistant(**self._overrides | {"store": address, "search": search}) as other:
            other.create()
            articles = copy_store(source, other._store, progress)
            self._feeds.copy_to(other._feeds)
        return Transfer(articles, load(address, dump(self.settings.store)))

    # -- Questions -----------------------------------------------------------------------------------------------

    def search(self, question: str, k: int | None = None, filters: "Filters | None" = None) -> "SearchResult":
        """Return the `k` best passages for a question, best first."""
        return self._retriever.search(question, k, filters)

    def embed_questions(self, questions: Sequence[str]) -> "list[Vector]":
        """Return the embedding model's vector of each question, of unit length, to be compared with passages'."""
        return [encoding.pooled for encoding in self._encoder.encode_questions(questions)]

    def embed_passages(self, passages: Sequence[str]) -> "list[Vector]":
        """Return the embedding model's vector of each passage, of unit length; what it cannot read is cut off."""
        return [encoding.pooled for encoding in self._encoder.encode_passages(passages)]

    def conversation(self, turns: "Iterable[Turn]" = (), *, chat_model: str | None = None) -> "Conversation":
        """Begin a conversation, in which questions may follow earlier ones.

        Args:
            turns: What was said before, to go on from there.
            chat_model: Let this chat model answer, instead of the one that the settings name.
        """
        from assistant.conversation.conversation import Conversation  # noqa: PLC0415 - only conversations need it

        return Conversation(self._responder_of(chat_model or self.settings.chat_model), turns)

    def summarise(
        self,
        articles: str | Iterable[str] = (),
        *,
        about: str = "",
        language: str | None = None,
        filters: "Filters | None" = None,
        chat_model: str | None = None,
    ) -> "Answer":
        """Summarise articles: in the chat model's words, each sentence checked, or by their central sentences.

        Args:
            articles: Ids of articles.
            about: A subject instead: the articles on it are summarised.
            language: BCP 47 code of the reader's language; without it, that of the subject or of the first article.
            filters: Which articles may be used for a subject.
            chat_model: Let this chat model write, instead of the one that the settings name.

        Returns:
            The answer; `not_found` where no article is on the subject.

        Raises:
            ModelError: the settings name a chat model that is not there.
            NotInStoreError: an article is not there.
            StoreError: there is no store, or it cannot be read.

        Example:
            >>> assistant.summarise(about="the CSTO summit").text  # doctest: +SKIP
        """
        chosen = [articles] if isinstance(articles, str) else list(articles)
        responder = self._responder_of(chat_model or self.settings.chat_model)
        return responder.summarise(chosen, about, language, filters)

    def translate(self, answer: "Answer", language: str | None = None, *, chat_model: str | None = None) -> "Answer":
        """Put a translation under each quotation of an answer that is in another language.

        Args:
            answer: The answer.
            language: BCP 47 code of the language to translate into; without it, that of the answer.
            chat_model: Let this chat model translate, instead of the one that the settings name.

        Returns:
            The answer with `translations`, and a note where one did not agree with its quote and was left out. Without
            a chat model, and for what a chat model wrote, the answer as it is.

        Raises:
            ModelError: the settings name a chat model that is not there.

        Example:
            >>> assistant.translate(answer, "en").translations[0].text  # doctest: +SKIP
        """
        return self._responder_of(chat_model or self.settings.chat_model).translate(answer, language)

    def suggestions(
        self, most: int = 4, *, language: str = "en", filters: "Filters | None" = None
    ) -> "tuple[Choice, ...]":
        """Return what the library can be asked, for a welcome or under an answer.

        Args:
            most: How many at most.
            language: BCP 47 code of the reader's language: the requests are in it, and articles in it come first.
            filters: Which articles.
        """
        return self._responder_of("extractive").turns.suggestions(language, filters, most)

    def as_retriever(self, k: int | None = None, filters: "Filters | None" = None) -> "BaseRetriever":
        """Return a LangChain retriever over the store."""
        from assistant.integrations.langchain import LangChainRetriever  # noqa: PLC0415 - a client of this class

        return LangChainRetriever(assistant=self, k=k, filters=filters)

    async def asearch(self, question: str, k: int | None = None, filters: "Filters | None" = None) -> "SearchResult":
        """Do what `search` does without blocking the event loop."""
        return await asyncio.to_thread(self.search, question, k, filters)

    def events(
        self, execution: Execution, question: str, *, k: int | None, filters: "Filters | None"
    ) -> "AsyncGenerator[Event]":
        """Make an answer (see `QuestionAnswerer`)."""
        return self._responder_of(self.settings.chat_model).events(execution, question, k=k, filters=filters)

    # -- Opening and closing -------------------------------------------------------------------------------------

    def create(self) -> None:
        """Make an empty store where there is none, as adding to it does; calls that only read never make one.

        Raises:
            StoreError: the store cannot be made, or was built with other settings.
        """
        # From the first step on, so that whoever reads meanwhile waits for the store instead of missing it.
        with self._opening:
            if "_store" not in self.__dict__:
                self.__dict__["_store"] = self._open_store(create=True)

    def warm(self) -> None:
        """Open the models and the store, and start a local chat model, so that the first question need not wait.

        Where there is no store, an empty one is made.

        Raises:
            StoreError: the store cannot be opened.
            ModelError: a model cannot be opened or started.
        """
        from assistant.answering.prompting import SMALL, read_prompt  # noqa: PLC0415 - only this call needs it
        from assistant.chat_models.chat_model import Runs  # noqa: PLC0415 - as above

        self.create()
        self.search("warm", 1)
        # As long as a passage, so that what only longer texts need is loaded too.
        self.embed_passages(["warm " * 400])
        self._responder_of("extractive").turns.library.request("news of today", "en")
        model = self._responder_of(self.settings.chat_model).model
        # A model elsewhere has nothing to start, and each call of it may cost.
        if model is not None and model.runs is Runs.HERE:
            with model.explained():
                # The instructions that every prompt begins with: what was read once is not read again.
                instructions = ("system", read_prompt(SMALL.instructions))
                model.connect().invoke([instructions, ("human", "Hi")], max_completion_tokens=1)

    def close(self) -> None:
        """Close the store and stop the chat model, if they were opened. The `Assistant` can be used again after."""
        with self._opening:
            responders, self._responders = self._responders, {}
            opened = {name: self.__dict__.pop(name, None) for name in _OPENED}
        # Responders before the store that they read.
        for responder in responders.values():
            responder.close()
        if opened["_store"] is not None:
            opened["_store"].close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    @_opened
    def _encoder(self) -> "Encoder":
        from assistant.embedding.loading import load_encoder  # noqa: PLC0415 - see the class: opened when needed

        return load_encoder(self.settings)

    def _load_encoder(self, progress: Progress) -> None:
        """Open the encoder, telling how far its model has been fetched where it has to be."""
        from assistant.embedding.loading import load_encoder  # noqa: PLC0415 - see the class: opened when needed

        with self._opening:
            if "_encoder" not in self.__dict__:
                self.__dict__["_encoder"] = load_encoder(self.settings, progress)

    @_opened
    def _codec(self) -> "TokenCodec":
        from assistant.embedding.token_codec import load_codec  # noqa: PLC0415 - see the class: opened when needed

        return load_codec(self._encoder)

    @_opened
    def _store(self) -> "PassageStore":
        return self._open_store(create=False)

    def _open_store(self, *, create: bool) -> "PassageStore":
        from assistant.indexing.passage_encoder import fingerprint_of  # noqa: PLC0415 - see the class: opened when needed
        from assistant.store.stores import open_store  # noqa: PLC0415 - see the class: opened when needed

        fingerprint = fingerprint_of(self._encoder, self._codec, self.settings)
        return open_store(self.settings.store, fingerprint, create=create, search=self.settings.search)

    @_opened
    def _indexer(self) -> "Indexer":
        from assistant.indexing.sync import Indexer  # noqa: PLC0415 - see the class: opened when needed

        self.create()
        return Indexer(self._store, self._encoder, self._codec, self.settings)

    @_opened
    def _feeds(self) -> "FeedState":
        from assistant.feeds.state import FeedState  # noqa: PLC0415 - see the class: opened when needed

        return FeedState(self.settings.store)

    @_opened
    def _polite_client(self) -> "PoliteClient":
        from assistant.feeds.polite_client import PoliteClient  # noqa: PLC0415 - see the class: opened when needed

        return PoliteClient(allow_private=self.settings.allow_private_addresses)

    @_opened
    def _refresher(self) -> "Refresher":
        from assistant.feeds.refresh import Refresher  # noqa: PLC0415 - see the class: opened when needed

        interval = self.settings.refresh_minutes * 60
        return Refresher(self._feeds, self._polite_client, self._indexer, self._store, interval)

    @_opened
    def _retriever(self) -> "Retriever":
        from assistant.retrieval.retriever import Retriever  # noqa: PLC0415 - see the class: opened when needed

        return Retriever(self._store, self._encoder, self._codec, self.settings)

    def _responder_of(self, chat_model: str) -> "Responder":
        from assistant.answering.responder import Responder  # noqa: PLC0415 - see the class: opened when needed
        from assistant.chat_models.registry import AUTO, resolve  # noqa: PLC0415 - as above

        if chat_model == AUTO:
            # Each time, because a model may have been pulled meanwhile; and one that is named is the same one.
            chat_model = resolve(self.settings).name
        with self._opening:
            if chat_model not in self._responders:
                settings = self.settings.model_copy(update={"chat_model": chat_model})
                self._responders[chat_model] = Responder(self._retriever, settings, today=self._today)
            return self._responders[chat_model]


_OPENED = [name for name, member in vars(Assistant).items() if isinstance(member, _opened)]


def _as_paths(paths: str | Path | Iterable[str | Path]) -> list[str | Path]:
    return [paths] if isinstance(paths, str | Path) else list(paths)
