"""The flow `generate-titles`."""

from __future__ import annotations

from prefect import State, flow
from prefect.runtime import flow_run

from flows.ingest.summary import regroup_all
from flows.ingest.titles import TitleDiff, retitle
from flows.prefect_runs.artifacts import show_diff
from flows.prefect_runs.bench import batch_runner
from flows.prefect_runs.context import at_work
from flows.prefect_runs.states import done, ended

_SAMPLES = 200


def _name() -> str:
    return "read titles anew" if flow_run.parameters.get("apply") else "compare titles"


@flow(name="generate-titles", flow_run_name=_name, task_runner=batch_runner())
def generate_titles(apply: bool = False) -> State[TitleDiff]:
    """Read all paths by the rules of today, and show what would be called otherwise: the diff first.

    What a person edited stays as it is, whatever the rules say.

    Args:
        apply: Store what was read, and group the files anew. Look at the table that a run without it made first.
    """
    with at_work(1) as place:

        def job() -> TitleDiff:
            diff = place.bench.do(
                "title", "title: all files", lambda: retitle(place.transactions, apply=apply, most=_SAMPLES)
            )
            if apply:
                regroup_all(place)
            show_diff(diff)
            return diff

        return ended(job, _told)


def _told(diff: TitleDiff) -> State[TitleDiff]:
    message = f"{diff.changed:,} of {diff.files:,} files read otherwise, {diff.retitled:,} by another name"
    if not diff.changed:
        return done(diff, message, name="Nothing new")
    return done(diff, message, name="Stored" if diff.applied else "To be looked at")
