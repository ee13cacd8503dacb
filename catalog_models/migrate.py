"""Run the migrations, which alone create and change the schema. They only go forward.

Alembic takes a tenth of a second to import. Every command checks the schema, so Alembic is imported only if
there is a migration to apply.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text

from catalog_models.errors import RefusedError

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent / "migrations"
# The advisory lock that lets one process migrate at a time.
_MIGRATION_LOCK = 7_365_118_001


class SchemaTooNewError(RefusedError):
    """A newer version of the program has migrated the database."""

    code = "schema_too_new"


def _config(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def head_revision() -> str:
    """Return the revision that this version of the program works with.

    Revisions are numbers, with which the names of the migrations' files begin.
    """
    return _revisions()[-1]


def _revisions() -> list[str]:
    return sorted(path.name.partition("_")[0] for path in _MIGRATIONS.glob("versions/[0-9]*.py"))


def current_revision(engine: Engine) -> str | None:
    """Return the revision of the database, None if it is empty."""
    with engine.connect() as connection:
        return _current(connection)


def _current(connection: Connection) -> str | None:
    if connection.scalar(text("select to_regclass('alembic_version')")) is None:
        return None
    revision: str | None = connection.scalar(text("select version_num from alembic_version"))
    return revision


def upgrade(engine: Engine) -> tuple[str | None, str]:
    """Upgrade the schema to the newest revision. Return the revisions before and after.

    Raise `SchemaTooNewError` if the database has a revision that this program does not know.
    """
    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        before, head = _current(connection), head_revision()
        if before == head:
            return before, head
        if before is not None and before not in _revisions():
            raise SchemaTooNewError(
                f"the database is at revision {before}, which this version does not know: install the newer version"
            )
        _apply(connection, "head")
    return before, head


def migrate_to(engine: Engine, revision: str) -> None:
    """Upgrade an empty database to an older revision, from which tests run the later migrations."""
    with engine.begin() as connection:
        _apply(connection, revision)


def _apply(connection: Connection, revision: str) -> None:
    from alembic import command

    command.upgrade(_config(connection), revision)
