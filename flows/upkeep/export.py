"""The catalogue as files: all that no ingest could make again, of one moment; restored into an empty database.

Files are known by their fingerprints there as here: an ingest after a restore takes what it meets, wherever it lies now, for
what it was, with its title, hands, people's progress and edits.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Table, bindparam, func, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from catalog_models.base import Base
from catalog_models.migrate import current_revision, head_revision
from catalog_models.tables import (
    AuditEntry,
    Content,
    ContentOverride,
    ContentView,
    DailyStatistics,
    FindingRow,
    Fixity,
    Hand,
    MediaFile,
    Rendition,
    Root,
    Series,
    User,
    WatchProgress,
)
from catalog_models.writes import search_words
from orchestration.transactions import Transactions
from tasks.export.chapters import chapters
from tasks.export.folder import (
    ExportUnusableError,
    Writer,
    check,
    forget_leftovers,
    lines,
    new_folder,
    read_manifest,
)
from tasks.export.unfinished import remove_abandoned
from tasks.export.values import MisfitError, kept_columns, read, written

KEPT = 7
"""Exports that are kept where no folder is named."""

# In the order in which rows may be put in. What is not here is made again (pictures, words of the search, copies on the
# SSD), or is of the moment (sign-ins, players, alerts, failures).
_TABLES: dict[str, type[Base]] = {
    "users": User,
    "roots": Root,
    "series": Series,
    "titles": Content,
    "edits": ContentOverride,
    "files": MediaFile,
    "findings": FindingRow,
    "hands": Hand,
    "progress": WatchProgress,
    "views": ContentView,
    "audit": AuditEntry,
    "renditions": Rendition,
    "fixity": Fixity,
    "statistics": DailyStatistics,
}
_OF_THE_MOMENT = {
    "titles": {"indexed_at", "thumbnail_path"},
    "files": {"claimed_by", "claimed_until", "thumbnails_at"},
    "views": {"playback_session_id"},
}
_AT_ONCE = 1_000  # rows


@dataclass(frozen=True)
class Exported:
    """Where an export lies, and how many rows of each kind it has; `chapters` are files of hands."""

    folder: str
    rows: dict[str, int]
    chapters: int


@dataclass(frozen=True)
class Restored:
    """How many rows of each kind were put in."""

    rows: dict[str, int] = field(default_factory=dict)


def export(transactions: Transactions, folder: Path, home: Path | None = None) -> Exported:
    """Write a consistent snapshot to `folder`, which must be new or empty. Raises `ExportUnusableError`.

    `home` keeps a record of the unfinished folder, so that the next command removes it if this process is
    killed.
    """
    roots = transactions.run(lambda work: work.session.scalars(select(Root.path)).all())
    with new_folder(folder, roots, home) as part:
        rows, count = transactions.run(lambda work: _write(work.session, part))
    return Exported(os.fspath(folder), rows, count)


def export_into(
    transactions: Transactions, exports: Path, now: dt.datetime, home: Path | None = None
) -> Exported:
    """Write an export below `exports`, named by the time, and remove all but the last `KEPT` there."""
    exports.mkdir(mode=0o700, parents=True, exist_ok=True)
    if home is not None:
        remove_abandoned(home)
    # Those of versions that kept no records.
    forget_leftovers(exports, _PREFIX)
    exported = export(transactions, exports / f"{_PREFIX}{now:%Y-%m-%dT%H-%M-%SZ}", home)
    old = sorted(path for path in exports.glob(f"{_PREFIX}*Z") if path.is_dir())
    for path in old[:-KEPT]:
        shutil.rmtree(path)
    return exported


_PREFIX = "catalogue-"


def _write(session: Session, folder: Path) -> tuple[dict[str, int], int]:
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    for left in folder.iterdir():  # of a try that the database went away under
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    writer, marks = Writer(folder), _fingerprints(session)
    rows = {name: writer.lines(name, _rows(session, name, marks)) for name in _TABLES}
    count = _write_chapters(session, writer, marks)
    revision = session.connection().exec_driver_sql("select version_num from alembic_version").scalar_one()
    writer.manifest({"schema": revision, "made_at": dt.datetime.now(dt.UTC).isoformat(), "rows": rows})
    return rows, count


Marks = Mapping[Any, list[str]]


def _fingerprints(session: Session) -> Marks:
    """Of each file, and of each title's files, the one that plays first; by their ids."""
    found: dict[Any, list[str]] = {}
    query = (
        select(MediaFile.id, MediaFile.content_id, MediaFile.fingerprint)
        .outerjoin(Content, Content.best_file_id == MediaFile.id)
        .where(MediaFile.fingerprint.is_not(None))
        .order_by(Content.id.is_(None), MediaFile.id)
    )
    for key, content_id, fingerprint in session.execute(query):
        found[key] = [fingerprint.hex()]
        if content_id is not None:
            found.setdefault(content_id, []).append(fingerprint.hex())
    return found


