"""The step `plan-renditions`: the renditions to make, and their costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog_models.tables import Root
from catalog_models.values import format_bytes, format_count, format_duration
from flows.job.context import JobContext
from flows.job.steps import StepResult, step
from flows.renditions.reconcile import bad_renditions, forget, reconcile
from flows.renditions.render import STAGE, RenditionBatch
from flows.renditions.selection import Problem, RenditionOptions, RenditionPlan, plans_of, unneeded_of
from orchestration.transactions import Transaction
from tasks.catalogue.title_lookup import expect_titles
from tasks.media.folders import open_own_folder
from tasks.renditions.recipe import Kind

# Steps of one run that make renditions: Prefect's UI shows a graph of this size well.
_MOST = 200


@dataclass(frozen=True)
class RenditionRequest:
    """The renditions to make.

    `is_dry`: plan only. `accept_missing`: the many missing renditions were deleted on purpose.
    """

    options: RenditionOptions
    is_dry: bool = False
    accept_missing: bool = False

    @property
    def label(self) -> str:
        named = len(self.options.content_ids)
        titles = format_count(named, "named title") if named else "all titles"
        return f"{' and '.join(self.options.kinds)} of {titles}"


@dataclass(frozen=True, kw_only=True)
class RenditionsPlanned(StepResult):
    """A plan.

    `removed` bad renditions and unknown files were removed. `unneeded` titles were named and get none.
    `others` counts titles that need other kinds.
    """

    plans: tuple[RenditionPlan, ...]
    is_dry: bool
    removed: int
    unneeded: tuple[Problem, ...]
    others: dict[Kind, int]

    @property
    def batches(self) -> list[RenditionBatch]:
        """Return the plans as steps take them: one at a time, or several if there are many.

        None in a dry run.
        """
        return [] if self.is_dry else batches_of(self.plans)


def batches_of(plans: Sequence[RenditionPlan], most: int = _MOST) -> list[RenditionBatch]:
    """Return the plans in their order, in at most `most` batches."""
    size = max(1, -(-len(plans) // most))
    return [RenditionBatch(tuple(plans[start : start + size])) for start in range(0, len(plans), size)]


@step("plan-renditions", "plan", tag="cpu")
def plan_renditions(context: JobContext, wanted: RenditionRequest) -> RenditionsPlanned:
    """Find the titles that need a rendition, and estimate its cost.

    Raise `FolderUnusableError`, `RenditionsGoneError` and `NoSuchTitleError`.
    """
    _open_folder(context)
    if wanted.is_dry:
        return _foresee(context, wanted)
    removed = reconcile(context, accept_missing=wanted.accept_missing)
    planned = context.transactions.in_session(_plan, wanted.options)
    context.progress.begin(STAGE, round(sum(plan.seconds for plan in planned.plans)), "seconds of film")
    return replace(planned, removed=removed)


def _foresee(context: JobContext, wanted: RenditionRequest) -> RenditionsPlanned:
    """Return what would be made after bad renditions are forgotten; change nothing."""

    def read(work: Transaction) -> RenditionsPlanned:
        attempt = work.session.begin_nested()
        bad = bad_renditions(work.session, context.settings.renditions_folder, wanted.accept_missing)
        forget(work, bad)
        foreseen = _plan(work.session, wanted.options)
        attempt.rollback()
        work.events.clear()
        return replace(foreseen, is_dry=True, removed=len(bad))

    return context.transactions.run(read)


def _open_folder(context: JobContext) -> None:
    settings = context.settings
    roots = context.transactions.run(lambda work: list(work.session.scalars(select(Root.path))))
    is_own = settings.renditions is None
    open_own_folder(settings.renditions_folder, is_own, roots, "WSOPTV_RENDITIONS", settings.cache_folder)


def _plan(session: Session, options: RenditionOptions) -> RenditionsPlanned:
    expect_titles(session, options.content_ids)
    plans = plans_of(session, options)
    chosen = tuple(plan for plan in plans if plan.recipe.kind in options.kinds)
    others = Counter(plan.recipe.kind for plan in plans if plan.recipe.kind not in options.kinds)
    return RenditionsPlanned(
        plans=chosen,
        is_dry=False,
        removed=0,
        unneeded=tuple(unneeded_of(session, options, {plan.file_id for plan in chosen})),
        others=dict(others),
        did=_said(chosen),
    )


def _said(plans: Sequence[RenditionPlan]) -> str:
    size = format_bytes(sum(plan.estimate.size for plan in plans))
    seconds = format_duration(sum(plan.estimate.seconds for plan in plans))
    return f"{format_count(len(plans), 'rendition')} to make, {size} and {seconds} by estimate"
