"""The scan of a root: walk, compare, recognise moves, record."""

from __future__ import annotations

import glob
import os
import time
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog_models.folders import shorten_list
from catalog_models.reads.roots import root_of
from catalog_models.scope import Scope
from catalog_models.tables import MediaFile, Root
from catalog_models.values import ScannedFile, Walk, format_count, path_as_text
from catalog_models.writes import media_files, roots, stage_failures
from flows.ingest.known_files import files_outside, known_files
from flows.ingest.other_roots import Location, OtherRoots
from flows.ingest.roots import refuse_home_inside
from flows.ingest.scope import Scoped
from flows.job.claims import release_dead_claims
from flows.job.context import JobContext
from flows.job.steps import step
from orchestration.markdown import printable
from orchestration.storage import is_bucket
from orchestration.transactions import Transaction
from tasks.media.source_protocol import SourceChangedError
from tasks.scan import (
    Comparison,
    KnownFile,
    RootUnavailableError,
    compare,
    excluder,
    identify,
    is_plausible_loss,
    lost_paths,
    pair_moves,
    refuse_implausible,
    unmounted,
    walk,
)
from tasks.titles import is_video_path

# Missing folders and files that the log line names.
_NAMED = 10


@dataclass(frozen=True)
class ScanOptions:
    """The options of a scan; see `wsoptv ingest --help`. `settle` in seconds."""

    settle: float = 10.0
    exclude: tuple[str, ...] = ()
    accept_missing: bool = False
    full: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class Scan:
    """The result of a scan.

    `scope` is None for a dry run over an unknown root, and for a new root without a video. `is_dry`: nothing
    was recorded.
    """

    walk: Walk
    difference: Comparison
    scope: Scope | None
    is_dry: bool = False


@dataclass(frozen=True)
class Target:
    """A folder to scan: absolute, without links; or `s3://bucket/prefix`."""

    folder: bytes
    options: ScanOptions

    @property
    def label(self) -> str:
        return path_as_text(self.folder)


@dataclass(frozen=True, kw_only=True)
class Scanned(Scoped):
    """The counts of a scan, and the ids of the known files that it found.

    `began` is a time of the monotonic clock. `newly_missing` is negative if more files returned than went
    missing.
    """

    began: float
    folder: bytes
    is_dry: bool
    ignored: int
    unreadable: int
    pending: int
    new: int
    newly_missing: int
    changed: frozenset[uuid.UUID]
    moved: frozenset[uuid.UUID]
    unchanged: frozenset[uuid.UUID]

    @property
    def label(self) -> str:
        return path_as_text(self.folder)

    @property
    def seen(self) -> int:
        """Return the number of files below the folder."""
        met = len(self.changed) + len(self.moved) + len(self.unchanged)
        return met + self.new + self.pending + self.ignored


@step("scan-archive", "scan", tag="io", retries=0)
def scan_archive(context: JobContext, target: Target) -> Scanned:
    """Walk a folder, compare it with the known files, and record what changed."""
    began = time.monotonic()
    refuse_home_inside(target.folder, context.settings.home)
    release_dead_claims(context.transactions)
    found = Scanner(target.folder, target.options, context).scan()
    difference = found.difference
    if found.scope is not None:
        context.notes.scopes.append(found.scope)
    unreadable = found.walk.unreadable
    return Scanned(
        scope=found.scope,
        began=began,
        folder=target.folder,
        is_dry=found.is_dry or found.scope is None,
        ignored=found.walk.ignored,
        unreadable=len(unreadable),
        pending=len(difference.pending),
        new=len(difference.new),
        newly_missing=_newly_missing(difference),
        changed=frozenset(file.id for file, _found in difference.changed),
        moved=frozenset(move.file.id for move in difference.moved),
        unchanged=frozenset(file.id for file in difference.unchanged),
        did=f"{format_count(len(found.walk.videos), 'video')}, {_counts(difference)}",
        problems=_problems(found),
    )


def _counts(difference: Comparison) -> str:
    groups = (
        ("new", difference.new),
        ("changed", difference.changed),
        ("moved", difference.moved),
        ("still being written", difference.pending),
    )
    return ", ".join(f"{len(files):,} {name}" for name, files in groups if files) or "nothing new"


def _problems(found: Scan) -> str:
    """Return which files are newly missing, and how many folders could not be listed."""
    lost, unreadable = lost_paths(found.difference), found.walk.unreadable
    said = []
    if lost:
        named = "; ".join(shorten_list([line.text() for line in lost], _NAMED))
        said.append(f"{sum(line.files for line in lost):,} missing since the last scan: {named}")
    if unreadable:
        said.append(f"{format_count(len(unreadable), 'folder')} could not be listed")
    return printable("; ".join(said))