def _rows(session: Session, name: str, marks: Marks) -> Iterator[dict[str, Any]]:
    table = _table(name)
    columns = kept_columns(table, _OF_THE_MOMENT.get(name, ()))
    query = select(*columns).order_by(*table.primary_key.columns)
    if name == "renditions":
        query = query.where(table.c.state == "ready")
    for row in session.execute(query.execution_options(yield_per=_AT_ONCE)).mappings():
        line = written(columns, dict(row))
        key = row.get("media_file_id") or row.get("content_id") if name != "titles" else row["id"]
        if key in marks and name != "files":  # whose own column says it
            line["_fingerprints"] = marks[key]
        yield line


def _write_chapters(session: Session, writer: Writer, marks: Marks) -> int:
    by_title: dict[Any, list[Mapping[str, Any]]] = {}
    for row in session.execute(select(_table("hands"))).mappings():
        by_title.setdefault(row["content_id"], []).append(dict(row))
    shown = {marks[key][0]: hands for key, hands in by_title.items() if key in marks}
    for mark, hands in shown.items():
        writer.text(f"chapters/{mark}.vtt", chapters(hands))
    return len(shown)


def _table(name: str) -> Table:
    return cast("Table", _TABLES[name].__table__)


def restore(transactions: Transactions, folder: Path) -> Restored:
    """Put an export into an empty database, all of it or nothing. Raises `ExportUnusableError`."""
    manifest = read_manifest(folder)
    if manifest["schema"] > head_revision():
        raise ExportUnusableError(
            f"{folder} was written by a newer version of WSOPTV (schema {manifest['schema']}): install that one"
        )
    check(folder, manifest)
    assert current_revision(transactions.engine) == head_revision()  # noqa: S101  # commands see to that
    try:
        return transactions.attempt(lambda work: _put_in(work.session, folder))
    except DBAPIError as error:
        said = str(error.orig).partition("\n")[0]
        raise ExportUnusableError(f"{folder} does not fit together: {said}; nothing was restored") from error


def _put_in(session: Session, folder: Path) -> Restored:
    _expect_empty(session)
    rows = {name: _put_table(session, folder, name) for name in _TABLES}
    plays = [
        {"key": uuid.UUID(line["id"]), "file": uuid.UUID(line["best_file_id"])}
        for _, line in lines(folder, "titles")
        if line.get("best_file_id")
    ]
    titles = _table("titles")
    if plays:
        chosen = update(titles).where(titles.c.id == bindparam("key"))
        values = {"best_file_id": bindparam("file"), "updated_at": titles.c.updated_at}
        session.connection().execute(chosen.values(values), plays)
    words = session.execute(select(titles.c.search_title, titles.c.search_fields).where(titles.c.is_visible))
    search_words.learn(session, (part for row in words for part in row))
    return Restored(rows)


def _expect_empty(session: Session) -> None:
    for name in ("users", "titles", "files"):
        if count := session.scalar(select(func.count()).select_from(_table(name))):
            raise ExportUnusableError(
                f"this database is not empty: it has {count:,} {name}. Set WSOPTV_HOME (or DATABASE_URL) to a new one, "
                "restore there, and ingest then"
            )


def _put_table(session: Session, folder: Path, name: str) -> int:
    table = _table(name)
    columns = {column.name: column for column in kept_columns(table)}
    count, batch = 0, list[dict[str, Any]]()

    def put() -> None:
        if batch:
            session.execute(insert(table), batch)
            batch.clear()

    for number, line in lines(folder, name):
        try:
            row = read(columns, line)
        except MisfitError as error:
            raise ExportUnusableError(f"{folder / name}.jsonl, line {number}: {error}") from error
        if name == "titles":
            row["best_file_id"] = None  # which is not there yet
        batch.append(row)
        count += 1
        if len(batch) == _AT_ONCE:
            put()
    put()
    return count
