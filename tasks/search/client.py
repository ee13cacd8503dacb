"""The client of the search server: connect, retry, and wait for tasks while they make progress."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from json import JSONDecodeError
from typing import TypeVar

from meilisearch import Client
from meilisearch.errors import (
    MeilisearchApiError,
    MeilisearchCommunicationError,
    MeilisearchError,
    MeilisearchTimeoutError,
)
from meilisearch.models.task import Task, TaskInfo

from catalog_models.errors import ExpectedError

log = logging.getLogger(__name__)

T = TypeVar("T")

TRIES = 5
STALL_SECONDS = 60.0
"""Seconds without progress of the server after which waiting for a task fails."""

# Seconds between two requests for the state of a task.
_FIRST_LOOK, _LONGEST_PAUSE = 0.02, 0.5


class SearchServerError(ExpectedError):
    """The search server refused a request, or a task failed."""

    code = "search_server"


class SearchUnreachableError(SearchServerError):
    """The search server does not respond."""

    code = "search_unreachable"


class SearchStalledError(SearchServerError):
    """The search server accepts tasks, but makes no progress with them."""

    code = "search_stalled"


def connect(url: str, key: str | None, deadline: float) -> Client:
    """Return a client that waits `deadline` seconds for each response. No request is sent."""
    # Requests takes fractions, too.
    return Client(url, key, timeout=deadline)  # type: ignore[arg-type]


def with_retries(work: Callable[[], T], pause: float = 0.5, tries: int = TRIES) -> T:
    """Return the result of `work`; try up to `tries` times while the server does not respond.

    The first pause is `pause` seconds, and doubles each time. `work` must be safe to repeat. Raise
    `SearchUnreachableError`, and at once `SearchServerError` if a retry would not help.
    """
    for number in range(1, tries + 1):
        try:
            return work()
        except MeilisearchError as error:
            if not _passes(error):
                raise SearchServerError(
                    f"the search server at MEILISEARCH_URL refused the request: {error}"
                ) from error
            if number == tries:
                raise SearchUnreachableError(
                    f"the search server at MEILISEARCH_URL did not respond ({tries} tries): is it running? PostgreSQL "
                    "searches until it does, and the next run brings it up to date"
                ) from error
            log.warning("the search server does not respond, retrying in %.1f s: %s", pause, error)
            time.sleep(pause)
            pause *= 2
        except JSONDecodeError as error:
            raise SearchServerError(
                f"the server at MEILISEARCH_URL does not respond with JSON ({error}): is it a Meilisearch?"
            ) from error
    raise AssertionError("the last try returns or raises")


def _passes(error: MeilisearchError) -> bool:
    if isinstance(error, MeilisearchApiError):
        return error.status_code >= 500
    return isinstance(error, MeilisearchCommunicationError | MeilisearchTimeoutError)


def finish(client: Client, *tasks: TaskInfo) -> None:
    """Wait for the tasks, as long as the server makes progress with them or with earlier ones.

    Raise `SearchStalledError` after `STALL_SECONDS` without progress, and `SearchServerError` for a task that
    failed or was cancelled.
    """
    for info in tasks:
        task = _await(client, info.task_uid)
        if task.status != "succeeded":
            reason = (task.error or {}).get("message") or "it was cancelled"
            raise SearchServerError(f"task {task.uid} of the search server failed ({task.type}): {reason}")


def _await(client: Client, uid: int) -> Task:
    pause, furthest, since = _FIRST_LOOK, (-1, -1.0), time.monotonic()
    while (task := client.get_task(uid)).status in ("enqueued", "processing"):
        time.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
        # Most tasks are done before their progress is worth a request.
        if pause < _LONGEST_PAUSE:
            continue
        # A batch that fails on a full disk starts again, so only a new maximum is progress.
        if (reached := _progress(client)) > furthest:
            furthest, since = reached, time.monotonic()
        elif time.monotonic() - since > STALL_SECONDS:
            raise SearchStalledError(
                f"the search server has made no progress for {STALL_SECONDS:g} seconds: its task {uid} "
                f"({task.type}) is still {task.status}. Is the disk of its data full? The index stays unchanged; "
                "the next run updates it"
            )
    return task


def _progress(client: Client) -> tuple[int, float]:
    """Return the number of finished tasks, and the percentage of the current batch.

    Servers before 1.12 have no batches.
    """
    finished = client.http.get("tasks?statuses=succeeded,failed,canceled&limit=1").get("total", 0)
    try:
        batches = client.http.get("batches?statuses=processing&limit=1")["results"]
    except MeilisearchApiError:
        return finished, 0.0
    return finished, max(
        ((batch.get("progress") or {}).get("percentage") or 0.0 for batch in batches), default=0.0
    )