def _newly_missing(difference: Comparison) -> int:
    """Return the increase of the number of missing files by the scan."""
    met_again = [*difference.unchanged, *(move.file for move in difference.moved if not move.file.elsewhere)]
    gone = sum(not file.missing for file in difference.missing)
    return gone - sum(file.missing and not file.forgotten for file in met_again)


@dataclass(frozen=True)
class Place:
    """The path of a folder's root, and the folder's own path below it."""

    root: bytes
    below: bytes


@dataclass(frozen=True)
class Undecided:
    """The files that must be checked before others can be compared.

    `files` may have moved here: their content is needed. `others` are files of other roots: do they still
    exist?
    """

    files: Sequence[ScannedFile] = ()
    others: Sequence[Location] = ()


class Scanner:
    """One scan of one folder.

    It reads the archive outside of transactions, and compares and records in one.
    """

    def __init__(self, folder: bytes, options: ScanOptions, context: JobContext) -> None:
        self.folder = folder
        self.options = options
        self.context = context
        self.progress = context.progress
        self.other_roots = OtherRoots(context.pool, context.settings.probe_deadline)
        self.outages = context.outages

    def scan(self) -> Scan:
        """Scan, and record either all changes or none. A dry run records nothing.

        Raise `RootUnavailableError` or `ImplausibleScanError`, with nothing changed.
        """
        started = time.time_ns()
        transactions = self.context.transactions
        self.progress.begin("scan", None)
        place = transactions.run(lambda transaction: _locate(transaction.session, self.folder))
        others = select(Root.path).where(Root.path != place.root)
        self.other_roots.look_for_roots(transactions.run(lambda work: work.session.scalars(others).all()))
        while True:
            met = self._walk(place)
            # They may be back.
            self.other_roots.look_for_roots(self.other_roots.lost)
            fingerprints: dict[bytes, bytes | None] = {}
            result: Scan | Place | Undecided = Undecided()
            while isinstance(result, Undecided):
                self.other_roots.look_for_files(result.others)
                fingerprints |= self._fingerprints(place, result.files)
                result = transactions.run(
                    partial(self._compare_and_record, place, met, started, fingerprints)
                )
            if isinstance(result, Scan):
                return result
            # Another ingest took the folder into its root meanwhile, which changed its paths.
            place = result

    def _walk(self, place: Place) -> Walk:
        seen = 0

        def advance(count: int) -> None:
            nonlocal seen
            self.context.advance("scan", count - seen)
            seen = count

        met = walk(
            place.root,
            lambda path: is_video_path(path_as_text(path)),
            self._patterns(place),
            place.below,
            advance,
        )
        for path, reason in met.unreadable:
            shown = path_as_text(os.path.join(place.root, path))
            self.progress.warn(f"cannot list {shown} ({reason}); files known below it stay unchanged")
        return met

    def _compare_and_record(
        self,
        place: Place,
        met: Walk,
        started: int,
        fingerprints: Mapping[bytes, bytes | None],
        transaction: Transaction,
    ) -> Scan | Place | Undecided:
        """Record the scan and return it.

        Or return what must be checked first; or the new place of the folder, if it changed after the walk.
        """
        session = transaction.session
        if not met.videos and not _is_known(session, place):
            self.progress.warn(f"{path_as_text(self.folder)} contains no videos: is the archive mounted?")
            return Scan(met, Comparison(), None)
        scope, now_at = self._scope(session, place)
        if now_at != place:
            return now_at
        known = known_files(session, scope, self.other_roots.lost)
        strays = files_outside(session, scope, met, known)
        if doubtful := self.other_roots.unsure(strays):
            return Undecided(others=doubtful)
        known += [file for location, file in strays.items() if self.other_roots.is_gone(location)]
        out_of_sight = _out_of_sight(self._patterns(place), met)
        # An object appears complete or not at all.
        settle = 0 if is_bucket(place.root) else self.options.settle

        def difference_to(files: Sequence[KnownFile]) -> Comparison:
            return compare(met, files, started, settle, out_of_sight)

        difference = difference_to(known)
        unread = [found for found in difference.candidates if found.path not in fingerprints]
        if unread:
            return Undecided(unread)
        difference = pair_moves(difference, fingerprints)
        if away := unmounted(known, difference.moved):
            known = [file for file in known if file.lost_root not in away]
            difference = pair_moves(difference_to(known), fingerprints)
        if not self.options.accept_missing:
            here = sum(not (file.missing or file.elsewhere or out_of_sight(file.path)) for file in known)
            refuse_implausible(difference, here, path_as_text(self.folder))
        if scope is not None and not self.options.dry_run:
            _record(session, scope, difference, self.other_roots.lost)
            if self.options.full:
                media_files.reset_stages(session, scope)
                stage_failures.forget(session, scope)
        return Scan(met, difference, scope, self.options.dry_run)

    def _scope(self, session: Session, place: Place) -> tuple[Scope | None, Place]:
        if self.options.dry_run:
            root_id = session.scalar(select(Root.id).where(Root.path == place.root))
            return (Scope(root_id, place.below) if root_id else None), _locate(session, self.folder)
        root, below = roots.find_or_create(session, self.folder)
        return Scope(root.id, below), Place(root.path, below)

    def _patterns(self, place: Place) -> tuple[str, ...]:
        """Return all patterns, relative to the root. Those of the run are relative to its folder."""
        if not place.below:
            return (*self.context.settings.exclude, *self.options.exclude)
        prefix = glob.escape(os.fsdecode(place.below)) + "/"
        return (*self.context.settings.exclude, *(prefix + pattern for pattern in self.options.exclude))

    def _fingerprints(self, place: Place, found: Sequence[ScannedFile]) -> dict[bytes, bytes | None]:
        """Return the fingerprints of files by path; None for one that cannot be read."""
        calls = [(file, (os.path.join(place.root, file.path), file.size, file.mtime_ns)) for file in found]
        digests: dict[bytes, bytes | None] = {}
        for outcome in self.context.pool.run(identify, calls, self.context.settings.probe_deadline):
            digests[outcome.item.path] = outcome.value.digest if outcome.value else None
            if outcome.error:
                self._expect_up(place, outcome.item.path, outcome.error)
                shown = path_as_text(outcome.item.path)
                self.progress.warn(f"{shown} may be a moved file, but cannot be read: {outcome.error}")
        return digests

    def _expect_up(self, place: Place, path: bytes, error: BaseException) -> None:
        """Raise `RootUnavailableError` if the file cannot be read because its root went down.

        Otherwise it would be recorded as a new file, and lose its history.
        """
        if not isinstance(error, SourceChangedError) and self.outages.explain(place.root, path, error):
            raise RootUnavailableError("; ".join(self.outages.reasons)) from error


