"""The search server (Meilisearch), asked through its official client in threads of its own, within a deadline."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from catalog_models.search_index import INDEX, PRIMARY_KEY
from catalog_models.search_text import name_key
from orchestration.breaker import Breaker, UnavailableError
from serving.listing import STATUSES, Filters, equal_to
from serving.search.facets import FIELDS, Counts, without
from serving.search.schemas import Question

if TYPE_CHECKING:
    from orchestration.settings import Settings

DEADLINE = 1  # second for an answer; a viewer would notice a longer wait
_REST = 10.0  # seconds for which a server that did not answer is not asked again
_THREADS = 8


class SilentError(Exception):
    """The server does not answer, or not what a search answers."""


@dataclass(frozen=True, slots=True)
class Hits:
    """The ids of a page of titles, the best first, how many there are in all, and the counts of facets."""

    ids: list[uuid.UUID]
    total: int
    counts: Counts


class SearchServer:
    """A server at `url`. Opens nothing before the first search; `close` ends its threads."""

    def __init__(self, url: str, key: str | None) -> None:
        from meilisearch import (
            Client,
        )  # takes a tenth of a second, which the first search's deadline need not pay

        self._client = partial(Client, url, key, timeout=DEADLINE)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="search")
        # Whatever it answers that is no answer to a search counts: the database gives a better one.
        self._breaker = Breaker("the search server", (Exception,), deadline=DEADLINE, failures=1, rest=_REST)

    async def search(self, text: str, question: Question) -> Hits:
        """The titles that have all words of `text` (the server's own syntax), a page of them as the question says. Raises
        `SilentError`, at once while a silent server is left to rest."""
        try:
            async with self._breaker.guard():
                return _hits(await self._in_thread(self._search, queries_of(text, question)))
        except UnavailableError as error:
            raise SilentError from error

    async def ping(self) -> None:
        """Raises where the server is not well."""
        async with asyncio.timeout(DEADLINE):
            await self._in_thread(self._health)

    async def _in_thread(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    def _search(self, queries: Sequence[Mapping[str, Any]]) -> Any:
        return self._client().multi_search(queries)["results"]

    def _health(self) -> Any:
        return self._client().health()

    def close(self) -> None:
        """End the threads, without waiting for what they wait for."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def server_of(settings: Settings) -> SearchServer | None:
    """The server that is configured, None where none is."""
    if settings.meilisearch_url is None:
        return None
    key = settings.meilisearch_key
    return SearchServer(settings.meilisearch_url, key.get_secret_value() if key else None)


def queries_of(text: str, question: Question) -> list[dict[str, Any]]:
    """What is asked at one visit: the page, and once more for each facet with a filter of its own, without it."""
    page = {
        **_query(text, question),
        "limit": question.limit,
        "offset": question.offset,
        "attributesToRetrieve": [PRIMARY_KEY],
    }
    if not question.facets:
        return [page]
    filtered = [name for name in FIELDS if getattr(question, name) is not None]
    page["facets"] = [name for name in FIELDS if name not in filtered]
    return [
        page,
        *({**_query(text, without(question, name)), "limit": 0, "facets": [name]} for name in filtered),
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
    """The filters in the server's language; each line has to hold."""
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
    """Words in the server's language; `True` with a word that is meant as it stands, which a pair of quotes says."""
    return " ".join(f'"{word}"' if exact else word for word, exact in words)
