"""Migrations: the only way the schema is made. They go forward only."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from catalog_models.errors import RefusedError

_ONE_AT_A_TIME = 7_365_118_001  # the advisory lock that two migrating processes meet at


class SchemaTooNewError(RefusedError):
    """The database was migrated by a newer version of the program than this one."""

    code = "schema_too_new"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def head_revision() -> str:
    """The revision that this version of the program works with."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def current_revision(engine: Engine) -> str | None:
    """The revision of the database, None when it is empty."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine) -> tuple[str | None, str]:
    """Bring the schema to the head; answers the revisions before and after.

    Raises `SchemaTooNewError` when the database knows a revision that this program does not.
    """
    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
        before, head = MigrationContext.configure(connection).get_current_revision(), head_revision()
        if before == head:
            return before, head
        known = {revision.revision for revision in ScriptDirectory.from_config(_config()).walk_revisions()}
        if before is not None and before not in known:
            raise SchemaTooNewError(
                f"the database is at revision {before}, which this version does not know: install the newer version"
            )
        command.upgrade(_config(connection), "head")
    return before, head


def migrate_to(engine: Engine, revision: str) -> None:
    """Bring an empty database to a former revision: what the way from there does can only be seen there."""
    with engine.begin() as connection:
        command.upgrade(_config(connection), revision)
