"""Fixity: every night some of the archive is read whole, what was not read for longest first, within a budget of bytes.

Each file is noted when it is done: who is killed in between goes on there.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog_models.archive import MediaFile, Root
from catalog_models.fixity import Fixity
from catalog_models.values import DAMAGE, counted
from catalog_models.writes import findings, fixity
from flows.jobs.context import Workplace
from flows.jobs.failing import words
from tasks.fixity.digest import Digest, digest_of
from tasks.fixity.verdict import Known, Outcome, finding, judge
from tasks.media.medium import SourceChangedError, SourceGoneError

STAGE = "verify"

_MB = 1 << 20
_BATCH_FILES, _BATCH_BYTES = 50, 50 << 30  # of one task run


@dataclass(frozen=True, slots=True)
class Due:
    """A file that is to be read, at the location `path`."""

    id: uuid.UUID
    path: str
    size: int
    mtime_ns: int


@dataclass
class Verified:
    """What came of it, or would (`dry`). `damaged` and `unread` say of each such file what is wrong; `left` files wait for
    their turn."""

    dry: bool
    files: int = 0
    bytes: int = 0
    first: int = 0
    left: int = 0
    damaged: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def verify(place: Workplace, budget: int | None = None, *, dry: bool = False) -> Verified:
    """Read files until `budget` bytes (None: the setting's) were; the last one may exceed it."""
    budget = place.settings.fixity_bytes if budget is None else budget
    due, left = place.bench.do(STAGE, "what was not read for longest", partial(_due, place, budget))
    done = Verified(dry, left=left)
    if dry:
        done.files, done.bytes = len(due), sum(file.size for file in due)
        return done
    place.progress.begin(STAGE, sum(file.size for file in due) // _MB)
    for batch in _batches(due):
        what = f"read {counted(len(batch), 'file')} from {os.path.basename(batch[0].path)} on"
        place.bench.do(STAGE, what, partial(_read, place, batch, done))
    return done


def _due(place: Workplace, budget: int) -> tuple[list[Due], int]:
    def load(session: Session) -> list[Due]:
        query = (
            select(MediaFile.id, Root.path, MediaFile.path, MediaFile.size, MediaFile.mtime_ns)
            .join(Root, Root.id == MediaFile.root_id)
            .outerjoin(Fixity, Fixity.media_file_id == MediaFile.id)
            .where(MediaFile.missing_since.is_(None), MediaFile.metadata_at.is_not(None))
            .order_by(Fixity.verified_at.nulls_first(), MediaFile.id)
        )
        return [
            Due(key, os.fsdecode(os.path.join(root, path)), size, mtime)
            for key, root, path, size, mtime in session.execute(query)
        ]

    files = place.transactions.run(lambda work: load(work.session))
    taken: list[Due] = []
    spent = 0
    for file in files:
        if spent >= budget:
            break
        taken.append(file)
        spent += file.size
    return taken, len(files) - len(taken)


def _batches(files: Sequence[Due]) -> Iterator[list[Due]]:
    batch: list[Due] = []
    for file in files:
        batch.append(file)
        if len(batch) == _BATCH_FILES or sum(one.size for one in batch) >= _BATCH_BYTES:
            yield batch
            batch = []
    if batch:
        yield batch


def _read(place: Workplace, batch: Sequence[Due], done: Verified) -> None:
    for file in batch:
        told = 0

        def tell(count: int) -> None:
            nonlocal told
            before, told = told, told + count
            place.progress.advance(STAGE, told // _MB - before // _MB)  # raises when it is cancelled

        try:
            found = digest_of(
                os.fsencode(file.path), file.size, file.mtime_ns, tell, place.settings.copy_rate
            )
        except (SourceChangedError, SourceGoneError):
            continue  # the next ingest sees that
        except OSError as error:
            done.unread.append(f"{file.path}: {words(error) if error.strerror else error}")
            place.progress.warn(f"{file.path} cannot be read: {words(error) if error.strerror else error}")
            continue
        done.files += 1
        done.bytes += file.size
        _note(place, file, found, done)


def _note(place: Workplace, file: Due, found: Digest, done: Verified) -> None:
    outcome, says = place.transactions.run(lambda work: _store(work.session, file, found))
    done.first += outcome is Outcome.FIRST
    if outcome in DAMAGE:
        done.damaged.append(f"{file.path}: {says}")
        place.progress.warn(f"{file.path}: {says}")


def _store(session: Session, file: Due, found: Digest) -> tuple[Outcome, str]:
    row = session.get(Fixity, file.id)
    known = None
    if row is not None:
        known = Known(Digest(row.sha256, row.fingerprint), row.size, row.mtime_ns, row.hashed_at)
    outcome = judge(known, file.size, file.mtime_ns, found)
    if known is not None and outcome in DAMAGE:
        damage = finding(outcome, known)
        fixity.differs(session, file.id)
        findings.add(session, {file.id: [damage]})
        return outcome, damage.message
    if outcome is Outcome.SAME:
        fixity.verified(session, file.id, file.mtime_ns)
    else:
        fixity.keep(
            session,
            Fixity(
                media_file_id=file.id,
                sha256=found.sha256,
                size=file.size,
                mtime_ns=file.mtime_ns,
                fingerprint=found.fingerprint,
            ),
        )
    findings.resolve(session, [file.id], DAMAGE)
    return outcome, ""


def told(done: Verified) -> str:
    """A sentence for people."""
    amount = f"{counted(done.files, 'file')}, {done.bytes / 1e9:,.1f} GB"
    if done.dry:
        return f"{amount} would be read, {done.left:,} wait for another night; nothing was changed"
    return (
        f"{amount} read, {done.first:,} of them for the first time; {len(done.damaged):,} damaged, "
        f"{len(done.unread):,} unreadable; {done.left:,} wait for another night"
    )
