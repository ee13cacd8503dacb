"""Restore an export into an empty database.

Files are recognised by their fingerprints: an ingest after a restore finds each file, wherever it is now,
with its title, hands, edits and watch positions.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from catalog_models.migrate import current_revision, head_revision
from catalog_models.writes import search_words
from flows.upkeep.export_tables import AT_ONCE, NAMES, table
from orchestration.transactions import Transactions
from tasks.export.folder import ExportUnusableError, check, lines, read_manifest
from tasks.export.values import InvalidRowError, kept_columns, read


@dataclass(frozen=True)
class Restored:
    """The number of rows of each kind that were inserted."""

    rows: dict[str, int] = field(default_factory=dict)


def restore(transactions: Transactions, folder: Path) -> Restored:
    """Insert an export into an empty database, all of it or nothing. Raise `ExportUnusableError`."""
    manifest = read_manifest(folder)
    if manifest["schema"] > head_revision():
        raise ExportUnusableError(
            f"{folder} was written by a newer version of WSOPTV (schema {manifest['schema']}): install that version"
        )
    check(folder, manifest)
    assert current_revision(transactions.engine) == head_revision()  # noqa: S101  # commands require it
    try:
        return transactions.attempt(lambda work: _insert(work.session, folder))
    except DBAPIError as error:
        said = str(error.orig).partition("\n")[0]
        raise ExportUnusableError(f"{folder} is inconsistent: {said}. Nothing was restored") from error


def _insert(session: Session, folder: Path) -> Restored:
    _expect_empty(session)
    rows = {name: _insert_table(session, folder, name) for name in NAMES}
    plays = [
        {"key": uuid.UUID(line["id"]), "file": uuid.UUID(line["best_file_id"])}
        for _, line in lines(folder, "titles")
        if line.get("best_file_id")
    ]
    titles = table("titles")
    if plays:
        chosen = update(titles).where(titles.c.id == bindparam("key"))
        values = {"best_file_id": bindparam("file"), "updated_at": titles.c.updated_at}
        session.connection().execute(chosen.values(values), plays)
    words = session.execute(select(titles.c.search_title, titles.c.search_fields).where(titles.c.is_visible))
    search_words.add(session, (part for row in words for part in row))
    return Restored(rows)


def _expect_empty(session: Session) -> None:
    for name in ("users", "titles", "files"):
        if count := session.scalar(select(func.count()).select_from(table(name))):
            raise ExportUnusableError(
                f"this database is not empty: it has {count:,} {name}. Set WSOPTV_HOME (or DATABASE_URL) to an empty one, "
                "restore there, and then ingest"
            )


def _insert_table(session: Session, folder: Path, name: str) -> int:
    target = table(name)
    columns = {column.name: column for column in kept_columns(target)}
    count, batch = 0, list[dict[str, Any]]()

    def insert_batch() -> None:
        if batch:
            session.execute(insert(target), batch)
            batch.clear()

    for number, line in lines(folder, name):
        try:
            row = read(columns, line)
        except InvalidRowError as error:
            raise ExportUnusableError(f"{folder / name}.jsonl, line {number}: {error}") from error
        if name == "titles":
            # The file is inserted later.
            row["best_file_id"] = None
        batch.append(row)
        count += 1
        if len(batch) == AT_ONCE:
            insert_batch()
    insert_batch()
    return count
