"""The steps `sum-up` and `find-leftovers`: the results of an ingest, and of runs over known files."""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog_models.reads.due_files import count_due
from catalog_models.reads.problem_files import Problem, count_problem
from catalog_models.scope import Scope, within
from catalog_models.tables import Content, MediaFile, Root
from catalog_models.values import Stage, format_count
from catalog_models.writes import file_alerts, roots
from flows.ingest.scan import Scanned
from flows.ingest.scope import Found
from flows.job.context import JobContext
from flows.job.steps import StepResult, step


@dataclass(frozen=True)
class Summary:
    """The counts of an ingest.

    The first six add up to `seen`, every file below the root; they are about this run. `missing`,
    `quarantined` and `failed` count the files below the root that are in that state now; `programmes` counts
    the titles that the whole catalogue shows. `unreadable` counts folders that could not be listed.
    `unindexed` is the reason why the search server's index was not updated. If the root went down
    during the run, `down` is the reason, and `waiting` files are left for the next run.
    """

    seen: int
    ignored: int
    new: int
    changed: int
    moved: int
    unchanged: int
    pending: int
    missing: int
    quarantined: int
    failed: int
    programmes: int
    unreadable: int
    seconds: float
    unindexed: str | None = None
    waiting: int = 0
    down: str | None = None

    @property
    def counts(self) -> str:
        """Return the counts as a sentence."""
        return (
            f"{format_count(self.seen, 'file')}: {self.new:,} new, {self.changed:,} changed, {self.moved:,} moved, "
            f"{self.missing:,} missing, {self.quarantined:,} quarantined, {self.failed:,} failed"
        )


@dataclass(frozen=True, kw_only=True)
class SummedUp(StepResult):
    """The summary of one root."""

    summary: Summary


@step("sum-up", "summary", tag="cpu")
def sum_up(context: JobContext, scanned: Scanned) -> SummedUp:
    """Count the results of the run, and store the counts with the root."""
    summary = context.transactions.in_session(_count, context, scanned)
    before = None
    if scanned.scope is not None and not scanned.is_dry:
        root_id = scanned.scope.root_id
        before = context.transactions.in_session(_record, root_id, summary)
    context.notes.previous.append(before or {})
    _warn_of_outages(context, summary.waiting)
    did = f"{format_count(summary.programmes, 'title')} in the catalogue"
    return SummedUp(summary=summary, did=did, problems=summary.unindexed or "")


def _warn_of_outages(context: JobContext, waiting: int) -> None:
    if reasons := context.outages.reasons:
        context.progress.warn(f"{'; '.join(reasons)}. {format_count(waiting, 'file')} wait for the next run")


def _record(session: Session, root_id: uuid.UUID, summary: Summary) -> dict[str, Any] | None:
    """Keep the summary with its root, and raise and resolve alerts. Return the summary of the run before."""
    before = session.scalar(select(Root.last_summary).where(Root.id == root_id))
    roots.record_summary(session, root_id, asdict(summary))
    file_alerts.settle(session)
    return before


def total(summaries: Sequence[Summary], seconds: float) -> Summary:
    """Return the sum of the summaries of several roots, for a run of `seconds`."""
    last = summaries[-1]
    not_added = {
        "unindexed": last.unindexed,
        "down": "; ".join(each.down for each in summaries if each.down) or None,
        "programmes": last.programmes,
        "seconds": round(seconds, 3),
    }
    counts = [name for name in asdict(last) if name not in not_added]
    added = {name: sum(getattr(each, name) for each in summaries) for name in counts}
    return Summary(**added | not_added)


def _count(session: Session, context: JobContext, scanned: Scanned) -> Summary:
    """Return the counts. A file that changed while it was read counts as pending, whatever the scan found."""
    scope = scanned.scope or Scope(uuid.UUID(int=0))
    changing = _inside(session, context.notes.changing, scope)
    known = scanned.changed | scanned.moved | scanned.unchanged
    waiting, down = left_behind(session, context, scanned.scope)
    return Summary(
        seen=scanned.seen,
        ignored=scanned.ignored,
        new=scanned.new - len(changing - known),
        changed=len(scanned.changed - changing),
        moved=len(scanned.moved - changing),
        unchanged=len(scanned.unchanged - changing),
        pending=scanned.pending + len(changing),
        missing=_missing(session, scanned, scope),
        quarantined=count_problem(session, Problem.QUARANTINED, scope),
        failed=count_problem(session, Problem.FAILED, scope) + without_pictures(session, context, scope),
        programmes=session.scalar(select(func.count()).select_from(Content).where(Content.is_visible)) or 0,
        unreadable=scanned.unreadable,
        seconds=round(time.monotonic() - scanned.began, 3),
        unindexed=context.notes.search_problem,
        waiting=waiting,
        down=down,
    )


def _inside(session: Session, files: Collection[uuid.UUID], scope: Scope) -> set[uuid.UUID]:
    if not files:
        return set()
    return set(session.scalars(select(MediaFile.id).where(within(scope), MediaFile.id.in_(list(files)))))


def _missing(session: Session, scanned: Scanned, scope: Scope) -> int:
    """Return the files that are missing now; after a dry run, those that would be."""
    recorded = count_problem(session, Problem.MISSING, scope)
    return recorded + (scanned.newly_missing if scanned.is_dry else 0)


def without_pictures(session: Session, context: JobContext, scope: Scope | None) -> int:
    """Return the number of files without pictures because these could not be written."""
    return count_due(session, Stage.THUMBNAILS, scope) if context.notes.unwritable else 0


def left_behind(session: Session, context: JobContext, scope: Scope | None) -> tuple[int, str | None]:
    """Return the number of files that wait for roots that are down, and the reasons of these roots."""
    reasons = "; ".join(context.outages.reasons)
    if not reasons:
        return 0, None
    return sum(count_due(session, stage, scope) for stage in (Stage.METADATA, Stage.THUMBNAILS)), reasons


@dataclass(frozen=True)
class Leftovers:
    """The work that a run over known files left.

    `missing`, `quarantined` and `failed` count the files of the scope that are in that state now (failed ones
    are dead letters). `unwritten` files lack pictures because none could be written, `changing` files changed
    while they were read, and `waiting` files wait for roots that are `down`. `unindexed` is the reason why
    the search index was not updated.
    """

    missing: int
    quarantined: int
    failed: int
    unwritten: int
    changing: int
    waiting: int
    down: str | None
    unindexed: str | None


@dataclass(frozen=True, kw_only=True)
class LeftoversFound(StepResult):
    """The files that a run over known files left."""

    leftovers: Leftovers


@step("find-leftovers", "leftovers", tag="cpu")
def find_leftovers(context: JobContext, found: Found) -> LeftoversFound:
    """Count the work that a run over known files left, and raise and resolve alerts."""
    left = context.transactions.in_session(_leftovers, context, found.scope)
    context.transactions.in_session(file_alerts.settle)
    _warn_of_outages(context, left.waiting)
    return LeftoversFound(
        leftovers=left, did=f"{format_count(left.failed, 'file')} failed, {left.waiting:,} wait"
    )


def _leftovers(session: Session, context: JobContext, scope: Scope | None) -> Leftovers:
    waiting, down = left_behind(session, context, scope)
    return Leftovers(
        missing=count_problem(session, Problem.MISSING, scope),
        quarantined=count_problem(session, Problem.QUARANTINED, scope),
        failed=count_problem(session, Problem.FAILED, scope),
        unwritten=without_pictures(session, context, scope),
        changing=len(context.notes.changing),
        waiting=waiting,
        down=down,
        unindexed=context.notes.search_problem,
    )
