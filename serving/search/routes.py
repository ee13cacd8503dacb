"""`GET /api/search` and `GET /api/search/suggest`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from serving.http.errors import SIGNED_IN, RequestInvalidError, documented
from serving.kernel.resources import Session
from serving.kernel.routes import api_router
from serving.kernel.viewer import SignedIn
from serving.search.engine import SearchState
from serving.search.schemas import (
    FacetsQuery,
    Found,
    SearchQuery,
    Suggestions,
    SuggestQuery,
    TitleFacets,
)
from serving.titles.viewing import fill_viewing

router = api_router("search")


@router.get(
    "/search",
    summary="Search titles",
    responses=documented(RequestInvalidError, *SIGNED_IN),
)
async def search_titles(
    viewer: SignedIn, query: Annotated[SearchQuery, Query()], search: SearchState, session: Session
) -> Found:
    """Search titles that have all words of the query. The last word may be unfinished.

    Titles with the words in their name come first, then the newest. Numbers must match exactly. A word that
    no title has is replaced by the most similar word (`corrected`). If no title has all words, as few as
    possible are left out (`dropped`). With `facets=true`, the response also counts the values of the fields
    of all found titles, to offer as filters.
    """
    query.seen_by(viewer.user_id)
    found = await search.search(session, query)
    await fill_viewing(session, viewer.user_id, found.items)
    return found


@router.get(
    "/facets",
    summary="Count titles by field",
    responses=documented(RequestInvalidError, *SIGNED_IN),
)
async def get_facets(
    viewer: SignedIn, query: Annotated[FacetsQuery, Query()], search: SearchState, session: Session
) -> TitleFacets:
    """Count the titles of a browse page by the values of their fields, to offer as filters.

    Without `q`, all titles that match the filters are counted, as `GET /api/contents` lists them; with `q`,
    those that a search finds. The filter on a field does not apply to its own values.
    """
    query.seen_by(viewer.user_id)
    return await search.facets(session, query, viewer.user_id)


@router.get(
    "/search/suggest",
    summary="Suggest titles, players and series",
    responses=documented(RequestInvalidError, *SIGNED_IN),
)
async def suggest_titles(
    _: SignedIn, beginning: Annotated[SuggestQuery, Query()], search: SearchState, session: Session
) -> Suggestions:
    """Return the first titles of a search while the query is being typed, and the players and series.

    At most five players and five series have all words of the query in their names.
    """
    return await search.suggest(session, beginning)
