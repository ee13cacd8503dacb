"""Searches on the search server (Meilisearch) by its official client, in threads, within a deadline."""

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
from serving.search.facets import FIELDS, Counts, without
from serving.search.schemas import SearchQuery
from serving.titles.lists import STATUSES, Filters, equal_to
from tasks.search.titles import Title, documents_of

if TYPE_CHECKING:
    from orchestration.settings import Settings

# Seconds for a response. A viewer would notice a longer wait.
DEADLINE = 1
MOST_WORDS = 10
"""The server reads this many words of a search, and ignores the others."""

# Seconds for which a server that did not respond gets no requests.
_REST = 10.0
_THREADS = 8
# A status about this one search. A wrong key, which concerns all searches, has another one.
_OF_ONE_SEARCH = {400, 413, 414, 422}

_log = logging.getLogger(__name__)


class SearchServerUnavailableError(Exception):
    """The server does not respond, or refused this search."""


@dataclass(frozen=True, slots=True)
class Hits:
    """The ids of a page of titles, the best first, how many there are in all, and the counts of facets."""

    ids: list[uuid.UUID]
    total: int
    counts: Counts


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why the server refused one search, although it can do others."""

    reason: str


class SearchServer:
    """A server at `url`. Opens nothing before the first search; `close` ends its threads."""

    def __init__(self, url: str, key: str | None) -> None:
        # Imported here, not at the first search, whose deadline it would use up: it takes a tenth of a second.
        from meilisearch import Client

        self._client = partial(Client, url, key, timeout=DEADLINE)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="search")
        # A malformed response counts as a failure, too: PostgreSQL searches instead.
        self._breaker = Breaker("the search server", (Exception,), deadline=DEADLINE, failures=1, rest=_REST)

    async def search(self, text: str, query: SearchQuery) -> Hits:
        """Return a page of the titles that have all words of `text`, which is in the server's own syntax.

        Raises `SearchServerUnavailableError`, and does so at once while the server rests after a failure. A refusal that
        concerns this search alone does not start such a rest.
        """
        try:
            async with self._breaker.guard():
                found = await self._in_thread(self._search, queries_of(text, query))
                if not isinstance(found, _Refusal):
                    return _hits(found)
        except UnavailableError as error:
            raise SearchServerUnavailableError from error
        _log.warning("the search server refused a search, PostgreSQL does it: %s", found.reason)
        raise SearchServerUnavailableError

    async def ping(self) -> None:
        """Raise an error if searches would fail: no response, a wrong key, no index, or other settings."""
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
        """Send titles to the server's queue, without waiting for their indexing.

        Raises the errors of the client.
        """
        await self._in_thread(self._send, rows)

    def _send(self, rows: Sequence[Title]) -> None:
        from tasks.search import index

        client = self._client()
        # Without an index the server would create one without our settings. The next ingest creates it.
        if index.exists(client):
            index.send(client, *documents_of(rows))

    def close(self) -> None:
        """End the threads, without waiting for requests under way."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def server_of(settings: Settings) -> SearchServer | None:
    """Return the configured server, None if there is none."""
    if settings.meilisearch_url is None:
        return None
    key = settings.meilisearch_key
    return SearchServer(settings.meilisearch_url, key.get_secret_value() if key else None)


def queries_of(text: str, query: SearchQuery) -> list[dict[str, Any]]:
    """Return the queries of one request: the page, and one for each facet with a filter of its own, without
    that filter.
    """
    page = {
        **_query(text, query),
        "limit": query.limit,
        "offset": query.offset,
        "attributesToRetrieve": [PRIMARY_KEY],
    }
    if not query.facets:
        return [page]
    filtered = [name for name in FIELDS if getattr(query, name) is not None]
    page["facets"] = [name for name in FIELDS if name not in filtered]
    return [
        page,
        *({**_query(text, without(query, name)), "limit": 0, "facets": [name]} for name in filtered),
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


def filter_text(filters: Filters) -> list[str]:
    """Return the filters in the server's language; all lines must hold."""
    asked = [f"{name} = {_quoted(value)}" for name, value in equal_to(filters).items()]
    if filters.year_from is not None:
        asked.append(f"year >= {filters.year_from}")
    if filters.year_to is not None:
        asked.append(f"year <= {filters.year_to}")
    if filters.player is not None:
        asked.append(f"search_players = {_quoted(name_key(filters.player))}")
    return [f"status IN [{', '.join(STATUSES[filters.playable])}]", *asked]


def _quoted(value: Any) -> str:
    return str(value) if isinstance(value, int) else json.dumps(str(value), ensure_ascii=False)


def query_text(words: Sequence[tuple[str, bool]]) -> str:
    """Return words in the server's language, and whether a word is quoted and must match exactly."""
    return " ".join(f'"{word}"' if exact else word for word, exact in words)
