"""The steps as Prefect tasks: names, retries, tags, limits. The work itself imports no Prefect and is handed in.

A task run is a batch. What may pass is tried again here, once a batch: file access is tried three times within the
batch already (`tasks.media.patience`), a database that is away is waited for by its transactions, a search server by
the step that sends to it. Deadlines are where they can be kept: of each file in its process, of each batch at the gate,
of each request; Prefect cannot end a thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from prefect import Task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import exponential_backoff

from catalog_models.errors import ExpectedError

T = TypeVar("T")


def _may_pass(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """What we expected of the world has been said for good; anything else may be of the moment."""
    return not isinstance(state.result(raise_on_failure=False), ExpectedError)


def _observed(name: str, tag: str, retries: int, says: str) -> Task[..., Any]:
    def step(work: Callable[[], T]) -> T:
        return work()

    return Task(
        step,
        name=name,
        description=says,
        tags=[tag],
        retries=retries,
        retry_delay_seconds=exponential_backoff(backoff_factor=2),
        retry_condition_fn=_may_pass,
        cache_policy=NO_CACHE,
        persist_result=False,
    )


TASKS: dict[str, Task[..., Any]] = {
    "scan": _observed("scan-archive", "io", 0, "Walk a root and record what changed."),
    "metadata": _observed(
        "read-metadata", "io", 1, "Open files: facts, verdict, fingerprint, first pictures."
    ),
    "title": _observed("read-titles", "cpu", 1, "Read titles from paths."),
    "quality": _observed(
        "judge-quality",
        "cpu",
        1,
        "Great Expectations judges a batch; failing files are quarantined.",
    ),
    "catalogue": _observed("file-programmes", "cpu", 1, "Group files into programmes."),
    "thumbnails": _observed("make-thumbnails", "io", 1, "Posters and storyboards."),
    "plan": _observed("plan-promotion", "ssd", 1, "Compare folder and table, see what is hot, and decide."),
    "reserve": _observed("reserve-room", "ssd", 1, "Room on the SSD for one copy, within the budget."),
    "copy": _observed("copy-to-ssd", "ssd", 1, "Copy one file under a temporary name, and verify it."),
    "flip": _observed("play-from-ssd", "ssd", 1, "Give the copy its name, and play it from now on."),
    "evict": _observed("evict-from-ssd", "ssd", 1, "Send nobody to a copy any more, and remove it."),
    "estimate": _observed(
        "plan-renditions", "cpu", 1, "See what does not play, and what it costs to mend that."
    ),
    "render": _observed(
        "make-rendition", "cpu", 0, "Make one rendition under a temporary name, look into it, and play it."
    ),
    "verify": _observed("verify-fixity", "io", 0, "Read files whole and compare their digests."),
    "sum": _observed("sum-up-days", "cpu", 1, "Sum up what was watched on the days that are over."),
    "export": _observed("export-catalogue", "cpu", 1, "Write down what no ingest could make again."),
    "expire": _observed("expire-sessions", "cpu", 1, "Forget what has been over for long."),
    "index": _observed("index-titles", "net", 1, "Send titles to the search server."),
}
"""By stage."""
