"""Run the migrations, which alone create and change the schema. They only go forward."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from catalog_models.errors import RefusedError

# The advisory lock that lets one process migrate at a time.
_MIGRATION_LOCK = 7_365_118_001


class SchemaTooNewError(RefusedError):
    """A newer version of the program has migrated the database."""

    code = "schema_too_new"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def head_revision() -> str:
    """Return the revision that this version of the program works with."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def current_revision(engine: Engine) -> str | None:
    """Return the revision of the database; None if it is empty."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine) -> tuple[str | None, str]:
    """Upgrade the schema to the newest revision. Return the revisions before and after.

    Raise `SchemaTooNewError` if the database has a revision that this program does not know.
    """
    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
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
    """Upgrade an empty database to an older revision, from which tests run the later migrations."""
    with engine.begin() as connection:
        command.upgrade(_config(connection), revision)
