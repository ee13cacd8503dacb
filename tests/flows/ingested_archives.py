"""Archives that are ingested once a session, and copied for each test that begins with one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import Engine

from catalog_models.tables import Base
from tests.plugins.ingest import Archive, Ingest

_TABLES = [table.name for table in Base.metadata.sorted_tables]


@dataclass(frozen=True)
class Prepared:
    """The files of an archive, and the results of its ingest: pictures, and rows by table."""

    archive: Archive
    pictures: Path
    rows: dict[str, bytes]

    @classmethod
    def ingested(cls, archive: Archive, ingest: Ingest) -> Prepared:
        """Ingest an archive, and return it with the results."""
        ingest(archive.root)
        return cls(archive, ingest.settings.thumbnails, _rows_of(ingest.engine))

    def copy_to(self, archive: Archive, ingest: Ingest) -> None:
        """Fill an empty archive, database and home as an ingest of these files would."""
        # Tests write into files of the archive, but a new picture is always a new file.
        shutil.copytree(self.archive.root, archive.root, dirs_exist_ok=True)
        shutil.copytree(self.pictures, ingest.settings.thumbnails, copy_function=os.link)
        archive.made = self.archive.made
        _put_rows(ingest.engine, self.rows, archive.root)


def _rows_of(engine: Engine) -> dict[str, bytes]:
    with _connected(engine) as connection:
        cursor = connection.cursor()
        found = {name: _copied_out(cursor, name) for name in _TABLES}
    return {name: rows for name, rows in found.items() if rows}


def _copied_out(cursor: psycopg.Cursor, table: str) -> bytes:
    with cursor.copy(sql.SQL("copy {} to stdout").format(sql.Identifier(table))) as copy:
        return b"".join(copy)


def _put_rows(engine: Engine, rows: dict[str, bytes], root: Path) -> None:
    with _connected(engine) as connection:
        cursor = connection.cursor()
        # Titles and files refer to each other, so no order of the tables satisfies the foreign keys.
        cursor.execute("set local session_replication_role = replica")
        for table, lines in rows.items():
            with cursor.copy(sql.SQL("copy {} from stdin").format(sql.Identifier(table))) as copy:
                copy.write(lines)
        cursor.execute("update roots set path = %s, path_text = %s", (os.fsencode(root), str(root)))


@contextmanager
def _connected(engine: Engine) -> Iterator[psycopg.Connection]:
    """Yield a connection of the engine, in a transaction that is committed at the end."""
    with engine.connect() as pooled:
        connection = pooled.connection.driver_connection
        assert isinstance(connection, psycopg.Connection)
        with connection.transaction():
            yield connection
