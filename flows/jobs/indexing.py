"""The search index: brought up to date behind an ingest, and made anew.

PostgreSQL's own search needs none of this: what it searches is written together with the titles.
"""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, func, select

from catalog_models.catalogue import Content
from catalog_models.errors import ExpectedError
from catalog_models.search_index import FILTERABLE, SEARCHABLE, version_of
from catalog_models.writes import contents, search_words
from flows.jobs.context import Progress
from flows.jobs.describing import describe_all
from orchestration.settings import Settings
from orchestration.transactions import Transaction, Transactions

if TYPE_CHECKING:
    from meilisearch import Client

    from tasks.search.index import Drift

STAGE = "index"
_ROWS = 500  # titles a batch
_FRESH = "titles_next"  # the index that a rebuild fills
_START = uuid.UUID(int=0)

_COLUMNS = tuple(
    getattr(Content, name)
    for name in dict.fromkeys(("id", "title", "date", "updated_at", "is_visible", *SEARCHABLE, *FILTERABLE))
)

Title = Row[Any]


@dataclass(frozen=True)
class Indexed:
    """What an update of the index came to. `configured` is false, and nothing was done, without MEILISEARCH_URL;
    `problem` says why it was left to a later run."""

    configured: bool
    upserted: int = 0
    deleted: int = 0
    problem: str | None = None


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


def index_titles(
    settings: Settings, transactions: Transactions, progress: Progress, *, pause: float = 0.5
) -> Indexed:
    """Bring the search server up to date with all titles that changed since they were indexed.

    A batch is noted as indexed once the server has done it. Raises `SearchUnreachableError` after five tries, the first
    `pause` seconds apart, and `SearchServerError` where the server refuses or fails.
    """
    if settings.meilisearch_url is None:
        return Indexed(configured=False)
    from tasks.search import index
    from tasks.search.client import persistently

    client = _client(settings)
    if not persistently(lambda: index.exists(client), pause):  # a new server, or one that lost its data
        titles = _rebuild(client, transactions, progress, pause)
        return Indexed(configured=True, upserted=titles)
    upserted = deleted = 0
    progress.begin(STAGE, transactions.run(_count_due), "titles")
    while due := transactions.run(_due):
        shown = [row for row in due if row.is_visible]
        gone = [str(row.id) for row in due if not row.is_visible]
        documents = [index.document(row._asdict()) for row in shown]
        persistently(lambda made=documents, hidden=gone: index.push(client, made, hidden), pause)  # type: ignore[misc]
        _mark(transactions, due)
        progress.advance(STAGE, len(due))
        upserted, deleted = upserted + len(shown), deleted + len(gone)
    return Indexed(configured=True, upserted=upserted, deleted=deleted)


def index_after_ingest(
    settings: Settings, transactions: Transactions, progress: Progress, *, pause: float = 0.5
) -> Indexed:
    """`index_titles` for whoever goes on without it: what cannot be done now is told, and is due at the next run."""
    try:
        return index_titles(settings, transactions, progress, pause=pause)
    except ExpectedError as error:
        progress.warn(str(error))
        return Indexed(configured=True, problem=str(error))


def reindex(
    settings: Settings, transactions: Transactions, progress: Progress, *, pause: float = 0.5
) -> Reindexed:
    """Fill a fresh index with all shown titles, search in it from then on, and look how well it fits. Searches go on all
    the time.

    What PostgreSQL searches is compared with what it should be, and mended, in any case; without MEILISEARCH_URL that is
    all. Raises what `index_titles` raises.
    """
    started = time.monotonic()
    mended, learned = describe_all(transactions)
    words = transactions.run(_forget_unused)
    if settings.meilisearch_url is None:
        seconds = round(time.monotonic() - started, 3)
        return Reindexed(False, 0, None, words, seconds, mended, learned)
    client = _client(settings)
    titles = _rebuild(client, transactions, progress, pause)
    index_titles(settings, transactions, progress, pause=pause)  # what changed in the meantime
    found = _drift(client, transactions, pause)
    if not found.none:
        progress.warn(
            f"the search index lacks {found.missing} titles, has {found.surplus} too many and {found.stale} old ones"
        )
    seconds = round(time.monotonic() - started, 3)
    return Reindexed(True, titles, found, words, seconds, mended, learned)


def drift(settings: Settings, transactions: Transactions, *, pause: float = 0.5) -> Drift | None:
    """How far the search server is from the tables; None without MEILISEARCH_URL. Raises what `index_titles` raises."""
    return None if settings.meilisearch_url is None else _drift(_client(settings), transactions, pause)


def _client(settings: Settings) -> Client:
    from tasks.search.client import connect

    key = settings.meilisearch_key
    return connect(str(settings.meilisearch_url), key.get_secret_value() if key else None)


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


# Any other `updated_at` than the indexed one: a transaction that began earlier may well commit later.
_IS_DUE = Content.indexed_at.is_distinct_from(Content.updated_at)


def _due(work: Transaction) -> Sequence[Title]:
    return work.session.execute(select(*_COLUMNS).where(_IS_DUE).order_by(Content.id).limit(_ROWS)).all()


def _count_due(work: Transaction) -> int:
    return work.session.scalar(select(func.count()).select_from(Content).where(_IS_DUE)) or 0


def _count_shown(work: Transaction) -> int:
    return work.session.scalar(select(func.count()).select_from(Content).where(Content.is_visible)) or 0


def _shown_after(last: uuid.UUID) -> Callable[[Transaction], Sequence[Title]]:
    query = select(*_COLUMNS).where(Content.is_visible, Content.id > last).order_by(Content.id).limit(_ROWS)
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
    query = select(Content.id, Content.updated_at).where(Content.is_visible)
    rows = transactions.run(lambda work: work.session.execute(query).all())
    return index.compare(held, {str(key): version_of(version) for key, version in rows})
