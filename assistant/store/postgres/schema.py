"""The tables' version: whether a database holds a store, and bringing its tables up to date."""

from psycopg import errors

from assistant.errors import StoreError, StoreMismatchError
from assistant.settings import DatabaseUrl
from assistant.store.postgres.connections import BUSY_SECONDS, Connection, connected

STORE, CONVERSATIONS, FEEDS = "assistant_store", "assistant_conversations", "assistant_feeds"
"""The database's schemas: what is ours stands in them, and in no other."""

VERSION = "0001"
"""The newest of the migrations."""

VERSIONS = "alembic_version"
_PGVECTOR = (0, 8)
_LOCK = "article-assistant: migration"


def bring_up_to_date(url: DatabaseUrl) -> None:
    """Make the tables where there are none, and bring those of an earlier version of this program up to date.

    Raises:
        StoreError: the database cannot be reached, lacks pgvector, or its user may not make tables.
        StoreMismatchError: a newer version of this program has made the tables.
    """
    with connected(url) as connection:
        if _version(connection) == VERSION:
            return
        from assistant.store.postgres.migrating import migrate, transaction  # noqa: PLC0415 - seldom needed

        with transaction(connection) as migration:
            connection.execute(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'")
            connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_LOCK])
            _refuse_newer(url, _version(connection))
            _need_utf8(url, connection)
            _need_pgvector(url, connection)
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {STORE}")
            migrate(migration, VERSIONS, STORE)


def is_there(url: DatabaseUrl) -> bool:
    """Return whether a database holds a store; raises `StoreError` where it cannot be reached.

    Raises:
        StoreMismatchError: a newer version of this program has made its tables.
    """
    with connected(url) as connection:
        version = _version(connection)
        _refuse_newer(url, version)
        return version is not None


def _version(connection: Connection) -> str | None:
    row = connection.execute("SELECT to_regclass(%s)::text", [f"{STORE}.{VERSIONS}"]).fetchone()
    if row is None or row[0] is None:
        return None
    found = connection.execute(f"SELECT version_num FROM {STORE}.{VERSIONS}").fetchone()  # noqa: S608 - ours
    return None if found is None else str(found[0])


def _refuse_newer(url: DatabaseUrl, version: str | None) -> None:
    if version is not None and version > VERSION:
        raise StoreMismatchError(
            "The database {store} was set up by a newer version of this program (tables {version}): update the "
            "program, or name another database.",
            store=url,
            version=version,
        )


def _need_utf8(url: DatabaseUrl, connection: Connection) -> None:
    row = connection.execute("SHOW server_encoding").fetchone()
    if row != ("UTF8",):
        raise StoreError(
            "The database {store} does not keep UTF-8: make another one with `createdb --encoding UTF8`.", store=url
        )


def _need_pgvector(url: DatabaseUrl, connection: Connection) -> None:
    try:
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
    except (errors.UndefinedFile, errors.FeatureNotSupported) as error:
        raise StoreError(
            "The server of {store} has no pgvector: install it there (Debian: postgresql-NN-pgvector), then try again.",
            store=url,
        ) from error
    except errors.InsufficientPrivilege as error:
        raise StoreError(
            "The database {store} has no pgvector, and its user may not add it: let a superuser run "
            "CREATE EXTENSION vector in it.",
            store=url,
        ) from error
    row = connection.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'").fetchone()
    version = str(row[0]) if row else ""
    if tuple(map(int, version.split(".")[:2])) < _PGVECTOR:
        raise StoreError(
            "The database {store} has pgvector {version}, and 0.8 is needed: install it, then let a superuser run "
            "ALTER EXTENSION vector UPDATE.",
            store=url,
            version=version,
        )
    # Its owner may have put it anywhere.
    connection.execute(
        "SELECT set_config('search_path', current_setting('search_path') || ', ' || quote_ident(nspname), true) "
        "FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'vector'"
    )
