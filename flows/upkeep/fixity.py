"""The steps of `verify-fixity` that read whole files and compare them with their known digests.

Each file is recorded as soon as it has been read: after a run that is killed, the next night continues there.
The bytes read of a file count even if reading fails; the file then waits for its next turn. A root that is
down, or whose files fail several times in a row, is left for another night.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from catalog_models.tables import Fixity
from catalog_models.values import DAMAGE, format_bytes, format_count, path_as_text
from catalog_models.writes import findings, fixity
from flows.job.context import JobContext
from flows.job.file_errors import words
from flows.job.steps import StepResult, step
from flows.upkeep.fixity_plan import MIB, STAGE, Due, FilesToRead, Reading, ReadingPlanned
from orchestration.storage import is_down
from tasks.fixity.digest import Digest, digest_of
from tasks.fixity.verdict import FixityResult, Known, finding, judge
from tasks.media.source_protocol import SourceChangedError, SourceGoneError

# Failures of files in a row, after which a root is assumed to be down.
_IN_A_ROW = 5


@dataclass(frozen=True, kw_only=True)
class FilesRead(StepResult):
    """The files and bytes read so far in the run."""

    reading: Reading


# Not repeated: that would read the files again. The next night continues.
@step("read-files", STAGE, tag="io", retries=0)
def read_files(context: JobContext, batch: FilesToRead) -> FilesRead:
    """Read whole files, and compare their digests with the known ones."""
    reading = before = batch.before
    for file in batch.files:
        if file.root not in reading.down:
            reading = _read(context, file, reading)
    new = (*reading.damaged[len(before.damaged) :], *reading.unread[len(before.unread) :])
    files, read = reading.files - before.files, reading.read_bytes - before.read_bytes
    return FilesRead(
        reading=reading,
        did=f"{format_count(files, 'file')}, {format_bytes(read)} read",
        problems="; ".join(new),
    )


class _Meter:
    """Counts the bytes read of one file, and reports MiB."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self.bytes = 0

    def add(self, count: int) -> None:
        """Count bytes. Raise `CancelledRunError` if the run is to end."""
        before, self.bytes = self.bytes, self.bytes + count
        self._context.advance(STAGE, self.bytes // MIB - before // MIB)


def _read(context: JobContext, file: Due, reading: Reading) -> Reading:
    """Read one file; return the files read so far, including this one."""
    meter = _Meter(context)
    path, rate = os.fsencode(file.path), context.settings.copy_rate
    try:
        found = digest_of(path, file.size, file.mtime_ns, meter.add, rate)
    except SourceGoneError as error:
        # The next ingest marks it as missing, unless its root is down.
        return _without_root(context, file, reading) if _is_root_down(context, file, error) else reading
    except SourceChangedError:
        # The next ingest reads it again.
        return reading
    except OSError as error:
        return _failed(context, file, error, replace(reading, read_bytes=reading.read_bytes + meter.bytes))
    failures = {root: count for root, count in reading.failures.items() if root != file.root}
    done = replace(
        reading, files=reading.files + 1, read_bytes=reading.read_bytes + file.size, failures=failures
    )
    return _compared(context, file, found, done)


def _failed(context: JobContext, file: Due, error: OSError, reading: Reading) -> Reading:
    said = f"{file.path}: {words(error) if error.strerror else error}"
    context.progress.warn(f"cannot read {said}")
    failures = {**reading.failures, file.root: reading.failures.get(file.root, 0) + 1}
    reading = replace(reading, unread=(*reading.unread, said), failures=failures)
    root_is_down = is_down(error) and _is_root_down(context, file, error)
    if not root_is_down:
        # A file that always fails must not be the first of every night.
        context.transactions.in_session(fixity.record_failure, file.id)
    if root_is_down or is_down(error) or failures[file.root] >= _IN_A_ROW:
        return _without_root(context, file, reading)
    return reading


def _is_root_down(context: JobContext, file: Due, error: BaseException) -> bool:
    """Check whether the root of a file is down."""
    path = os.fsencode(file.path).removeprefix(file.root.rstrip(b"/") + b"/")
    return context.outages.explain(file.root, path, error)


def _without_root(context: JobContext, file: Due, reading: Reading) -> Reading:
    context.progress.warn(f"{path_as_text(file.root)} is down: this run reads no more of its files")
    return replace(reading, down=reading.down | {file.root})


def _compared(context: JobContext, file: Due, found: Digest, reading: Reading) -> Reading:
    outcome, says = context.transactions.in_session(_store, file, found)
    if outcome in DAMAGE:
        context.progress.warn(f"{file.path}: {says}")
        return replace(reading, damaged=(*reading.damaged, f"{file.path}: {says}"))
    return replace(reading, first=reading.first + (outcome is FixityResult.FIRST))


def _store(session: Session, file: Due, found: Digest) -> tuple[FixityResult, str]:
    row = session.get(Fixity, file.id)
    known = None
    if row is not None:
        known = Known(Digest(row.sha256, row.fingerprint), row.size, row.mtime_ns, row.hashed_at)
    fixity.clear_failure(session, file.id)
    outcome = judge(known, file.size, file.mtime_ns, found)
    if known is not None and outcome in DAMAGE:
        damage = finding(outcome, known)
        fixity.record_mismatch(session, file.id)
        findings.add(session, {file.id: [damage]})
        return outcome, damage.message
    if outcome is FixityResult.SAME:
        fixity.record_match(session, file.id, file.mtime_ns)
    else:
        fixity.store(
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


@dataclass
class Verified:
    """The result of a run, or the forecast of one (`dry`).

    `damaged` and `unread` have a line for each such file; `left` files wait for their turn. `down` names the
    roots that went down.
    """

    dry: bool
    files: int = 0
    bytes: int = 0
    first: int = 0
    left: int = 0
    down: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    @property
    def counts(self) -> str:
        """Return the counts as a sentence."""
        amount = f"{format_count(self.files, 'file')}, {format_bytes(self.bytes)}"
        if self.dry:
            return f"{amount} would be read, {self.left:,} wait for another night; nothing was changed"
        return (
            f"{amount} read, {self.first:,} of them for the first time; {len(self.damaged):,} damaged, "
            f"{len(self.unread):,} unreadable; {self.left:,} wait for another night"
        )


@dataclass(frozen=True)
class ReadingEnded:
    """A plan, and the files read of it."""

    plan: ReadingPlanned
    reading: Reading
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class FixityVerified(StepResult):
    """The result of the run."""

    verified: Verified


@step("sum-up-fixity", STAGE, tag="cpu")
def sum_up_fixity(_context: JobContext, ended: ReadingEnded) -> FixityVerified:
    """Count the files that were read, or that would be read."""
    verified = _forecast(ended.plan) if ended.plan.dry else _result(ended.plan, ended.reading)
    return FixityVerified(verified=verified, did=verified.counts)


def _forecast(plan: ReadingPlanned) -> Verified:
    files = plan.within_budget()
    size = sum(file.size for file in files)
    return Verified(dry=True, files=len(files), bytes=size, left=len(plan.due) - len(files))


def _result(plan: ReadingPlanned, reading: Reading) -> Verified:
    return Verified(
        dry=False,
        files=reading.files,
        bytes=reading.read_bytes,
        first=reading.first,
        left=len(plan.due) - reading.files - len(reading.unread),
        down=[f"{path_as_text(root)} is down" for root in sorted(reading.down)],
        damaged=list(reading.damaged),
        unread=list(reading.unread),
    )
