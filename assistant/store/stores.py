"""`open_store` and `rewriting`: the store that an address names, a folder or a PostgreSQL database."""

import importlib.util
import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from assistant.articles.article import Article
from assistant.errors import SettingsError, StoreError
from assistant.settings import DatabaseUrl, EngineUrl
from assistant.store.fingerprint import Fingerprint
from assistant.store.passage_store import EncodedPassage, PassageStore


class Rewriting(Protocol):
    """A store's articles, to be put again in one transaction; see `rewriting`."""

    def article_ids(self) -> list[str]:
        """Return the ids of all articles."""
        ...

    def articles(self, article_ids: list[str]) -> list[Article]:
        """Return articles in the order asked for; raises `NotInStoreError`."""
        ...

    def put(self, article: Article, passages: list[EncodedPassage]) -> None:
        """Store an article with its passages, replacing its old passages."""
        ...


def open_store(
    address: Path | DatabaseUrl, fingerprint: Fingerprint, *, create: bool = True, search: EngineUrl | None = None
) -> PassageStore:
    """Open a store.

    Args:
        address: A folder, or a database.
        fingerprint: What it must have been built with.
        create: Whether to make it where there is none.
        search: A search engine beside a database.

    Raises:
        SettingsError: a folder has no search engine beside it.
        StoreMismatchError: it was built with something else; the message names the command that rebuilds it.
        StoreError: it cannot be opened, or what a database or a search engine needs is not installed.
    """
    if isinstance(address, Path):
        if search is not None:
            raise SettingsError(
                "A search engine (ASSISTANT_SEARCH) needs ASSISTANT_STORE=postgresql://…; the store {store} is a "
                "folder, which searches by itself: unset ASSISTANT_SEARCH, or name a database.",
                store=address,
            )
        from assistant.store.local_store import LocalStore  # noqa: PLC0415 - the other store needs none of it

        return LocalStore.open(address, fingerprint, create=create)
    need_postgres(address)
    from assistant.store.postgres.postgres_store import PostgresStore  # noqa: PLC0415 - in an extra

    return PostgresStore.open(address, fingerprint, create=create, search=search)


def rewriting(address: Path | DatabaseUrl, fingerprint: Fingerprint) -> AbstractContextManager[Rewriting]:
    """Give a store's articles to be put again, with passages of another fingerprint, all in one transaction.

    Args:
        address: A folder, or a database.
        fingerprint: What the store is built with from then on.

    Raises:
        StoreError: the store cannot be read or written, or another process is writing to it.
        StoreMismatchError: the store was built by a newer version of this program.
    """
    if isinstance(address, Path):
        from assistant.store import writing  # noqa: PLC0415 - as above

        return writing.rewriting(Path(os.path.realpath(address)), fingerprint)
    need_postgres(address)
    from assistant.store.postgres import postgres_store  # noqa: PLC0415 - in an extra

    return postgres_store.rewriting(address, fingerprint)


def has_store(address: Path | DatabaseUrl) -> bool:
    """Return whether there is a store; raises `StoreError` where that cannot be told."""
    if isinstance(address, Path):
        from assistant.store.opening import DATABASE_NAME  # noqa: PLC0415 - as above

        return (address / DATABASE_NAME).exists()
    need_postgres(address)
    from assistant.store.postgres.schema import is_there  # noqa: PLC0415 - in an extra

    return is_there(address)


def need_postgres(address: DatabaseUrl) -> None:
    """Raise `StoreError` where the packages that a database needs are not installed."""
    if any(importlib.util.find_spec(name) is None for name in ("psycopg", "psycopg_pool", "alembic")):
        raise StoreError(
            "The store {store} needs packages that are not installed: pip install 'article-assistant[postgres]'.",
            store=address,
        )
