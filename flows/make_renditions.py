"""The flow `make-renditions`: make playable renditions of files that do not play."""

from __future__ import annotations

import uuid

from prefect import State, flow
from prefect.runtime import flow_run

from catalog_models.writes import renditions
from flows.job.claims import kept
from flows.job.executor import Executor, in_flight
from flows.prefect_runs.artifacts import show_results
from flows.prefect_runs.ending import Ending
from flows.prefect_runs.executor import PrefectExecutor
from flows.prefect_runs.run import run_in_prefect, threads
from flows.renditions.plan import RenditionRequest, plan_renditions
from flows.renditions.render import render_titles
from flows.renditions.report import renditions_table
from flows.renditions.selection import RenditionOptions
from flows.renditions.summary import Rendered, RenditionResults, sum_up_renditions


def make(steps: Executor, wanted: RenditionRequest) -> Rendered:
    """Make renditions one after the other. A file that fails does not stop the others."""
    context, lease = steps.context, steps.context.settings.lease
    planned = steps.submit(plan_renditions, wanted)
    batches = planned.result().batches
    with kept(context.transactions, lease, lambda session: renditions.renew(session, context.owner, lease)):
        chains = (steps.submit(render_titles, batch, planned) for batch in batches)
        made = list(in_flight(chains, 1))
    results = RenditionResults(planned.result(), [batch.result() for batch in made])
    return steps.submit(sum_up_renditions, results, planned, *made).result().rendered


def _name() -> str:
    return "what renditions would cost" if flow_run.parameters.get("dry_run") else "make renditions"


# A flow has a parameter for each field of its form in the UI.
@flow(name="make-renditions", flow_run_name=_name, task_runner=threads())
def make_renditions(  # noqa: PLR0913, PLR0917
    content_id: uuid.UUID | None = None,
    faststart: bool = False,
    transcode: bool = False,
    deinterlace: bool = False,
    dry_run: bool = False,
    accept_missing: bool = False,
    content_ids: list[uuid.UUID] | None = None,
) -> State[Rendered]:
    """Make playable renditions of titles whose files do not play as they are.

    Renditions are written to WSOPTV_RENDITIONS, never to the archive.

    Args:
        content_id: Only this title, also if its rendition failed before.
        faststart: Also for files that play, but have their index at the end.
        transcode: Also for files that have to be encoded again (ProRes, MXF). It takes hours: a dry run
            estimates them.
        deinterlace: Also for interlaced pictures that play, but show combing where something moves. It takes
            hours as well.
        dry_run: Only show what would be made, and the estimated cost.
        accept_missing: Confirm that the many missing renditions were deleted.
        content_ids: Only these titles.
    """
    ids = ([content_id] if content_id else []) + (content_ids or [])
    options = RenditionOptions(faststart, transcode, tuple(dict.fromkeys(ids)), deinterlace)
    wanted = RenditionRequest(options, dry_run, accept_missing)
    return run_in_prefect(lambda steps: make(steps, wanted), _ending, _report)


def _report(_steps: PrefectExecutor, rendered: Rendered | None) -> None:
    if rendered is not None:
        show_results("renditions", renditions_table(rendered), rendered.summary)


def _ending(rendered: Rendered) -> Ending:
    failures = "; ".join(rendered.failed)[:500]
    return Ending.of(
        "Completed" if rendered.plans else "Nothing to make",
        f"{rendered.summary}: {failures}" if failures else rendered.summary,
        {"failed": len(rendered.failed)},
        down="; ".join(rendered.down) or None,
        waiting=rendered.waiting,
    )
