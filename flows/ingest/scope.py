"""The step `find-files`: the known files that a run is about."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from catalog_models.reads.due_files import count_due
from catalog_models.reads.older_pictures import older_pictures
from catalog_models.scope import Scope
from catalog_models.values import Stage, format_count
from catalog_models.writes import stage_failures, stage_results
from flows.ingest.roots import scope_of
from flows.job.claims import release_dead_claims
from flows.job.context import JobContext
from flows.job.steps import StepResult, step
from orchestration.transactions import Transaction
from tasks.thumbnails.generator import GENERATOR


@dataclass(frozen=True, kw_only=True)
class Scoped(StepResult):
    """The files that a run is about: a root, a folder of it, or None for all roots."""

    scope: Scope | None


@dataclass(frozen=True)
class Wanted:
    """A root that was ingested before, a folder of one, or None for all roots.

    `retry`: also files that a stage gave up on. `pictures_again`: make all pictures again.
    `older_pictures`: the most files whose pictures, made by an older version, are made again.
    """

    root: str | None = None
    retry: bool = False
    pictures_again: bool = False
    older_pictures: int = 0

    @property
    def label(self) -> str:
        return self.root or "all roots"


@dataclass(frozen=True, kw_only=True)
class Found(Scoped):
    """The files of a run; `retried` failures of them are tried again."""

    retried: int = 0


@step("find-files", "files", tag="cpu")
def find_files(context: JobContext, wanted: Wanted) -> Found:
    """Find the known files that lack something."""
    release_dead_claims(context.transactions)
    scope = context.transactions.in_session(scope_of, wanted.root)
    context.notes.scopes.append(scope)
    retried = 0
    if wanted.retry:
        retried = context.transactions.in_session(stage_failures.forget, scope)
    if wanted.pictures_again:
        context.transactions.in_session(stage_results.invalidate_all_pictures, scope)
    elif wanted.older_pictures:
        context.transactions.run(partial(_invalidate_older, scope, wanted.older_pictures))
    due = context.transactions.run(
        lambda work: sum(
            count_due(work.session, stage, scope) for stage in (Stage.METADATA, Stage.THUMBNAILS)
        )
    )
    return Found(scope=scope, retried=retried, did=f"{format_count(due, 'file')} to read")


def _invalidate_older(scope: Scope | None, limit: int, work: Transaction) -> None:
    older = older_pictures(work.session, scope, GENERATOR, limit)
    stage_results.invalidate_pictures(work.session, older)
