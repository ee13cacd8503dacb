"""The search: by the search server if one is configured and responds, otherwise by the database."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.engine import dispose_async_engine, make_async_engine
from serving.kernel.block import state_of
from serving.search import queries, title_facets
from serving.search.directory import Directory, KnownSeries, Player
from serving.search.facet_counts import FacetCounts
from serving.search.facets import facets_of
from serving.search.highlights import highlight
from serving.search.schemas import (
    Engine,
    Facets,
    FacetsQuery,
    Found,
    Highlights,
    Hit,
    SearchQuery,
    SuggestedPlayer,
    SuggestedSeries,
    Suggestion,
    Suggestions,
    SuggestQuery,
    TitleFacets,
)
from serving.search.server import (
    MOST_WORDS,
    SearchServer,
    SearchServerUnavailableError,
    covers,
    query_text,
    server_of,
)
from serving.search.terms import Term, corrected_text, terms_of, words_of
from serving.search.vocabulary import VocabularyCache
from serving.titles.lists import listed_title, rows_of

if TYPE_CHECKING:
    from orchestration.settings import Settings


# The most players, and the most series, that are suggested.
_MOST_NAMES = 5


@dataclass(frozen=True, slots=True)
class _Result:
    """Rows of `listed_columns`, the total number of titles, and the terms that they have."""

    rows: Sequence[Any]
    total: int
    terms: Sequence[Term]
    engine: Engine = "postgres"
    facets: Facets | None = None


@dataclass(slots=True)
class Search:
    """The state that the searches of a process share. `server` is None if none is configured."""

    server: SearchServer | None = None
    facet_counts: FacetCounts = field(default_factory=FacetCounts)
    vocabularies: VocabularyCache = field(default_factory=VocabularyCache)
    directory: Directory = field(default_factory=Directory)

    async def search(self, session: AsyncSession, query: SearchQuery) -> Found:
        """Return the requested page of results."""
        words = words_of(query.q)
        if not words:
            return _found(query, [], _Result([], 0, []))
        terms = terms_of(words, await self.vocabularies.covering(session, words))
        # The search server ignores words beyond its limit.
        if self.server is None or len(terms) > MOST_WORDS or not covers(query):
            return _found(query, terms, await self._by_database(session, terms, query))
        try:
            result = await _by_server(self.server, session, terms, query)
        except SearchServerUnavailableError:
            result = await self._by_database(session, terms, query)
            return _found(query, terms, result, degraded=True)
        # The database also finds words to leave out, and titles that are not indexed yet.
        if not result.total:
            result = await self._by_database(session, terms, query)
        return _found(query, terms, result)

    async def suggest(self, session: AsyncSession, beginning: SuggestQuery) -> Suggestions:
        """Return the first titles, players and series for words that are being typed."""
        found = await self.search(session, SearchQuery(q=beginning.q, limit=beginning.limit))
        titles = [
            Suggestion(id=hit.id, title=hit.title, year=hit.year, highlights=hit.highlights)
            for hit in found.items
        ]
        players, series = await self._named(session, beginning.q)
        most = min(beginning.limit, _MOST_NAMES)
        return Suggestions(
            items=titles,
            players=[SuggestedPlayer.model_validate(one) for one in players[:most]],
            series=[SuggestedSeries.model_validate(one) for one in series[:most]],
            **found.model_dump(exclude={"items", "facets"}),
        )

    async def _named(
        self, session: AsyncSession, text: str
    ) -> tuple[Sequence[Player], Sequence[KnownSeries]]:
        words = words_of(text)
        if not words:
            return (), ()
        terms = terms_of(words, await self.vocabularies.covering(session, words))
        wanted = [term.wanted for term in terms]
        names = await self.directory.names(session)
        return names.players.find(wanted), names.series.find(wanted)

    async def facets(self, session: AsyncSession, query: FacetsQuery, viewer: uuid.UUID) -> TitleFacets:
        """Return the facets of the titles that match the query, or of all titles if it has no words.

        The database counts them for every engine. It leaves out the same words as a search.
        """
        words = words_of(query.q)
        if query.q.strip() and not words:
            return title_facets.NOTHING
        terms = terms_of(words, await self.vocabularies.covering(session, words)) if words else []
        found = await self.facet_counts.of_titles(session, terms, query, viewer)
        if terms and not found.total and (kept := await queries.relax(session, terms, query)):
            return await self.facet_counts.of_titles(session, kept, query, viewer)
        return found

    async def _by_database(self, session: AsyncSession, terms: Sequence[Term], query: SearchQuery) -> _Result:
        rows, total = await queries.find(session, terms, query, query.limit, query.offset)
        kept = terms
        if not total and (kept := await queries.relax(session, terms, query)):
            rows, total = await queries.find(session, kept, query, query.limit, query.offset)
        if not (query.facets and total):
            return _Result(rows, total, kept)
        many = total == queries.COUNTED
        return _Result(rows, total, kept, facets=await self.facet_counts.of(session, kept, query, many=many))


async def _search_of(request: Request) -> Search:
    search: Search = state_of(request, "search")
    return search


SearchState = Annotated[Search, Depends(_search_of)]


async def ask_once(settings: Settings, query: SearchQuery) -> Found:
    """Run one search outside of the API. `settings.database_url` must be set."""
    assert settings.database_url is not None  # noqa: S101
    engine, server = (
        make_async_engine(settings.database_url.get_secret_value(), pool_size=1),
        server_of(settings),
    )
    try:
        async with AsyncSession(engine) as session:
            return await Search(server).search(session, query)
    finally:
        await dispose_async_engine(engine)
        if server is not None:
            server.close()


async def _by_server(
    server: SearchServer, session: AsyncSession, terms: Sequence[Term], query: SearchQuery
) -> _Result:
    """Return the results of the search server in its order.

    PostgreSQL provides the rows and their visibility.
    """
    # Exact words are quoted: the server must not match a number as the beginning of another one, nor `250k`
    # as `2 50k`. A year whose last digit is still missing is not exact. A correction is a whole word.
    words = [(term.corrected or term.typed, term.is_exact or term.corrected is not None) for term in terms]
    hits = await server.search(query_text(words), query)
    rows = await rows_of(session, hits.ids, query)
    return _Result(rows, hits.total, terms, "meilisearch", facets_of(hits.counts))


def _found(query: SearchQuery, terms: Sequence[Term], result: _Result, *, degraded: bool = False) -> Found:
    return Found(
        items=[_hit(row, result.terms) for row in result.rows],
        total=result.total,
        limit=query.limit,
        offset=query.offset,
        engine=result.engine,
        degraded=degraded,
        corrected=corrected_text(terms) if result.total else None,
        dropped=[term.typed for term in terms if term not in result.terms] if result.total else [],
        facets=(result.facets or facets_of({})) if query.facets else None,
    )


def _hit(row: Any, terms: Sequence[Term]) -> Hit:
    marked = Highlights(title=highlight(row[0].title, terms))
    return Hit(**listed_title(*row).model_dump(), highlights=marked)
