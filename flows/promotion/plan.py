"""The step `plan-promotion`: which titles are copied to the SSD, which copies are evicted, and why."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog_models.reads.copies import ReadyCopy, ready_copies
from catalog_models.reads.popularity import popular_titles, promotable_titles, unpromotable_titles
from catalog_models.tables import CachedFile, Root
from catalog_models.values import format_bytes, format_count
from catalog_models.writes import cached_files
from flows.job.context import JobContext
from flows.job.steps import StepResult, step
from flows.promotion.copy import STAGE, progress_units
from flows.promotion.eviction import Eviction
from flows.promotion.reconcile import bad_copies, reconcile
from flows.promotion.reservations import TitleCopy, budget_now
from tasks.catalogue.title_lookup import expect_titles
from tasks.media.folders import part_of
from tasks.promotion.folder import open_folder
from tasks.promotion.policy import HOT_DAYS, HOT_VIEWS, Copy, Decision, Plan, make_plan


@dataclass(frozen=True)
class PromotionRequest:
    """The titles to copy: hot titles and, however seldom they are viewed, these.

    `is_dry`: plan only. `accept_missing`: the many missing copies were deleted on purpose.
    """

    content_ids: tuple[uuid.UUID, ...] = ()
    is_dry: bool = False
    accept_missing: bool = False

    @property
    def label(self) -> str:
        named = f" and {format_count(len(self.content_ids), 'named title')}" if self.content_ids else ""
        return f"hot titles{named}"


@dataclass(frozen=True, kw_only=True)
class PromotionPlanned(StepResult):
    """A plan, and the work that it takes: none in a dry run.

    `removed` bad copies and unknown files were removed.
    """

    plan: Plan
    is_dry: bool
    removed: int
    evictions: tuple[Eviction, ...] = ()
    copies: tuple[TitleCopy, ...] = ()


@step("plan-promotion", "plan", tag="ssd")
def plan_promotion(context: JobContext, wanted: PromotionRequest) -> PromotionPlanned:
    """Compare the folder with its table, find hot titles, and choose the copies to make and to evict.

    Raise `CacheUnusableError`, `CopiesGoneError` and `NoSuchTitleError`.
    """
    _open_folder(context)
    if wanted.is_dry:
        return _foresee(context, wanted)
    removed = reconcile(context, accept_missing=wanted.accept_missing)
    plan = context.transactions.in_session(_read_plan, context, wanted.content_ids)
    copies = tuple(TitleCopy(uuid.uuid4(), title, plan.budget) for title in plan.copy)
    context.progress.begin(STAGE, sum(progress_units(copy.title.size) for copy in copies), "MiB")
    return PromotionPlanned(
        plan=plan,
        is_dry=False,
        removed=removed,
        evictions=tuple(_evictions(plan)),
        copies=copies,
        did=_said(plan),
    )


def _foresee(context: JobContext, wanted: PromotionRequest) -> PromotionPlanned:
    """Return what a promotion would do after it had forgotten bad copies; change nothing."""

    def read(session: Session) -> PromotionPlanned:
        attempt = session.begin_nested()
        bad = bad_copies(session, context.settings.cache_folder, wanted.accept_missing)
        cached_files.remove(session, bad)
        freed = _bytes_of(context.settings.cache_folder, bad)
        plan = _read_plan(session, context, wanted.content_ids, freed)
        attempt.rollback()
        return PromotionPlanned(plan=plan, is_dry=True, removed=len(bad), did=_said(plan))

    return context.transactions.in_session(read)


def _open_folder(context: JobContext) -> None:
    settings = context.settings
    roots = context.transactions.run(lambda work: list(work.session.scalars(select(Root.path))))
    open_folder(settings.cache_folder, settings.cache is None, roots, settings.renditions_folder)


def _read_plan(
    session: Session, context: JobContext, content_ids: Collection[uuid.UUID], freed: int = 0
) -> Plan:
    expect_titles(session, content_ids)
    titles = {title.file_id: title for title in popular_titles(session, HOT_DAYS, HOT_VIEWS)}
    titles |= {title.file_id: title for title in promotable_titles(session, HOT_DAYS, content_ids)}
    ready = ready_copies(session, HOT_DAYS)
    unfinished = select(CachedFile.size).where(CachedFile.state != "ready")
    reserved = sum(session.scalars(unfinished))
    budget = budget_now(session, context, freed)
    plan = make_plan(titles.values(), [_copy_of(each) for each in ready], budget, reserved)
    plan.kept_out += [Decision(*title) for title in unpromotable_titles(session, content_ids)]
    return plan


def _bytes_of(folder: Path, copy_ids: Collection[uuid.UUID]) -> int:
    """Return the bytes that these copies occupy in the folder."""
    paths = [path for key in copy_ids for path in (folder / str(key), part_of(folder / str(key)))]
    return sum(path.stat().st_size for path in paths if path.is_file())


def _copy_of(ready: ReadyCopy) -> Copy:
    copy = ready.copy
    kept_off = ready.popularity.kept_off if ready.popularity else 0.0
    return Copy(copy.id, ready.name, copy.size, copy.used_at or copy.reserved_at, ready.in_use, kept_off)


def _evictions(plan: Plan) -> list[Eviction]:
    """Return the evictions in the plan's order: one for each title that needs room."""
    names = {title.id: title.name for title in plan.copy}
    groups = groupby(plan.evict, key=lambda leaving: leaving.room_for)
    return [
        Eviction(tuple(leaving), room_for, names[room_for] if room_for else None)
        for room_for, leaving in groups
    ]


def _said(plan: Plan) -> str:
    size = format_bytes(sum(title.size for title in plan.copy))
    leave = f", {len(plan.evict):,} to evict" if plan.evict else ""
    kept_out = f", {len(plan.kept_out):,} kept out" if plan.kept_out else ""
    return f"{format_count(len(plan.copy), 'title')} to copy ({size}){leave}{kept_out}"
