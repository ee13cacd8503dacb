"""Backups: a dump of the whole database by PostgreSQL's own program, and the secrets of the home."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, make_url, text

from catalog_models.errors import ExpectedError
from catalog_models.migrate import current_revision, head_revision, upgrade
from catalog_models.tables import Base
from deployments.stack.layout import OF_POSTGRES, OF_PREFECT
from deployments.stack.programs import POSTGRES
from orchestration.settings import Settings
from tasks.export.folder import ExportUnusableError, Writer, check, new_folder, read_manifest

_DUMP = "database.dump"


class DumpFailedError(ExpectedError):
    """pg_dump or pg_restore failed."""

    code = "dump_failed"


@dataclass(frozen=True)
class BackedUp:
    """Folder and schema of a backup, and the size of its dump."""

    folder: str
    schema: str
    bytes: int


def make_backup(settings: Settings, engine: Engine, folder: Path) -> BackedUp:
    """Dump to `folder`, which must be new or empty. Other processes may use the database meanwhile.

    Raises `DumpFailedError` and `ExportUnusableError`.
    """
    with engine.connect() as connection:
        roots = connection.scalars(text("select path from roots")).all()
    with new_folder(folder, map(bytes, roots), settings.home) as part:
        writer, dump = Writer(part), part / _DUMP
        # pg_dump would create it readable for others.
        dump.touch(mode=0o600)
        _run("pg_dump", settings, "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}")
        writer.adopt(_DUMP)
        secrets = settings.home / "secrets"
        for path in sorted(secrets.iterdir()) if secrets.is_dir() else ():
            writer.text(f"secrets/{path.name}", path.read_text())
        schema = current_revision(engine) or ""
        writer.manifest({"schema": schema, "kind": "backup"})
        size = dump.stat().st_size
    return BackedUp(os.fspath(folder), schema, size)


def is_backup(folder: Path) -> bool:
    """Return whether the folder holds a backup, rather than an export."""
    return (folder / _DUMP).exists()


def restore_backup(settings: Settings, engine: Engine, folder: Path) -> BackedUp:
    """Restore a backup into an empty database, and migrate it to this version.

    Raises `DumpFailedError` and `ExportUnusableError`.
    """
    manifest = read_manifest(folder)
    if manifest["schema"] > head_revision():
        raise ExportUnusableError(
            f"{folder} was made by a newer version of WSOPTV (schema {manifest['schema']}): install that version"
        )
    check(folder, manifest)
    _empty(engine)
    try:
        dump = folder / _DUMP
        _run(
            "pg_restore",
            settings,
            "--single-transaction",
            "--no-owner",
            "--no-privileges",
            "--dbname=",
            str(dump),
        )
    finally:
        upgrade(engine)
    _put_secrets(folder, settings.home / "secrets")
    return BackedUp(os.fspath(folder), head_revision(), dump.stat().st_size)


def _empty(engine: Engine) -> None:
    """Drop the tables of an unused database. Raises `ExportUnusableError` if it holds any data."""
    with engine.begin() as connection:
        for table in ("users", "contents", "media_files"):
            if count := connection.scalar(text(f"select count(*) from {table}")):  # noqa: S608 - our own names
                raise ExportUnusableError(
                    f"this database is not empty: {table} has {count:,} rows. Set WSOPTV_HOME (or DATABASE_URL) to a new one"
                )
        if foreign := connection.scalars(_FOREIGN, {"ours": [*Base.metadata.tables, *_OURS]}).all():
            raise ExportUnusableError(
                f"this database holds objects of other programs ({', '.join(foreign[:5])}), which a backup would replace: "
                "set DATABASE_URL to a database that only WSOPTV uses"
            )
        connection.execute(text("drop schema public cascade"))
        connection.execute(text("create schema public"))
    engine.dispose()


# Besides the tables of the models.
_OURS = ("alembic_version", "best_hands")

# Objects that belong neither to an extension nor to one of our tables: tables, views, sequences, functions,
# types and so on.
_FOREIGN = text("""
    with found (class, id, name, space, is_relation) as (
        select 'pg_class'::regclass, oid, relname, relnamespace, true
            from pg_class where relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        union all select 'pg_type'::regclass, pg_type.oid, typname, typnamespace, false
            from pg_type left join pg_class on pg_class.oid = typrelid
            where typtype in ('e', 'd', 'r') or (typtype = 'c' and relkind = 'c')
        union all select 'pg_proc'::regclass, oid, proname, pronamespace, false from pg_proc
        union all select 'pg_operator'::regclass, oid, oprname, oprnamespace, false from pg_operator
        union all select 'pg_collation'::regclass, oid, collname, collnamespace, false from pg_collation
        union all select 'pg_ts_config'::regclass, oid, cfgname, cfgnamespace, false from pg_ts_config
        union all select 'pg_ts_dict'::regclass, oid, dictname, dictnamespace, false from pg_ts_dict
        union all select 'pg_statistic_ext'::regclass, oid, stxname, stxnamespace, false from pg_statistic_ext
    )
    select nspname || '.' || name from found join pg_namespace on pg_namespace.oid = space
    where nspname !~ '^pg_' and nspname <> 'information_schema'
      and not (is_relation and nspname = 'public' and name = any(cast(:ours as text[])))
      and not exists (
          select from pg_depend where classid = class and objid = id
             and (deptype = 'e' or (is_relation and deptype in ('a', 'i')))
      )
    order by 1
""")


def _put_secrets(folder: Path, secrets: Path) -> None:
    """Restore the secrets of a backup, except those of the embedded servers, which keep their own."""
    found = folder / "secrets"
    if not found.is_dir():
        return
    secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in found.iterdir():
        if path.name in (OF_POSTGRES, OF_PREFECT):
            continue
        with open(os.open(secrets / path.name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(path.read_text())


def _run(program: str, settings: Settings, *arguments: str) -> None:
    assert settings.database_url is not None  # noqa: S101 - the stack is running
    url = make_url(settings.database_url.get_secret_value())
    address = {
        "PGHOST": str(url.query.get("host") or url.host or "localhost"),
        "PGPORT": str(url.port or 5432),
        "PGUSER": url.username or "",
        "PGPASSWORD": url.password or "",
        "PGDATABASE": url.database or "",
    }
    named = [f"--dbname={url.database}" if argument == "--dbname=" else argument for argument in arguments]
    done = subprocess.run(
        [str(POSTGRES.installed() / program), "--no-password", *named],
        env=os.environ | address,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise DumpFailedError(f"{program} failed: {done.stderr.strip()[-500:]}")
