"""`GET /api/contents`, `/api/series` and `/api/series/{series_id}`."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import Depends, Path, Query

from serving.flat_catalog.queries import list_titles
from serving.flat_catalog.schemas import Titles, TitlesQuery
from serving.flat_catalog.series import SeriesNotFoundError, list_series, read_series
from serving.flat_catalog.series_schemas import AllSeries, OneSeries, SeriesQuery, SeriesTitlesQuery
from serving.http.errors import SIGNED_IN, RequestInvalidError, documented
from serving.http.fields import uuid_of
from serving.kernel.resources import Session
from serving.kernel.routes import api_router
from serving.kernel.viewer import SignedIn


async def _series_id(
    series_id: Annotated[
        str,
        Path(
            description="The id of a series, as `GET /api/series` lists it.",
            examples=["0b6f1f0e-3c55-4d8a-8d2e-9a7f5a1c2d33"],
            json_schema_extra={"format": "uuid"},
        ),
    ],
) -> uuid.UUID:
    found = uuid_of(series_id)
    if found is None:
        raise SeriesNotFoundError
    return found


router = api_router("catalogue")


@router.get(
    "/contents",
    summary="List titles",
    responses=documented(RequestInvalidError, *SIGNED_IN),
)
async def list_contents(viewer: SignedIn, query: Annotated[TitlesQuery, Query()], session: Session) -> Titles:
    """List visible titles. By default, only titles that play are included."""
    query.seen_by(viewer.user_id)
    return await list_titles(session, query, viewer.user_id)


@router.get("/series", summary="List series", responses=documented(RequestInvalidError, *SIGNED_IN))
async def get_all_series(_: SignedIn, query: Annotated[SeriesQuery, Query()], session: Session) -> AllSeries:
    """List the series that have visible titles."""
    return await list_series(session, query)


@router.get(
    "/series/{series_id}",
    summary="Get a series",
    responses=documented(SeriesNotFoundError, RequestInvalidError, *SIGNED_IN),
)
async def get_series(
    viewer: SignedIn,
    series_id: Annotated[uuid.UUID, Depends(_series_id)],
    query: Annotated[SeriesTitlesQuery, Query()],
    session: Session,
) -> OneSeries:
    """Return a series with its titles in watching order.

    Titles are sorted by event, and within an event from the first day to the final table.
    """
    return await read_series(session, series_id, query, viewer.user_id)
