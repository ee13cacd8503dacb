"""Fixity: every night some of the archive is read whole, what was not read for longest first, within a budget of bytes.

Each file is noted when it is done: who is killed in between goes on there. What cannot be read costs what was read of it, and
waits for its turn again; a root that is down, or fails several times in a row, is left for another night.
"""

from __future__ import annotations

import os
import uuid
from collections import Counter, deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog_models.archive import MediaFile, Root
from catalog_models.fixity import Fixity, FixityFailure
from catalog_models.values import DAMAGE, counted, sized, text_of
from catalog_models.writes import findings, fixity
from flows.job.context import JobContext
from flows.job.file_errors import words
from flows.job.outages import Outages
from orchestration.storage import is_down
from orchestration.transactions import Transaction, Transactions
from tasks.fixity.digest import Digest, digest_of
from tasks.fixity.verdict import Known, Outcome, finding, judge
from tasks.media.medium import SourceChangedError, SourceGoneError

STAGE = "verify"

_MB = 1 << 20
_IN_A_ROW = 5  # failures, after which a root is taken to be down
_BATCH_FILES, _BATCH_BYTES = 50, 50 << 30  # of one task run


@dataclass(frozen=True, slots=True)
class Due:
    """A file that is to be read, at the location `path` below that of its `root`."""

    id: uuid.UUID
    root: bytes
    path: str
    size: int
    mtime_ns: int


class Down:
    """Roots that are down, and how often each failed in a row."""

    def __init__(self, transactions: Transactions) -> None:
        self._outages = Outages(transactions)
        self.roots: set[bytes] = set()
        self._failures: Counter[bytes] = Counter()

    def notes(self, root: bytes, error: OSError) -> bool:
        """One more failure; whether the root is down now."""
        self._failures[root] += 1
        if is_down(error) or self._failures[root] >= _IN_A_ROW:
            self.roots.add(root)
        return root in self.roots

    def explains(self, file: Due, error: BaseException) -> bool:
        """Ask the root of a file whether it is down, and note it if so."""
        path = os.fsencode(file.path).removeprefix(file.root.rstrip(b"/") + b"/")
        if self._outages.explain(file.root, path, error):
            self.roots.add(file.root)
        return file.root in self.roots

    def forget(self, root: bytes) -> None:
        """It answers."""
        del self._failures[root]


@dataclass
class Verified:
    """What came of it, or would (`dry`). `damaged` and `unread` say of each such file what is wrong; `left` files wait for
    their turn. `down` names the roots that went down."""

    dry: bool
    files: int = 0
    bytes: int = 0
    first: int = 0
    left: int = 0
    down: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def verify(place: JobContext, budget: int | None = None, *, dry: bool = False) -> Verified:
    """Read files until `budget` bytes (None: the setting's) were; the last one may exceed it."""
    budget = place.settings.fixity_bytes if budget is None else budget
    due = place.bench.do(STAGE, "what was not read for longest", partial(_due, place))
    done = Verified(dry, left=len(due))
    if dry:
        taken = _take(due, budget, len(due))
        done.files, done.bytes, done.left = len(taken), sum(file.size for file in taken), len(due)
        return done
    place.progress.begin(STAGE, min(budget, sum(file.size for file in due)) // _MB, "MiB")
    down = Down(place.transactions)
    while done.bytes < budget and (
        batch := _take(due, min(budget - done.bytes, _BATCH_BYTES), _BATCH_FILES, down.roots)
    ):
        what = f"read {counted(len(batch), 'file')} from {os.path.basename(batch[0].path)} on"
        place.bench.do(STAGE, what, partial(_read, place, batch, done, down))
    return done


def _take(due: deque[Due], most_bytes: int, most_files: int, down: Collection[bytes] = ()) -> list[Due]:
    """The first of them, without those whose root is `down`; as many as exceed no bound but by the last."""
    taken: list[Due] = []
    room = most_bytes
    while due and room > 0 and len(taken) < most_files:
        file = due.popleft()
        if file.root not in down:
            taken.append(file)
            room -= file.size
    return taken


def _due(place: JobContext) -> deque[Due]:
    def load(session: Session) -> deque[Due]:
        query = (
            select(MediaFile.id, Root.path, MediaFile.path, MediaFile.size, MediaFile.mtime_ns)
            .join(Root, Root.id == MediaFile.root_id)
            .outerjoin(Fixity, Fixity.media_file_id == MediaFile.id)
            .where(MediaFile.missing_since.is_(None), MediaFile.metadata_at.is_not(None))
            .outerjoin(FixityFailure, FixityFailure.media_file_id == MediaFile.id)
            .order_by(func.greatest(Fixity.verified_at, FixityFailure.failed_at).nulls_first(), MediaFile.id)
        )
        return deque(
            Due(key, root, os.fsdecode(os.path.join(root, path)), size, mtime)
            for key, root, path, size, mtime in session.execute(query)
        )

    return place.transactions.run(lambda work: load(work.session))


def _read(place: JobContext, batch: Sequence[Due], done: Verified, down: Down) -> None:
    for file in batch:
        if file.root in down.roots:
            continue
        done.left -= 1
        told = 0

        def tell(count: int) -> None:
            nonlocal told
            before, told = told, told + count
            place.progress.advance(STAGE, told // _MB - before // _MB)  # raises when it is cancelled

        try:
            found = digest_of(
                os.fsencode(file.path), file.size, file.mtime_ns, tell, place.settings.copy_rate
            )
        except (SourceChangedError, SourceGoneError) as error:
            done.left += 1  # the next ingest sees that
            if isinstance(error, SourceGoneError) and down.explains(file, error):
                _tell_down(place, done, file.root)
            continue
        except OSError as error:
            said = words(error) if error.strerror else error
            done.unread.append(f"{file.path}: {said}")
            place.progress.warn(f"{file.path} cannot be read: {said}")
            done.bytes += told
            # One object that always fails must not be the first of every night.
            if not (is_down(error) and down.explains(file, error)):
                place.transactions.run(partial(_note_failure, file))
            if down.notes(file.root, error):
                _tell_down(place, done, file.root)
            continue
        down.forget(file.root)
        done.files += 1
        done.bytes += file.size
        _note(place, file, found, done)


def _tell_down(place: JobContext, done: Verified, root: bytes) -> None:
    done.down.append(f"{text_of(root)} is down")
    place.progress.warn(f"{text_of(root)} is down: nothing more of it is read this time")


def _note(place: JobContext, file: Due, found: Digest, done: Verified) -> None:
    outcome, says = place.transactions.run(lambda work: _store(work.session, file, found))
    done.first += outcome is Outcome.FIRST
    if outcome in DAMAGE:
        done.damaged.append(f"{file.path}: {says}")
        place.progress.warn(f"{file.path}: {says}")


def _note_failure(file: Due, work: Transaction) -> None:
    fixity.failed(work.session, file.id)


def _store(session: Session, file: Due, found: Digest) -> tuple[Outcome, str]:
    row = session.get(Fixity, file.id)
    known = None
    if row is not None:
        known = Known(Digest(row.sha256, row.fingerprint), row.size, row.mtime_ns, row.hashed_at)
    fixity.succeeded(session, file.id)
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
    amount = f"{counted(done.files, 'file')}, {sized(done.bytes)}"
    if done.dry:
        return f"{amount} would be read, {done.left:,} wait for another night; nothing was changed"
    return (
        f"{amount} read, {done.first:,} of them for the first time; {len(done.damaged):,} damaged, "
        f"{len(done.unread):,} unreadable; {done.left:,} wait for another night"
    )
