"""The flow `make-renditions`."""

from __future__ import annotations

import uuid
from functools import partial

from prefect import State, flow

from flows.prefect_runs.artifacts import show_renditions
from flows.prefect_runs.bench import batch_runner
from flows.prefect_runs.context import at_work
from flows.prefect_runs.states import done, ended, root_down
from flows.renditions.plan import Asked, Rendered, rows_of, told
from flows.renditions.plan import make_renditions as make


def _name() -> str:
    from prefect.runtime import flow_run

    return "what renditions would cost" if flow_run.parameters.get("dry_run") else "make renditions"


@flow(name="make-renditions", flow_run_name=_name, task_runner=batch_runner())
def make_renditions(
    content_id: uuid.UUID | None = None,
    faststart: bool = False,
    transcode: bool = False,
    deinterlace: bool = False,
    dry_run: bool = False,
    accept_missing: bool = False,
) -> State[Rendered]:
    """Make playable renditions of titles whose files do not play as they are. They lie in WSOPTV_RENDITIONS; the archive is
    not written.

    Args:
        content_id: This title alone, also when making its rendition failed before.
        faststart: Also of files that play, but have their index at the end.
        transcode: Also of files that have to be encoded anew (ProRes, MXF): hours, by estimate below.
        deinterlace: Also of interlaced pictures that play, but show combs where something moves: hours, too.
        dry_run: Only say what would be made, and what it costs.
        accept_missing: Yes, the many renditions that are gone are really gone.
    """
    asked = Asked(faststart, transcode, (content_id,) if content_id else (), deinterlace)
    with at_work(judges=False) as place:
        state = ended(partial(make, place, asked, dry=dry_run, accept_missing=accept_missing), _told)
        outcome = state.result(raise_on_failure=False)
        if isinstance(outcome, Rendered):
            show_renditions([*rows_of(outcome), *_failures(outcome)], told(outcome))
        return state


def _failures(rendered: Rendered) -> list[dict[str, object]]:
    said = [("none", rendered.needless), ("failed", rendered.failed)]
    return [{"title": title, "what": what} for what, titles in said for title in titles]


def _told(rendered: Rendered) -> State[Rendered]:
    if rendered.down:
        return root_down(rendered, "; ".join(rendered.down), told(rendered))
    if rendered.failed:
        said = "; ".join(rendered.failed)[:500]
        return done(rendered, f"{told(rendered)}: {said}", name="Completed with failures")
    return done(rendered, told(rendered), name="Completed" if rendered.wishes else "Nothing to make")
