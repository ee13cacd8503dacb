"""Update, compare and rebuild the search index of a Meilisearch.

PostgreSQL's own search needs none of this: what it searches is written together with the titles.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from catalog_models.catalogue import Content
from catalog_models.errors import ExpectedError
from catalog_models.search_index import version_of
from catalog_models.writes import contents, search_words
from flows.job.context import Progress
from flows.search.descriptions import describe_all
from orchestration.settings import Settings
from orchestration.transactions import Transaction, Transactions
from tasks.search.titles import COLUMNS, IS_DUE, Title, documents_of, due, due_among

if TYPE_CHECKING:
    from meilisearch import Client

    from tasks.search.index import Drift

STAGE = "index"
_ROWS = 500  # titles a batch
_FRESH = "titles_next"  # the index that a rebuild fills
# Deadline of one response of the search server after an edit, for which a person waits.
_EDIT_SECONDS = 3.0
_START = uuid.UUID(int=0)

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


@dataclass(frozen=True)
class Reindexed:
    """What a rebuild came to: `titles` in the fresh index, how far it is from the tables now (titles that changed in the
    meantime are due again), and how many words that no title has any more left the vocabulary of corrections.

    `mended` titles were found otherwise than they are written now, by PostgreSQL: an older version described them, or somebody
    wrote to the tables; `learned` words of titles were not in the vocabulary."""

    configured: bool
    titles: int
    drift: Drift | None
    words: int
    seconds: float
    mended: int = 0
    learned: int = 0


def update_index(
    settings: Settings, transactions: Transactions, progress: Progress, *, pause: float = 0.5
) -> Updated:
    """Bring the search server up to date with all titles that changed since they were indexed.

    Then compare the index with the tables, and repair it. A batch is marked as indexed when the server has
    finished it. Raises `SearchUnreachableError` after five tries, the first `pause` seconds apart,
    `SearchStalledError` where the server makes no progress, and `SearchServerError` where it refuses or
    fails.
    """
    from tasks.search import index
    from tasks.search.client import persistently

    client = _client(settings)
    # The server is new, or lost its data.
    if not persistently(lambda: index.exists(client), pause):
        titles = _rebuild(client, transactions, progress, pause)
        return Updated(upserted=titles)
    if mended := persistently(lambda: index.mend_settings(client), pause):
        log.info("changed settings of the search index: %s", ", ".join(mended))
    upserted, deleted = _push_due(client, transactions, progress, pause)
    repaired = _repair(client, transactions, pause)
    if repaired:
        progress.warn(
            f"the search index differed from the catalogue in {repaired:,} titles; sending them again"
        )
        again, gone = _push_due(client, transactions, progress, pause)
        upserted, deleted = upserted + again, deleted + gone
    return Updated(upserted=upserted, deleted=deleted, repaired=repaired)


def _push_due(
    client: Client, transactions: Transactions, progress: Progress, pause: float
) -> tuple[int, int]:
    """Send the titles that are due, a batch at a time; return how many were stored and how many deleted."""
    from tasks.search import index
    from tasks.search.client import persistently

    upserted = deleted = 0
    progress.begin(STAGE, transactions.run(_count_due), "titles")
    while rows := transactions.run(_due):
        documents, gone = documents_of(rows)
        persistently(lambda made=documents, hidden=gone: index.push(client, made, hidden), pause)  # type: ignore[misc]
        _mark(transactions, rows)
        progress.advance(STAGE, len(rows))
        upserted, deleted = upserted + len(documents), deleted + len(gone)
    return upserted, deleted


def _repair(client: Client, transactions: Transactions, pause: float) -> int:
    """Mark the titles as due in which the index differs from the tables; return how many.

    Counts and a sample are compared first, and all titles only if these differ. Documents without a row are
    deleted at once.
    """
    from tasks.search import index
    from tasks.search.client import persistently

    if _looks_whole(client, transactions, pause):
        return 0
    # Read the index first: a title that is added in between then counts as missing, not as surplus.
    held = persistently(lambda: index.versions(client), pause)
    found = index.differences(held, transactions.run(_wanted))
    known = transactions.run(lambda work: contents.mark_due(work.session, found.all()))
    unknown = sorted(found.surplus - known)
    for first in range(0, len(unknown), _ROWS):
        gone = unknown[first : first + _ROWS]
        persistently(lambda gone=gone: index.push(client, [], gone), pause)  # type: ignore[misc]
    return len(found.all())


def _looks_whole(client: Client, transactions: Transactions, pause: float) -> bool:
    """Return whether the index has as many titles as the catalogue, and the right versions in a sample."""
    from tasks.search import index
    from tasks.search.client import persistently

    if persistently(lambda: index.count(client), pause) != transactions.run(_count_shown):
        return False
    sample = transactions.run(lambda work: _wanted(work, index.SAMPLE))
    return persistently(lambda: index.versions_of(client, list(sample)), pause) == sample


def push_titles(
    settings: Settings, transactions: Transactions, ids: Collection[uuid.UUID], *, pause: float = 0.5
) -> int:
    """Send those of these titles that changed to the search server, and wait until it has indexed them.

    Return how many were sent. A server without our index is left to `update_index`. Raise as `update_index`.
    """
    from tasks.search import index
    from tasks.search.client import persistently

    client = _client(settings)
    if not persistently(lambda: index.exists(client), pause):
        return 0
    rows = transactions.run(lambda work: work.session.execute(due_among(ids)).all())
    for first in range(0, len(rows), _ROWS):
        some = rows[first : first + _ROWS]
        documents, gone = documents_of(some)
        persistently(lambda made=documents, hidden=gone: index.push(client, made, hidden), pause)  # type: ignore[misc]
        _mark(transactions, some)
    return len(rows)


def send_titles(settings: Settings, transactions: Transactions, ids: Collection[uuid.UUID]) -> str | None:
    """Send these titles to the search server after an edit, without waiting until it has indexed them.

    They stay due, so that the next ingest checks them. Returns the reason if they could not be sent.
    """
    if settings.meilisearch_url is None:
        return None
    from tasks.search import index
    from tasks.search.client import persistently

    client = _client(settings, _EDIT_SECONDS)
    rows = transactions.run(lambda work: work.session.execute(due_among(ids)).all())
    try:
        # Without an index the server would create one without our settings. The next ingest creates it.
        if persistently(lambda: index.exists(client), tries=1):
            persistently(lambda: index.send(client, *documents_of(rows)), tries=1)
    except ExpectedError as error:
        return str(error)
    return None


def reindex(
    settings: Settings, transactions: Transactions, progress: Progress, *, pause: float = 0.5
) -> Reindexed:
    """Fill a fresh index with all shown titles, search in it from then on, and look how well it fits. Searches go on all
    the time.

    What PostgreSQL searches is compared with what it should be, and mended, in any case; without MEILISEARCH_URL that is
    all. Raises what `update_index` raises.
    """
    started = time.monotonic()
    mended, learned = describe_all(transactions)
    words = transactions.run(_forget_unused)
    if settings.meilisearch_url is None:
        seconds = round(time.monotonic() - started, 3)
        return Reindexed(False, 0, None, words, seconds, mended, learned)
    client = _client(settings)
    titles = _rebuild(client, transactions, progress, pause)
    update_index(settings, transactions, progress, pause=pause)  # what changed in the meantime
    found = _drift(client, transactions, pause)
    if not found.none:
        progress.warn(
            f"the search index lacks {found.missing} titles, has {found.surplus} too many and {found.stale} old ones"
        )
    seconds = round(time.monotonic() - started, 3)
    return Reindexed(True, titles, found, words, seconds, mended, learned)


def drift(settings: Settings, transactions: Transactions, *, pause: float = 0.5) -> Drift | None:
    """How far the search server is from the tables; None without MEILISEARCH_URL. Raises what `update_index` raises."""
    return None if settings.meilisearch_url is None else _drift(_client(settings), transactions, pause)


def _client(settings: Settings, deadline: float = 30.0) -> Client:
    from tasks.search.client import connect

    key = settings.meilisearch_key
    return connect(str(settings.meilisearch_url), key.get_secret_value() if key else None, deadline)


def _rebuild(client: Client, transactions: Transactions, progress: Progress, pause: float) -> int:
    """Fill a fresh index and search in it; whatever changed meanwhile is due afterwards. Answers how many titles it has."""
    from tasks.search import index
    from tasks.search.client import finish, persistently

    persistently(lambda: index.make(client, _FRESH), pause)
    progress.begin(STAGE, transactions.run(_count_shown), "titles")
    pushed: dict[uuid.UUID, dt.datetime] = {}
    last = _START
    while rows := transactions.run(_shown_after(last)):
        documents = [index.document(row._asdict()) for row in rows]
        persistently(lambda made=documents: index.push(client, made, name=_FRESH), pause)  # type: ignore[misc]
        pushed |= {row.id: row.updated_at for row in rows}
        last = rows[-1].id
        progress.advance(STAGE, len(rows))
    persistently(lambda: index.expect_something_to_swap(client), pause)
    # Once: a second try after an answer that got lost would swap back.
    swapping = persistently(lambda: index.swap(client, _FRESH), pause, tries=1)
    persistently(lambda: finish(client, swapping), pause)
    persistently(lambda: index.drop(client, _FRESH), pause)
    transactions.run(lambda work: contents.mark_rebuilt(work.session, pushed))
    return len(pushed)


def _due(work: Transaction) -> Sequence[Title]:
    return work.session.execute(due().limit(_ROWS)).all()


def _count_due(work: Transaction) -> int:
    return work.session.scalar(select(func.count()).select_from(Content).where(IS_DUE)) or 0


def _count_shown(work: Transaction) -> int:
    return work.session.scalar(select(func.count()).select_from(Content).where(Content.is_visible)) or 0


def _wanted(work: Transaction, sample: int | None = None) -> dict[str, str]:
    """Return the versions of all shown titles, or of a random sample, by their ids."""
    query = select(Content.id, Content.updated_at).where(Content.is_visible)
    if sample is not None:
        query = query.order_by(func.random()).limit(sample)
    return {str(key): version_of(version) for key, version in work.session.execute(query)}


def _shown_after(last: uuid.UUID) -> Callable[[Transaction], Sequence[Title]]:
    query = select(*COLUMNS).where(Content.is_visible, Content.id > last).order_by(Content.id).limit(_ROWS)
    return lambda work: work.session.execute(query).all()


def _mark(transactions: Transactions, rows: Sequence[Title]) -> None:
    seen = {row.id: row.updated_at for row in rows}
    transactions.run(lambda work: contents.mark_indexed(work.session, seen))


def _forget_unused(work: Transaction) -> int:
    contents.lock(work.session)  # nobody learns words meanwhile
    return search_words.forget_unused(work.session)


def _drift(client: Client, transactions: Transactions, pause: float) -> Drift:
    from tasks.search import index
    from tasks.search.client import persistently

    held = persistently(lambda: index.versions(client), pause)
    return index.compare(held, transactions.run(_wanted))
