"""Updates of the search index of a Meilisearch.

PostgreSQL's own search needs none: its text is written together with the titles.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog_models.errors import ExpectedError
from catalog_models.values import format_count
from flows.job.context import JobContext, Progress
from flows.job.steps import StepResult, step
from flows.search.drift import drift_of, repair
from flows.search.rebuild import IndexSwapped, rebuild
from flows.search.server import PAUSE, STAGE, SearchServer
from flows.search.title_rows import ROWS, count_due, due_titles, mark_indexed
from orchestration.settings import Settings
from orchestration.transactions import Transactions
from tasks.search.titles import documents_of, due_among

if TYPE_CHECKING:
    from tasks.search.index import Drift

# Deadline of a response of the search server after an edit, while a user waits.
_EDIT_SECONDS = 3.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Updated:
    """The result of an update of the index: titles that were stored and deleted.

    `repaired` counts the titles that were missing, surplus or outdated in the index.
    """

    upserted: int = 0
    deleted: int = 0
    repaired: int = 0

    @property
    def sent(self) -> int:
        """Return the number of titles that the search server got."""
        return self.upserted + self.deleted


@dataclass(frozen=True, kw_only=True)
class IndexUpdated(StepResult):
    """The index has the titles that changed while it was rebuilt."""

    updated: Updated


@step("update-index", STAGE, tag="net")
def send_changes(context: JobContext, _swapped: IndexSwapped) -> IndexUpdated:
    """Send the titles that changed while the index was filled."""
    updated = update_index(context.settings, context.transactions, context.progress)
    return IndexUpdated(updated=updated, did=f"{format_count(updated.sent, 'title')} changed meanwhile")


@dataclass(frozen=True, kw_only=True)
class IndexCompared(StepResult):
    """The drift of the index."""

    drift: Drift


@step("compare-index", STAGE, tag="net")
def compare_index(context: JobContext, _updated: IndexUpdated) -> IndexCompared:
    """Compare the index with the titles."""
    found = drift_of(SearchServer(context.settings), context.transactions)
    if found.none:
        return IndexCompared(drift=found, did="index compared with the titles: no difference")
    differs = (
        f"the search index lacks {found.missing:,} titles, has {found.surplus:,} too many and "
        f"{found.stale:,} outdated ones"
    )
    context.progress.warn(differs)
    return IndexCompared(drift=found, did="index compared with the titles", problems=differs)


def update_index(
    settings: Settings, transactions: Transactions, progress: Progress, *, pause: float = PAUSE
) -> Updated:
    """Bring the search server up to date with all titles that changed since they were indexed.

    Then compare the index with the tables, and repair it. A batch is marked as indexed when the server has
    finished it. Raise `SearchUnreachableError` after five tries, the first `pause` seconds apart,
    `SearchStalledError` if the server makes no progress, and `SearchServerError` if it refuses or fails.
    """
    from tasks.search import index

    server = SearchServer(settings, pause=pause)
    # The server is new, or lost its data.
    if not server.call(index.exists):
        return Updated(upserted=rebuild(server, transactions, progress))
    if changed := server.call(index.update_settings):
        log.info("changed settings of the search index: %s", ", ".join(changed))
    upserted, deleted = _push_due(server, transactions, progress)
    repaired = repair(server, transactions)
    if repaired:
        progress.warn(
            f"the search index differed from the catalogue in {repaired:,} titles; sending them again"
        )
        again, gone = _push_due(server, transactions, progress)
        upserted, deleted = upserted + again, deleted + gone
    return Updated(upserted=upserted, deleted=deleted, repaired=repaired)


def _push_due(server: SearchServer, transactions: Transactions, progress: Progress) -> tuple[int, int]:
    """Send the titles that are due, a batch at a time; return the numbers stored and deleted."""
    from tasks.search import index

    upserted = deleted = 0
    progress.begin(STAGE, transactions.run(count_due), "titles")
    while rows := transactions.run(due_titles):
        documents, gone = documents_of(rows)
        server.call(index.push, documents, gone)
        mark_indexed(transactions, rows)
        progress.advance(STAGE, len(rows))
        upserted, deleted = upserted + len(documents), deleted + len(gone)
    return upserted, deleted


def push_titles(
    settings: Settings, transactions: Transactions, ids: Collection[uuid.UUID], *, pause: float = PAUSE
) -> int:
    """Send those of these titles that changed to the search server, and wait until it has indexed them.

    Return the number sent. A server without our index is left to `update_index`. Raise the errors of
    `update_index`.
    """
    from tasks.search import index

    server = SearchServer(settings, pause=pause)
    if not server.call(index.exists):
        return 0
    rows = transactions.run(lambda work: work.session.execute(due_among(ids)).all())
    for first in range(0, len(rows), ROWS):
        some = rows[first : first + ROWS]
        server.call(index.push, *documents_of(some))
        mark_indexed(transactions, some)
    return len(rows)


def send_titles(settings: Settings, transactions: Transactions, ids: Collection[uuid.UUID]) -> str | None:
    """Send these titles to the search server after an edit, without waiting until it has indexed them.

    They stay due, so that the next ingest checks them. Return the reason if they could not be sent.
    """
    if settings.meilisearch_url is None:
        return None
    from tasks.search import index

    server = SearchServer(settings, deadline=_EDIT_SECONDS)
    rows = transactions.run(lambda work: work.session.execute(due_among(ids)).all())
    try:
        # Without an index the server would create one without our settings. The next ingest creates it.
        if server.call_once(index.exists):
            server.call_once(index.send, *documents_of(rows))
    except ExpectedError as error:
        return str(error)
    return None
