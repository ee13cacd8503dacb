"""The step `sum-up-renditions`: the results of a run, for users and programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from catalog_models.values import format_bytes, format_count, format_duration
from flows.job.context import JobContext
from flows.job.steps import StepResult, step
from flows.renditions.plan import RenditionsPlanned
from flows.renditions.render import Made, RenditionsMade
from flows.renditions.selection import Problem, RenditionPlan
from tasks.renditions.recipe import Kind


@dataclass
class Rendered:
    """The result of a run, or its forecast (`dry`).

    `plans` were to be made. `failed` has a line for each title that failed, `needless` for each that was
    named and gets none. `others` counts the titles that need other kinds. `waiting` titles (`waits`) were not
    tried, because the roots of their files went `down` (the reasons).
    """

    plans: list[RenditionPlan]
    dry: bool
    made: int = 0
    removed: int = 0
    failed: list[str] = field(default_factory=list)
    needless: list[str] = field(default_factory=list)
    others: dict[Kind, int] = field(default_factory=dict)
    renditions: list[Made] = field(default_factory=list)
    waiting: int = 0
    down: list[str] = field(default_factory=list)
    failures: list[Problem] = field(default_factory=list)
    unneeded: list[Problem] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Return the bytes of all plans, by estimate."""
        return sum(plan.estimate.size for plan in self.plans)

    @property
    def seconds(self) -> float:
        """Return the seconds that making all plans takes, by estimate."""
        return sum(plan.estimate.seconds for plan in self.plans)

    @property
    def summary(self) -> str:
        """Return the results as a sentence."""
        removed = format_count(self.removed, "rendition")
        others = "".join(
            f"; {count:,} more {'title' if count == 1 else 'titles'} with `{kind}`"
            for kind, count in sorted(self.others.items())
        )
        if self.dry:
            cost = f"{format_bytes(self.size)} and {format_duration(self.seconds)} by estimate"
            made = f"{format_count(len(self.plans), 'rendition')} would be made: {cost}"
            bad = f"{removed} (missing or outdated) would be removed, " if self.removed else ""
            return f"{bad}{made}; nothing was changed{others}"
        bad = f"{removed} (missing, outdated or left over) removed, " if self.removed else ""
        waiting = f", {self.waiting:,} wait for their root" if self.waiting else ""
        made = f"{format_count(self.made, 'rendition')} made"
        return f"{bad}{made}, {len(self.failed):,} failed{waiting}{others}"


@dataclass(frozen=True)
class RenditionResults:
    """The results of the steps of a run."""

    planned: RenditionsPlanned
    made: Sequence[RenditionsMade] = ()
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class RenditionsSummed(StepResult):
    """The summary of a run."""

    rendered: Rendered


@step("sum-up-renditions", "summary", tag="cpu")
def sum_up_renditions(context: JobContext, results: RenditionResults) -> RenditionsSummed:
    """Sum up the renditions that were made, failed or wait."""
    rendered = _sum_up(results, context.outages.reasons)
    return RenditionsSummed(
        rendered=rendered, did=rendered.summary, problems="; ".join([*rendered.failed, *rendered.needless])
    )


def _sum_up(results: RenditionResults, down: list[str]) -> Rendered:
    planned = results.planned
    made = [one for batch in results.made for one in batch.made]
    failures = [one for batch in results.made for one in batch.failures]
    waits = [name for batch in results.made for name in batch.waits]
    return Rendered(
        plans=list(planned.plans),
        dry=planned.is_dry,
        made=len(made),
        removed=planned.removed,
        failed=[str(one) for one in failures],
        needless=[str(one) for one in planned.unneeded],
        others=planned.others,
        renditions=made,
        waiting=len(waits),
        down=down,
        failures=failures,
        unneeded=list(planned.unneeded),
        waits=waits,
    )
