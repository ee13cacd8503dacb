"""The drift of the search index: titles that are missing, surplus, or outdated in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog_models.writes import contents
from flows.search.server import PAUSE, SearchServer
from flows.search.title_rows import ROWS, count_shown, shown_versions
from orchestration.settings import Settings
from orchestration.transactions import Transactions

if TYPE_CHECKING:
    from tasks.search.index import Drift


def drift(settings: Settings, transactions: Transactions, *, pause: float = PAUSE) -> Drift | None:
    """Return how the search server differs from the tables; None without MEILISEARCH_URL."""
    if settings.meilisearch_url is None:
        return None
    return drift_of(SearchServer(settings, pause=pause), transactions)


def drift_of(server: SearchServer, transactions: Transactions) -> Drift:
    """Compare all documents of the index with the tables."""
    from tasks.search import index

    held = server.call(index.versions)
    return index.compare(held, transactions.run(shown_versions))


def repair(server: SearchServer, transactions: Transactions) -> int:
    """Mark titles as due that differ between index and tables; return their number.

    Counts and a sample are compared first, and all titles only if these differ. Documents without a row are
    deleted at once.
    """
    from tasks.search import index

    if _looks_whole(server, transactions):
        return 0
    # Read the index first: a title that is added in between then counts as missing, not as surplus.
    held = server.call(index.versions)
    found = index.differences(held, transactions.run(shown_versions))
    known = transactions.in_session(contents.mark_due, found.all())
    unknown = sorted(found.surplus - known)
    for first in range(0, len(unknown), ROWS):
        server.call(index.push, [], unknown[first : first + ROWS])
    return len(found.all())


def _looks_whole(server: SearchServer, transactions: Transactions) -> bool:
    """Return whether the index has as many titles as the catalogue, and the right versions in a sample."""
    from tasks.search import index

    if server.call(index.count) != transactions.run(count_shown):
        return False
    sample = transactions.run(shown_versions, index.SAMPLE)
    return server.call(index.versions_of, list(sample)) == sample
