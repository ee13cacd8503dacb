"""The flow `generate-titles`: read all titles by the current rules."""

from __future__ import annotations

from prefect import State, flow
from prefect.runtime import flow_run

from flows.ingest.batch import Batch
from flows.ingest.catalogue import group_titles
from flows.ingest.index import index_titles
from flows.ingest.posters import BatchPictured
from flows.ingest.quality import BatchJudged
from flows.ingest.titles import Comparison, TitleDiff, compare_titles
from flows.job.executor import Executor
from flows.prefect_runs.artifacts import show_diff
from flows.prefect_runs.ending import Ending
from flows.prefect_runs.executor import PrefectExecutor
from flows.prefect_runs.run import run_in_prefect, threads

_SAMPLES = 200


def retitle(steps: Executor, *, apply: bool, most: int = 20) -> TitleDiff:
    """Compare stored titles with the current readings of the rules.

    With `apply`, store the new ones, and group and index them.
    """
    compared = steps.submit(compare_titles, Comparison(apply, most))
    if apply:
        grouped = steps.submit(group_titles, BatchJudged(batch=Batch(None)), compared)
        steps.submit(index_titles, BatchPictured(batch=Batch(None)), grouped).result()
    return compared.result().diff


def _name() -> str:
    return "read titles again" if flow_run.parameters.get("apply") else "compare titles"


@flow(name="generate-titles", flow_run_name=_name, task_runner=threads())
def generate_titles(apply: bool = False) -> State[TitleDiff]:
    """Read the titles of all paths by the current rules, and show which would change.

    Edits by moderators stay, whatever the rules say.

    Args:
        apply: Store the new titles, and group the files again. First check the artifact of a run without it.
    """
    return run_in_prefect(
        lambda steps: retitle(steps, apply=apply, most=_SAMPLES), _ending, _report, reads=False
    )


def _report(_steps: PrefectExecutor, diff: TitleDiff | None) -> None:
    if diff is not None:
        show_diff(diff)


def _ending(diff: TitleDiff) -> Ending:
    message = (
        f"{diff.changed:,} of {diff.files:,} files read differently, {diff.retitled:,} with another title"
    )
    if not diff.changed:
        return Ending("Nothing new", message)
    return Ending("Stored" if diff.applied else "To be reviewed", message)
