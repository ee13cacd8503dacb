"""The client of the search server: connecting, trying again, and tasks that are waited for until they are done."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from meilisearch import Client
from meilisearch.errors import (
    MeilisearchApiError,
    MeilisearchCommunicationError,
    MeilisearchError,
    MeilisearchTimeoutError,
)
from meilisearch.models.task import TaskInfo

from catalog_models.errors import ExpectedError

log = logging.getLogger(__name__)

T = TypeVar("T")

TRIES = 5
_DEADLINE = 30  # seconds for one answer
_TASK_SECONDS = 600  # a task waits for those of others before it


class SearchServerError(ExpectedError):
    """The search server refuses what it was asked for, or could not do it."""

    code = "search_server"


class SearchUnreachableError(SearchServerError):
    """The search server does not answer."""

    code = "search_unreachable"


def connect(url: str, key: str | None) -> Client:
    """A client; nothing is asked yet."""
    return Client(url, key, timeout=_DEADLINE)


def persistently(work: Callable[[], T], pause: float = 0.5, tries: int = TRIES) -> T:
    """Do the work, which may be done twice; `tries` times while the server does not answer, after `pause` seconds and twice as
    long each time.

    Raises `SearchUnreachableError`, and `SearchServerError` for what another try would not mend.
    """
    for number in range(1, tries + 1):
        try:
            return work()
        except MeilisearchError as error:
            if not _passes(error):
                raise SearchServerError(f"the search server at MEILISEARCH_URL refuses: {error}") from error
            if number == tries:
                raise SearchUnreachableError(
                    f"the search server at MEILISEARCH_URL did not answer ({tries} tries): is it running? PostgreSQL "
                    "searches until it does, and the next run brings it up to date"
                ) from error
            log.warning("the search server does not answer, trying again in %.1f s: %s", pause, error)
            time.sleep(pause)
            pause *= 2
    raise AssertionError("the last try returns or raises")


def _passes(error: MeilisearchError) -> bool:
    if isinstance(error, MeilisearchApiError):
        return error.status_code >= 500
    return isinstance(error, MeilisearchCommunicationError | MeilisearchTimeoutError)


def finish(client: Client, *tasks: TaskInfo) -> None:
    """Wait until the tasks are done; the client itself returns those that failed like those that did not.

    Raises `SearchServerError` for one that failed or was cancelled.
    """
    for info in tasks:
        task = client.wait_for_task(info.task_uid, timeout_in_ms=_TASK_SECONDS * 1_000)
        if task.status != "succeeded":
            said = (task.error or {}).get("message") or "it was cancelled"
            raise SearchServerError(
                f"the search server could not do its task {task.uid} ({task.type}): {said}"
            )
