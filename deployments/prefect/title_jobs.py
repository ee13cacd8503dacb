"""Jobs of the command line that make copies on the SSD, and renditions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from deployments.prefect.jobs import RunOptions, job_context, run_job
from flows.job.executor import Executor

if TYPE_CHECKING:
    import uuid

    from flows.promotion.plan import PromotionRequest
    from flows.promotion.summary import Promoted
    from flows.renditions.plan import RenditionRequest
    from flows.renditions.summary import Rendered


def promote(wanted: PromotionRequest, how: RunOptions) -> Promoted:
    """Copy hot titles, and those with given ids, to the SSD."""

    def body(steps: Executor) -> Promoted:
        from flows.promote_hot import promote as run

        return run(steps, wanted)

    def flow() -> Callable[..., Any]:
        from flows.promote_hot import promote_hot

        return promote_hot

    parameters = {
        **_named(wanted.content_ids),
        "dry_run": wanted.is_dry,
        "accept_missing": wanted.accept_missing,
    }
    with job_context("promote", how) as context:
        return run_job(context, how, body, flow, parameters)


def make_renditions(wanted: RenditionRequest, how: RunOptions) -> Rendered:
    """Make renditions of titles that browsers cannot play."""

    def body(steps: Executor) -> Rendered:
        from flows.make_renditions import make

        return make(steps, wanted)

    def flow() -> Callable[..., Any]:
        from flows.make_renditions import make_renditions as of_prefect

        return of_prefect

    asked = wanted.options
    parameters = {
        **_named(asked.content_ids),
        "faststart": asked.faststart,
        "transcode": asked.transcode,
        "deinterlace": asked.deinterlace,
        "dry_run": wanted.is_dry,
        "accept_missing": wanted.accept_missing,
    }
    with job_context("renditions", how) as context:
        return run_job(context, how, body, flow, parameters)


def _named(content_ids: Sequence[uuid.UUID]) -> dict[str, Any]:
    """Return the parameters that name these titles."""
    return {"content_id": content_ids[0]} if len(content_ids) == 1 else {"content_ids": list(content_ids)}
