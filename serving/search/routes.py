"""`GET /api/search` and `GET /api/search/suggest`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request

from serving.http.errors import SIGNED_IN, RequestInvalidError, documented
from serving.kernel.block import state_of
from serving.kernel.resources import Session
from serving.kernel.routes import api_router
from serving.kernel.viewer import SignedIn
from serving.search.engine import Search
from serving.search.schemas import Found, SearchQuery, Suggestion, Suggestions, SuggestQuery

router = api_router("search")


async def _search(request: Request) -> Search:
    search: Search = state_of(request, "search")
    return search


SearchState = Annotated[Search, Depends(_search)]


@router.get(
    "/search",
    summary="Search titles",
    responses=documented(RequestInvalidError, *SIGNED_IN),
)
async def search_titles(
    _: SignedIn, query: Annotated[SearchQuery, Query()], search: SearchState, session: Session
) -> Found:
    """Titles that have all words, the last of which may be unfinished: those with the words in their name
    first, then the newest. Numbers are meant as they stand. A word that no title has is read as the
    nearest one that there is (`corrected`); when no title has all words, the fewest are left out
    (`dropped`). With `facets=true` the answer also says which values the fields of all these titles have,
    and how often: what a page offers as filters."""
    return await search.search(session, query)


@router.get(
    "/search/suggest",
    summary="Suggest titles",
    responses=documented(RequestInvalidError, *SIGNED_IN),
)
async def suggest_titles(
    _: SignedIn, beginning: Annotated[SuggestQuery, Query()], search: SearchState, session: Session
) -> Suggestions:
    """The first titles of a search, while it is typed."""
    found = await search.search(session, SearchQuery(q=beginning.q, limit=beginning.limit))
    items = [
        Suggestion(id=hit.id, title=hit.title, year=hit.year, highlights=hit.highlights)
        for hit in found.items
    ]
    return Suggestions(items=items, **found.model_dump(exclude={"items", "facets"}))