def _locate(session: Session, folder: bytes) -> Place:
    """Return the root that contains the folder, or the folder itself as a new root."""
    known = root_of(session, folder)
    return Place(known.path, known.below) if known else Place(folder, b"")


def _is_known(session: Session, place: Place) -> bool:
    return session.scalar(select(Root.id).where(Root.path == place.root)) is not None


def _out_of_sight(exclude: Sequence[str], met: Walk) -> Callable[[bytes], bool]:
    excluded = excluder(exclude)
    closed = tuple(folder + b"/" for folder, _reason in met.unreadable)
    return lambda path: path.startswith(closed) or excluded(path)


def _record(session: Session, scope: Scope, difference: Comparison, lost: Collection[bytes]) -> None:
    """Record the difference, in one transaction."""
    moved = {move.file.id: move.to for move in difference.moved}
    changed = {file.id: found for file, found in difference.changed}
    origins = _other_roots(session, scope, list(moved))
    media_files.move(session, scope.root_id, moved)
    _close_moved(session, scope, origins, lost)
    media_files.change(session, changed)
    media_files.add(session, scope.root_id, difference.new)
    media_files.mark_missing(session, [file.id for file in difference.missing if not file.missing])
    media_files.mark_returned(session, [file.id for file in difference.unchanged if file.missing])
    stage_failures.forget_files(session, [*moved, *changed])
    roots.record_scan(session, scope.root_id)


def _other_roots(session: Session, scope: Scope, moved: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return how many of these files are in other roots, by root."""
    elsewhere = (MediaFile.id.in_(moved), MediaFile.root_id != scope.root_id)
    query = select(MediaFile.root_id, func.count()).where(*elsewhere).group_by(MediaFile.root_id)
    return dict(session.execute(query).tuples().all()) if moved else {}


def _close_moved(
    session: Session, scope: Scope, origins: Mapping[uuid.UUID, int], lost: Collection[bytes]
) -> None:
    """Close roots whose folder no longer exists and whose files, all but a few, moved here."""
    for root_id, came in origins.items():
        present = (MediaFile.root_id == root_id, MediaFile.missing_since.is_(None))
        left = session.scalar(select(func.count()).select_from(MediaFile).where(*present)) or 0
        path = session.scalars(select(Root.path).where(Root.id == root_id)).one()
        if path in lost and is_plausible_loss(left, came + left):
            roots.merge(session, root_id, scope.root_id, scope.below)
