"""The step `sum-up-promotion`: the results of a promotion, for users and programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from catalog_models.values import format_count
from flows.job.context import JobContext
from flows.job.steps import StepResult, step
from flows.promotion.copy import CopyPlayed
from flows.promotion.eviction import CopiesEvicted
from flows.promotion.plan import PromotionPlanned
from tasks.promotion.folder import refuse_nothing
from tasks.promotion.policy import Decision, Plan


@dataclass(frozen=True)
class CopyMade:
    """A copy of `size` bytes of a title; `seconds`: the time for copying and verifying."""

    name: str
    size: int
    seconds: float
    why: str


@dataclass(frozen=True)
class CopyFailed:
    """A title that was not copied, and why."""

    name: str
    size: int
    problem: str


@dataclass
class Promoted:
    """The result of a promotion, or its forecast (`dry`).

    `copied`, `left` (evicted), `removed` and `waiting` are counts, `failed` has a line for each copy that was
    not made. `waiting` copies (`waits`) were not tried, because the roots of their files went `down` (the
    reasons).
    """

    plan: Plan
    dry: bool
    copied: int = 0
    left: int = 0
    removed: int = 0
    failed: list[str] = field(default_factory=list)
    waiting: int = 0
    down: list[str] = field(default_factory=list)
    copies: list[CopyMade] = field(default_factory=list)
    failures: list[CopyFailed] = field(default_factory=list)
    evicted: list[Decision] = field(default_factory=list)
    waits: list[Decision] = field(default_factory=list)

    @property
    def is_idle(self) -> bool:
        """Return whether there was nothing to do."""
        return not (
            self.dry or self.copied or self.left or self.removed or self.failed or self.waiting or self.down
        )

    @property
    def summary(self) -> str:
        """Return the results as a sentence."""
        plan, removed = self.plan, format_count(self.removed, "copy", "copies")
        kept_out = f", {len(plan.kept_out):,} kept out" if plan.kept_out else ""
        if self.dry:
            bad = f"{removed} (missing or outdated) would be removed, " if self.removed else ""
            copied = f"{format_count(len(plan.copy), 'title')} would be copied"
            return f"{bad}{copied}, {len(plan.evict):,} would be evicted{kept_out}; nothing was changed"
        bad = f"{removed} (missing, left over or outdated) removed, " if self.removed else ""
        copied = f"{format_count(self.copied, 'title')} copied"
        waiting = f", {self.waiting:,} wait for their root" if self.waiting else ""
        return f"{bad}{copied}, {self.left:,} evicted, {len(self.failed):,} failed{waiting}{kept_out}"


@dataclass(frozen=True)
class PromotionResults:
    """The results of the steps of a promotion."""

    planned: PromotionPlanned
    evicted: Sequence[CopiesEvicted] = ()
    played: Sequence[CopyPlayed] = ()
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class PromotionSummed(StepResult):
    """The summary of a promotion."""

    promoted: Promoted


@step("sum-up-promotion", "summary", tag="ssd")
def sum_up_promotion(context: JobContext, results: PromotionResults) -> PromotionSummed:
    """Sum up the titles that were copied, were evicted, failed or wait.

    Raise `CacheUnusableError` if the budget is 0, after all copies were evicted.
    """
    promoted = _sum_up(results, context.outages.reasons)
    refuse_nothing(context.settings.cache_bytes, promoted.summary)
    return PromotionSummed(promoted=promoted, did=promoted.summary, problems="; ".join(promoted.failed))


def _sum_up(results: PromotionResults, down: list[str]) -> Promoted:
    planned = results.planned
    ended = {result.copy.id: result.copy for result in results.played}
    made = [copy for copy in ended.values() if not copy.failure]
    failed = [copy for copy in ended.values() if copy.failure]
    evicted = [copy for result in results.evicted for copy in result.evicted]
    waits = [copy.title for copy in planned.copies if copy.id not in ended]
    return Promoted(
        plan=planned.plan,
        dry=planned.is_dry,
        copied=len(made),
        left=len(evicted),
        removed=planned.removed,
        failed=[f"{copy.title.name}: {copy.failure}" for copy in failed],
        waiting=len(waits),
        down=down,
        copies=[CopyMade(copy.title.name, copy.title.size, copy.seconds, copy.title.why) for copy in made],
        failures=[CopyFailed(copy.title.name, copy.title.size, copy.failure) for copy in failed],
        evicted=evicted,
        waits=waits,
    )
