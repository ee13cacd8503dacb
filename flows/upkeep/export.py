"""The steps of `export-catalogue`: write everything that no ingest could restore, as JSON Lines and WebVTT.

Rows name files by their fingerprints, so that `restore` finds them wherever the archive is mounted then.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog_models.tables import Content, MediaFile
from catalog_models.values import format_count
from flows.job.context import JobContext
from flows.job.steps import StepResult, step
from flows.upkeep.export_tables import AT_ONCE, NAMES, OF_THE_MOMENT, table
from orchestration.transactions import Transactions
from tasks.export.chapters import chapters
from tasks.export.folder import Writer, expect_usable, forget_leftovers, make_exports_folder, new_folder
from tasks.export.unfinished_folders import remove_abandoned
from tasks.export.values import kept_columns, written

KEPT = 7
"""Exports that are kept where no folder is named."""

_STAGE = "export"
_PREFIX = "catalogue-"

Marks = Mapping[Any, list[str]]


@dataclass(frozen=True)
class Destination:
    """The destination of an export: a new or empty folder; None: a new one in `exports` of the home."""

    folder: Path | None
    now: dt.datetime

    @property
    def label(self) -> str:
        return str(self.folder or "exports")


@dataclass(frozen=True, kw_only=True)
class FolderChosen(StepResult):
    """The folder that an export is written to; `exports` is the folder in which old exports are removed."""

    folder: Path
    exports: Path | None

    @property
    def label(self) -> str:
        return self.folder.name


@step("choose-folder", _STAGE, tag="cpu")
def choose_folder(context: JobContext, destination: Destination) -> FolderChosen:
    """Choose the folder of an export. Raise `ExportUnusableError` if it cannot be written."""
    home = context.settings.home
    remove_abandoned(home)
    if destination.folder is not None:
        folder, exports = destination.folder, None
    else:
        exports = home / "exports"
        make_exports_folder(exports)
        # Left by versions that kept no record of unfinished folders.
        forget_leftovers(exports, _PREFIX)
        folder = _next_folder(exports, destination.now)
    expect_usable(folder, _roots(context.transactions))
    return FolderChosen(folder=folder, exports=exports, did=f"{folder} is writable")


def _next_folder(exports: Path, now: dt.datetime) -> Path:
    """Return a name that no export has: a second export of the same second gets the next free second."""
    while (folder := exports / f"{_PREFIX}{now:%Y-%m-%dT%H-%M-%SZ}").exists():
        now += dt.timedelta(seconds=1)
    return folder


@dataclass(frozen=True)
class Exported:
    """The folder of an export, the number of rows of each kind, and of files with `chapters` of hands."""

    folder: str
    rows: dict[str, int]
    chapters: int


@dataclass(frozen=True, kw_only=True)
class CatalogueWritten(FolderChosen):
    """The export is complete, and has its final name."""

    exported: Exported


@step("write-catalogue", _STAGE, tag="cpu")
def write_catalogue(context: JobContext, chosen: FolderChosen) -> CatalogueWritten:
    """Write all tables as JSON Lines and hands as WebVTT in one transaction, then rename the folder."""
    context.progress.begin(_STAGE, len(NAMES), "tables")
    exported = write_export(
        context.transactions, chosen.folder, context.settings.home, lambda: context.advance(_STAGE, 1)
    )
    rows = sum(exported.rows.values())
    did = f"{format_count(rows, 'row')} and {format_count(exported.chapters, 'file')} of hands in {chosen.folder}"
    return CatalogueWritten(exported=exported, folder=chosen.folder, exports=chosen.exports, did=did)


@dataclass(frozen=True, kw_only=True)
class OldExportsRemoved(StepResult):
    """`count` old exports were removed."""

    count: int


@step("remove-old-exports", _STAGE, tag="cpu")
def remove_old_exports(_context: JobContext, written_to: CatalogueWritten) -> OldExportsRemoved:
    """Remove all but the last seven exports of the home."""
    if written_to.exports is None:
        return OldExportsRemoved(count=0, did="no old export removed: a folder was named")
    old = sorted(path for path in written_to.exports.glob(f"{_PREFIX}*Z") if path.is_dir())[:-KEPT]
    for path in old:
        shutil.rmtree(path)
    return OldExportsRemoved(count=len(old), did=f"{format_count(len(old), 'old export')} removed")


def write_export(
    transactions: Transactions, folder: Path, home: Path | None, advance: Callable[[], None] = lambda: None
) -> Exported:
    """Write a consistent snapshot to `folder`, which must be new or empty. Raise `ExportUnusableError`.

    `home` keeps a record of the unfinished folder, so that the next command removes it if this process is
    killed. `advance` is called after each table.
    """
    with new_folder(folder, _roots(transactions), home) as part:
        rows, count = transactions.in_session(_write, part, advance)
    return Exported(os.fspath(folder), rows, count)


def _roots(transactions: Transactions) -> list[bytes]:
    return transactions.run(lambda work: list(work.session.scalars(select(table("roots").c.path))))


def _write(session: Session, folder: Path, advance: Callable[[], None]) -> tuple[dict[str, int], int]:
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    # Left by a try during which the connection to the database was lost.
    for left in folder.iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    writer, marks = Writer(folder), _fingerprints(session)
    rows: dict[str, int] = {}
    for name in NAMES:
        rows[name] = writer.lines(name, _rows(session, name, marks))
        advance()
    count = _write_chapters(session, writer, marks)
    revision = session.connection().exec_driver_sql("select version_num from alembic_version").scalar_one()
    writer.manifest({"schema": revision, "made_at": dt.datetime.now(dt.UTC).isoformat(), "rows": rows})
    return rows, count


def _fingerprints(session: Session) -> Marks:
    """Return the fingerprints of files and titles by id; of a title, first that of the file that plays."""
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
    source = table(name)
    columns = kept_columns(source, OF_THE_MOMENT.get(name, ()))
    query = select(*columns).order_by(*source.primary_key.columns)
    if name == "renditions":
        query = query.where(source.c.state == "ready")
    for row in session.execute(query.execution_options(yield_per=AT_ONCE)).mappings():
        line = written(columns, dict(row))
        key = row.get("media_file_id") or row.get("content_id") if name != "titles" else row["id"]
        # Files have their own column for it.
        if key in marks and name != "files":
            line["_fingerprints"] = marks[key]
        yield line


def _write_chapters(session: Session, writer: Writer, marks: Marks) -> int:
    by_title: dict[Any, list[Mapping[str, Any]]] = {}
    for row in session.execute(select(table("hands"))).mappings():
        by_title.setdefault(row["content_id"], []).append(dict(row))
    shown = {marks[key][0]: hands for key, hands in by_title.items() if key in marks}
    for mark, hands in shown.items():
        writer.text(f"chapters/{mark}.vtt", chapters(hands))
    return len(shown)
