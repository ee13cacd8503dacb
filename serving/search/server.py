"""Searches on the search server (Meilisearch) with its official client, in threads, within a deadline."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from catalog_models.search.index import INDEX, PRIMARY_KEY, probe
from catalog_models.search.text import name_key
from orchestration.breaker import Breaker, UnavailableError
from serving.search.facets import FIELDS, Counts
from serving.search.schemas import SearchQuery
from serving.titles.filters import STATUSES, Filters, equal_to, without_filters
from tasks.search.titles import Title, documents_of

if TYPE_CHECKING:
    from orchestration.settings import Settings

# The most seconds for a response. A viewer would notice a longer wait.
DEADLINE = 1
MOST_WORDS = 10
"""The server reads this many words of a search and ignores the rest."""

# A server that did not respond gets no requests for this many seconds.
_REST = 10.0
_THREADS = 8
# Statuses that concern a single search. A wrong key, which concerns all searches, has another status.
_OF_ONE_SEARCH = {400, 413, 414, 422}

_log = logging.getLogger(__name__)


class SearchServerUnavailableError(Exception):
    """The server does not respond, or refused this search."""


@dataclass(frozen=True, slots=True)
class Hits:
    """The ids of a page of titles, the best first, their total, and the facet counts."""

    ids: list[uuid.UUID]
    total: int
    counts: Counts


@dataclass(frozen=True, slots=True)
class _Refusal:
    """The reason why the server refused a single search, although it is available."""

    reason: str


class SearchServer:
    """A search server. It opens no connection before the first search; `close` ends its threads."""

    def __init__(self, url: str, key: str | None) -> None:
        # Imported here: at the first search, the import would use up a tenth of the deadline.
        from meilisearch import Client

        self._client = partial(Client, url, key, timeout=DEADLINE)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="search")
        # A malformed response also counts as a failure: PostgreSQL searches instead.
        self._breaker = Breaker("the search server", (Exception,), deadline=DEADLINE, failures=1, rest=_REST)

    async def search(self, text: str, query: SearchQuery) -> Hits:
        """Return a page of the titles that have all words of `text`, which is in the syntax of the server.

        Raises `SearchServerUnavailableError`, immediately while the breaker is open after a failure. A
        refusal of this search alone does not open the breaker.
        """
        try:
            async with self._breaker.guard():
                found = await self._in_thread(self._search, queries_of(text, query))
                if not isinstance(found, _Refusal):
                    return _hits(found)
        except UnavailableError as error:
            raise SearchServerUnavailableError from error
        _log.warning("the search server refused a search; PostgreSQL searches instead: %s", found.reason)
        raise SearchServerUnavailableError

    async def ping(self) -> None:
        """Raise an error if searches would fail: no response, a wrong key, no index or wrong settings."""
        async with asyncio.timeout(DEADLINE):
            _hits(await self._in_thread(self._probe))

    async def _in_thread(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    def _search(self, queries: Sequence[Mapping[str, Any]]) -> Any:
        from meilisearch.errors import MeilisearchApiError

        try:
            return self._client().multi_search(queries)["results"]
        except MeilisearchApiError as error:
            if error.status_code not in _OF_ONE_SEARCH or error.code == "index_not_found":
                raise
            return _Refusal(str(error).partition("\n")[0])

    def _probe(self) -> Any:
        return self._client().multi_search([probe()])["results"]

    async def send(self, rows: Sequence[Title]) -> None:
        """Add titles to the queue of the server, without waiting until they are indexed.

        Raises the errors of the client.
        """
        await self._in_thread(self._send, rows)

    def _send(self, rows: Sequence[Title]) -> None:
        from tasks.search import index

        client = self._client()
        # If no index exists, the server would create one without our settings. The next ingest creates it.
        if index.exists(client):
            index.send(client, *documents_of(rows))

    def close(self) -> None:
        """End the threads, without waiting for running requests."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def server_of(settings: Settings) -> SearchServer | None:
    """Return the configured search server, or None."""
    if settings.meilisearch_url is None:
        return None
    key = settings.meilisearch_key
    return SearchServer(settings.meilisearch_url, key.get_secret_value() if key else None)


def queries_of(text: str, query: SearchQuery) -> list[dict[str, Any]]:
    """Return the queries of one request: one for the page, and one for each facet that is also a filter.

    The latter omit that filter.
    """
    page = {
        **_query(text, query),
        "limit": query.limit,
        "offset": query.offset,
        "attributesToRetrieve": [PRIMARY_KEY],
    }
    if not query.facets:
        return [page]
    filtered = [name for name in FIELDS if getattr(query, name)]
    page["facets"] = [name for name in FIELDS if name not in filtered]
    return [
        page,
        *({**_query(text, without_filters(query, name)), "limit": 0, "facets": [name]} for name in filtered),
    ]


def _query(text: str, filters: Filters) -> dict[str, Any]:
    return {"indexUid": INDEX, "q": text, "filter": filter_text(filters), "matchingStrategy": "all"}


def _hits(results: Sequence[Mapping[str, Any]]) -> Hits:
    counts: dict[str, Mapping[str, int]] = {}
    for result in results:
        counts |= result.get("facetDistribution") or {}
    page = results[0]
    return Hits(
        [uuid.UUID(hit[PRIMARY_KEY]) for hit in page["hits"]], int(page["estimatedTotalHits"]), counts
    )


def covers(filters: Filters) -> bool:
    """Return whether the server can apply these filters.

    Its documents lack the names of events, the buy-ins and the progress of viewers.
    """
    return not (filters.event or filters.buy_in or filters.is_personal)


def filter_text(filters: Filters) -> list[str]:
    """Return the filters in the syntax of the server. All of them must hold."""
    asked = [_is_one(name, values) for name, values in equal_to(filters).items()]
    if filters.year_from is not None:
        asked.append(f"year >= {filters.year_from}")
    if filters.year_to is not None:
        asked.append(f"year <= {filters.year_to}")
    if filters.player:
        asked.append(_is_one("search_players", [name_key(player) for player in filters.player]))
    return [f"status IN [{', '.join(STATUSES[filters.playable])}]", *asked]


def _is_one(name: str, values: Sequence[Any]) -> str:
    if len(values) == 1:
        return f"{name} = {_quoted(values[0])}"
    return f"{name} IN [{', '.join(map(_quoted, values))}]"


def _quoted(value: Any) -> str:
    return str(value) if isinstance(value, int) else json.dumps(str(value), ensure_ascii=False)


def query_text(words: Sequence[tuple[str, bool]]) -> str:
    """Return the query text for words, each with whether it must match exactly and is quoted."""
    return " ".join(f'"{word}"' if exact else word for word, exact in words)
