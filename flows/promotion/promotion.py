"""Promotion: hot titles are copied to the SSD, step by step, so that a death at any of them leaves nothing that is half there.

Room is reserved as a row; the copy is made under a temporary name, checked, given its name, and only then is it played.
Leaving goes the other way: nobody is sent there any more, then the file goes, then its room is free.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog_models import heat
from catalog_models.archive import Root
from catalog_models.cached import CachedFile
from catalog_models.values import Claim, counted, storable, text_of
from catalog_models.writes import cached_files
from catalog_models.writes.cached_files import Reserved
from flows.job.claims import kept
from flows.job.context import JobContext, Run
from flows.promotion.reconcile import bad_copies, reconcile
from orchestration.storage import is_bucket
from tasks.catalogue.opening import expect_titles
from tasks.media.folders import discard, part_of, publish
from tasks.media.medium import SourceChangedError, SourceGoneError
from tasks.promotion.copying import CopyFailedError, copy_file
from tasks.promotion.folder import mount_of, open_folder, refuse_nothing, room_in
from tasks.promotion.policy import HOT_DAYS, HOT_VIEWS, Copy, Decision, Plan, make_plan

STAGE = "promotion"

_MB = 1 << 20  # of bytes, that progress is counted in


@dataclass
class Promoted:
    """What a promotion came to, or would (`dry`). `failed` says of each copy that was not made why. `waiting` copies were
    not tried, because the roots of their files went `down` (the reasons)."""

    plan: Plan
    dry: bool
    copied: int = 0
    left: int = 0
    mended: int = 0
    failed: list[str] = field(default_factory=list)
    waiting: int = 0
    down: list[str] = field(default_factory=list)


def promote(
    place: JobContext,
    content_ids: Sequence[uuid.UUID] = (),
    *,
    dry: bool = False,
    accept_missing: bool = False,
) -> Promoted:
    """Copy what is hot and, however seldom they are viewed, these titles.

    Raises `CacheUnusableError`, where the budget is 0 after all copies left, and `CopiesGoneError` unless `accept_missing`.
    """
    run, folder, do = Run(place, None), place.settings.cache_folder, place.bench.do
    do("plan", "look at the cache folder", partial(_open, place, folder))
    if dry:
        promoted = do("plan", "plan", partial(_foresee, place, folder, content_ids, accept_missing))
    else:
        compare = partial(reconcile, place, folder, accept_missing=accept_missing)
        mended = do("plan", "compare folder and table", compare)
        plan = do("plan", "plan", partial(_plan, place, folder, content_ids))
        promoted = Promoted(plan, dry, mended=mended)
        _carry_out(run, folder, promoted)
    refuse_nothing(place.settings.cache_bytes, told(promoted))
    return promoted


def _foresee(
    place: JobContext, folder: Path, content_ids: Sequence[uuid.UUID], accept_missing: bool
) -> Promoted:
    """What a promotion would do, after it would have forgotten copies that are gone; nothing is changed."""

    def read(session: Session) -> Promoted:
        attempt = session.begin_nested()
        bad = bad_copies(session, folder, accept_missing)
        cached_files.remove(session, bad)
        plan = _read_plan(session, place, folder, content_ids, _lying(folder, bad))
        attempt.rollback()
        return Promoted(plan, dry=True, mended=len(bad))

    return place.transactions.run(lambda work: read(work.session))


def _carry_out(run: Run, folder: Path, promoted: Promoted) -> None:
    place, plan = run.place, promoted.plan
    lease = place.settings.lease
    with kept(place.transactions, lease, lambda session: cached_files.renew(session, run.owner, lease)):
        for leaving in plan.leave:
            promoted.left += place.bench.do(
                "evict", f"evict {leaving.name}", partial(_evict, place, folder, leaving.id)
            )
        place.progress.begin(STAGE, sum(wanted.size for wanted in plan.copy) // _MB, "MiB")
        for wanted in plan.copy:
            _copy_one(run, folder, wanted, promoted)


def _open(place: JobContext, folder: Path) -> None:
    roots = place.transactions.run(lambda work: list(work.session.scalars(select(Root.path))))
    settings = place.settings
    open_folder(folder, settings.cache is None, roots, settings.renditions_folder)


def _lying(folder: Path, keys: Sequence[uuid.UUID]) -> int:
    """Bytes that are there of these copies."""
    paths = [path for key in keys for path in (folder / str(key), part_of(folder / str(key)))]
    return sum(path.stat().st_size for path in paths if path.is_file())


def _plan(place: JobContext, folder: Path, content_ids: Sequence[uuid.UUID]) -> Plan:
    return place.transactions.run(lambda work: _read_plan(work.session, place, folder, content_ids))


def _read_plan(
    session: Session, place: JobContext, folder: Path, content_ids: Sequence[uuid.UUID], freed: int = 0
) -> Plan:
    expect_titles(session, content_ids)
    titles = {title.file_id: title for title in heat.hot(session, HOT_DAYS, HOT_VIEWS)}
    titles |= {title.file_id: title for title in heat.of(session, HOT_DAYS, content_ids)}
    held = heat.held(session, HOT_DAYS)
    others = select(CachedFile.size).where(CachedFile.state != "ready")
    reserved = sum(session.scalars(others))
    budget = _room(place, session, folder, freed)
    plan = make_plan(titles.values(), [_copy_of(each) for each in held], budget, reserved)
    plan.kept_out += [Decision(*unwanted) for unwanted in heat.unwanted(session, content_ids)]
    return plan


def _room(place: JobContext, session: Session, folder: Path, freed: int = 0) -> int:
    """Bytes that copies may fill as things are now, `freed` would be free: others fill the disk, too."""
    ready = select(func.coalesce(func.sum(CachedFile.size), 0)).where(CachedFile.state == "ready")
    return room_in(folder, int(session.scalar(ready) or 0) + freed, place.settings.cache_bytes)


def _copy_of(held: heat.Held) -> Copy:
    copy = held.copy
    kept_off = held.heat.kept_off if held.heat else 0.0
    return Copy(copy.id, held.name, copy.size, copy.used_at or copy.reserved_at, held.played, kept_off)


def _evict(place: JobContext, folder: Path, copy_id: uuid.UUID) -> bool:
    """Somebody may have begun to play it since the plan was made: then it stays. What cannot be removed keeps its room."""
    if not place.transactions.run(lambda work: cached_files.leave(work.session, copy_id)):
        return False
    if not discard(folder / str(copy_id)):
        return False
    place.transactions.run(lambda work: cached_files.remove(work.session, [copy_id]))
    return True


def _copy_one(run: Run, folder: Path, wanted: Decision, promoted: Promoted) -> None:
    do = run.place.bench.do
    if run.outages.roots and _location(run, wanted.id)[0] in run.outages.roots:
        promoted.waiting += 1
        return
    copy = do(
        "reserve",
        f"reserve {wanted.size:,} bytes for {wanted.name}",
        partial(_reserve, run, folder, wanted, promoted.plan),
    )
    if copy is None:
        promoted.failed.append(f"{wanted.name}: somebody else copies it, or took its room")
        return
    try:
        ctime_ns = do("copy", f"copy and verify {wanted.name}", partial(_copy, run, folder, copy))
        do("flip", f"play {wanted.name} from the SSD", partial(_flip, run, folder, copy, ctime_ns))
        promoted.copied += 1
    except (CopyFailedError, SourceChangedError, SourceGoneError) as error:
        if isinstance(error, SourceGoneError) or isinstance(error.__cause__, OSError):
            run.outages.explain(*_location(run, copy.file_id), error.__cause__)
            promoted.down = run.outages.reasons
        promoted.failed.append(f"{wanted.name}: {error}")
        run.progress.warn(f"{wanted.name} was not copied: {error}")
        _give_up(run, folder, copy)
    except BaseException:
        _give_up(run, folder, copy)
        raise


def _reserve(run: Run, folder: Path, wanted: Decision, plan: Plan) -> Reserved | None:
    key, why = uuid.uuid4(), {"why": wanted.why, "mount": text_of(os.fsencode(mount_of(folder)[0]))}

    def reserve(session: Session) -> Reserved | None:
        budget = min(plan.budget, _room(run.place, session, folder))
        claim = Claim(key, run.owner, run.settings.lease)
        return cached_files.reserve(session, wanted.id, claim, why, budget)

    return run.transactions.run(lambda work: reserve(work.session))


def _copy(run: Run, folder: Path, copy: Reserved) -> int | None:
    """Copy the file. Returns its ctime from before the copy, or None for a file in a bucket."""
    root, path = _location(run, copy.file_id)

    def tell(count: int) -> None:
        run.progress.advance(STAGE, count // _MB)  # raises if the run was cancelled

    source = os.path.join(root, path)
    ctime_ns = None if is_bucket(root) else _ctime_ns(source)
    copy_file(source, copy.size, copy.mtime_ns, folder / str(copy.id), tell, run.settings.copy_rate)
    return ctime_ns


def _location(run: Run, file_id: uuid.UUID) -> tuple[bytes, bytes]:
    """Return the root of what plays for a file, and its path there."""
    renditions = run.settings.renditions_folder
    return run.transactions.run(lambda work: heat.path_of(work.session, file_id, renditions))


def _ctime_ns(path: bytes) -> int | None:
    try:
        return storable(os.stat(path).st_ctime_ns)
    except OSError:
        # The copy itself will report the error.
        return None


def _flip(run: Run, folder: Path, copy: Reserved, ctime_ns: int | None) -> None:
    try:
        publish(folder / str(copy.id))
    except OSError as error:
        # The copy was removed, or the disk fails.
        raise CopyFailedError(f"its copy could not be given its name: {error.strerror}") from error
    if not run.transactions.run(lambda work: cached_files.publish(work.session, copy.id, ctime_ns)):
        raise CopyFailedError("its file changed, or was taken from the catalogue, while it was copied")


def _give_up(run: Run, folder: Path, copy: Reserved) -> None:
    """What cannot be removed keeps its room, until the next run removes it."""
    if discard(folder / str(copy.id)):
        run.transactions.run(lambda work: cached_files.remove(work.session, [copy.id]))


def told(promoted: Promoted) -> str:
    """A sentence for people."""
    plan, mended = promoted.plan, counted(promoted.mended, "copy", "copies")
    if promoted.dry:
        gone = f"{mended} gone or of changed files would be forgotten, " if promoted.mended else ""
        copied = f"{counted(len(plan.copy), 'title')} would be copied"
        return f"{gone}{copied}, {len(plan.leave):,} would leave; nothing was changed"
    gone = f"{mended} gone, left over or of changed files forgotten, " if promoted.mended else ""
    copied = f"{counted(promoted.copied, 'title')} copied"
    waiting = f", {promoted.waiting:,} wait for their root" if promoted.waiting else ""
    return f"{gone}{copied}, {promoted.left:,} left, {len(promoted.failed):,} failed{waiting}"
