"""The step `plan-renditions`: which renditions are made, and what they cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog_models.archive import Root
from catalog_models.values import counted, lasting, sized
from flows.job.context import JobContext
from flows.job.steps import StepResult, step
from flows.renditions.reconcile import bad_renditions, forget, reconcile
from flows.renditions.render import STAGE, Wishes
from flows.renditions.wishes import Asked, Problem, Wish, unneeded_of, wishes_of
from orchestration.transactions import Transaction
from tasks.catalogue.opening import expect_titles
from tasks.media.folders import open_own_folder
from tasks.renditions.recipe import Kind

# Steps of one run that make renditions: Prefect's UI shows a graph of that size well.
_MOST = 200


@dataclass(frozen=True)
class Wanted:
    """Which renditions to make.

    `is_dry`: plan only. `accept_missing`: the many missing renditions were deleted on purpose.
    """

    asked: Asked
    is_dry: bool = False
    accept_missing: bool = False

    @property
    def label(self) -> str:
        named = len(self.asked.content_ids)
        titles = counted(named, "named title") if named else "all titles"
        return f"{' and '.join(self.asked.kinds)} of {titles}"


@dataclass(frozen=True, kw_only=True)
class Planned(StepResult):
    """A plan.

    `tidied` bad renditions and unknown files were removed. `unneeded` titles were named and get none.
    `others` counts titles that need other kinds.
    """

    wishes: tuple[Wish, ...]
    is_dry: bool
    tidied: int
    unneeded: tuple[Problem, ...]
    others: dict[Kind, int]

    @property
    def batches(self) -> list[Wishes]:
        """Return the wishes as steps take them: one at a time, or several if there are many.

        None in a dry run.
        """
        return [] if self.is_dry else batches_of(self.wishes)


def batches_of(wishes: Sequence[Wish], most: int = _MOST) -> list[Wishes]:
    """Return the wishes in their order, in at most `most` batches."""
    size = max(1, -(-len(wishes) // most))
    return [Wishes(tuple(wishes[start : start + size])) for start in range(0, len(wishes), size)]


@step("plan-renditions", "plan", tag="cpu")
def plan_renditions(context: JobContext, wanted: Wanted) -> Planned:
    """Find the titles that need a rendition, and estimate what it costs.

    Raise `FolderUnusableError`, `RenditionsGoneError` and `NoSuchTitleError`.
    """
    _open_folder(context)
    if wanted.is_dry:
        return _foresee(context, wanted)
    tidied = reconcile(context, accept_missing=wanted.accept_missing)
    planned = context.transactions.run(lambda work: _plan(work.session, wanted.asked))
    context.progress.begin(STAGE, round(sum(wish.seconds for wish in planned.wishes)), "seconds of film")
    return replace(planned, tidied=tidied)


def _foresee(context: JobContext, wanted: Wanted) -> Planned:
    """Return what would be made after bad renditions had been forgotten; change nothing."""

    def read(work: Transaction) -> Planned:
        attempt = work.session.begin_nested()
        bad = bad_renditions(work.session, context.settings.renditions_folder, wanted.accept_missing)
        forget(work, bad)
        foreseen = _plan(work.session, wanted.asked)
        attempt.rollback()
        work.events.clear()
        return replace(foreseen, is_dry=True, tidied=len(bad))

    return context.transactions.run(read)


def _open_folder(context: JobContext) -> None:
    settings = context.settings
    roots = context.transactions.run(lambda work: list(work.session.scalars(select(Root.path))))
    is_own = settings.renditions is None
    open_own_folder(settings.renditions_folder, is_own, roots, "WSOPTV_RENDITIONS", settings.cache_folder)


def _plan(session: Session, asked: Asked) -> Planned:
    expect_titles(session, asked.content_ids)
    wishes = wishes_of(session, asked)
    chosen = tuple(wish for wish in wishes if wish.recipe.kind in asked.kinds)
    others = Counter(wish.recipe.kind for wish in wishes if wish.recipe.kind not in asked.kinds)
    return Planned(
        wishes=chosen,
        is_dry=False,
        tidied=0,
        unneeded=tuple(unneeded_of(session, asked, {wish.file_id for wish in chosen})),
        others=dict(others),
        did=_said(chosen),
    )


def _said(wishes: Sequence[Wish]) -> str:
    size = sized(sum(wish.estimate.size for wish in wishes))
    seconds = lasting(sum(wish.estimate.seconds for wish in wishes))
    return f"{counted(len(wishes), 'rendition')} to make, {size} and {seconds} by estimate"
