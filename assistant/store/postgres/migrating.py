"""Running Alembic's numbered migrations, those of the folder `migrations`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sqlalchemy
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory

from assistant.store.postgres.connections import Connection


@contextmanager
def transaction(connection: Connection) -> Iterator[sqlalchemy.Connection]:
    """Give a connection as SQLAlchemy's, in a transaction."""
    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://",
        creator=lambda: connection,
        poolclass=sqlalchemy.StaticPool,
        use_native_hstore=False,
    )
    try:
        with engine.begin() as begun:
            yield begun
    except sqlalchemy.exc.DBAPIError as error:
        if isinstance(error.orig, psycopg.Error):
            raise error.orig from error
        raise


def scripts() -> ScriptDirectory:
    """Return the migrations."""
    return ScriptDirectory(str(Path(__file__).with_name("migrations")))


def migrate(connection: sqlalchemy.Connection, table: str, schema: str) -> None:
    """Take all steps that are missing.

    Args:
        connection: In a transaction.
        table: Where the version is noted.
        schema: Where that table stands.
    """
    steps = scripts()

    def missing(version: object, _: MigrationContext) -> list[RevisionStep]:
        return steps._upgrade_revs("head", version)  # type: ignore[arg-type] # noqa: SLF001 - as Alembic's `upgrade`

    context = EnvironmentContext(Config(), steps, fn=missing)
    context.configure(connection=connection, version_table=table, version_table_schema=schema)
    context.run_migrations()
