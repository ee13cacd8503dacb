"""Schemas of searches."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from serving.http.fields import QueryInt
from serving.titles.filters import Filters
from serving.titles.lists import EXAMPLE_LISTED, Listed
from serving.titles.title import EXAMPLE

LONGEST = 500
"""The most characters of a search."""

Words = Annotated[
    str,
    Field(
        pattern=r"^[^\x00]*$",
        max_length=LONGEST,
        description="The words to search for, in any order. The last one may be unfinished. A query without "
        "letters and digits finds nothing.",
        examples=["main event 2024 day 3"],
    ),
]
Engine = Literal["postgres", "meilisearch"]


class SearchQuery(Filters):
    """The words, filters and paging of a search."""

    q: Words
    limit: QueryInt = Field(default=20, ge=0, le=200)
    offset: QueryInt = Field(default=0, ge=0, le=100_000)
    facets: bool = Field(
        default=False, description="Whether to count the values of the fields of all found titles."
    )


class SuggestQuery(BaseModel):
    """The beginning of a search."""

    q: Words
    limit: QueryInt = Field(default=8, ge=0, le=20)


class Highlights(BaseModel):
    """Fields as escaped HTML, with the found words between `<em>` and `</em>`."""

    title: str


class Hit(Listed):
    """A found title."""

    highlights: Highlights


class Facet(BaseModel):
    """A value of a field, and the number of found titles that have it."""

    value: str | int
    count: int


class Facets(BaseModel):
    """The values of each field, the most frequent first, at most 50.

    The filter on a field does not apply to its own values, so they show the alternatives to the current
    filter.
    """

    brand: list[Facet]
    region: list[Facet]
    year: list[Facet]
    event_type: list[Facet]
    game: list[Facet]
    stage: list[Facet]
    content_type: list[Facet]
    quality: list[Facet]


class NamedFacet(Facet):
    """A value that is an id, and its name."""

    name: str


_FACETS: JsonDict = {
    "brand": [{"value": "WSOP", "count": 1}],
    "region": [{"value": "las_vegas", "count": 1}],
    "year": [{"value": 2024, "count": 1}],
    "event_type": [{"value": "main_event", "count": 1}],
    "game": [{"value": "NLHE", "count": 1}],
    "stage": [],
    "content_type": [{"value": "stream", "count": 1}],
    "quality": [{"value": "hd", "count": 1}],
}


class FacetsQuery(Filters):
    """The words and filters of the titles to count."""

    q: Words = ""


class TitleFacets(Facets):
    """The values of each field in the titles that match the query, to use as the filter of the same name.

    At most 50 values per field, the most frequent first. The values of `series` are for the filter
    `series_id`. The counts may be a minute old, except those of `watched`.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": _FACETS
            | {
                "event": [{"value": "High Roller", "count": 1}],
                "buy_in": [{"value": 10_000, "count": 1}],
                "player": [{"value": "Ann Carver", "count": 1}],
                "series": [
                    {"value": "0b6f1f0e-3c55-4d8a-8d2e-9a7f5a1c2d33", "name": "WSOP 2024", "count": 1}
                ],
                "playable": [{"value": "true", "count": 1}],
                "watched": [{"value": "new", "count": 1}],
                "total": 1,
            }
        }
    )

    event: list[Facet]
    buy_in: list[Facet]
    player: list[Facet]
    series: list[NamedFacet]
    playable: list[Facet]
    watched: list[Facet] = Field(description="How far the viewer has watched the titles.")
    total: int = Field(description="The number of titles that match the query.")


class SearchResponse(BaseModel):
    """The paging of a result, and how the search was done."""

    total: int = Field(description="The number of found titles; 1,000 means 1,000 or more.")
    limit: int
    offset: int
    engine: Engine
    degraded: bool = Field(
        description="Whether the database searched because the search server is unavailable."
    )
    corrected: str | None = Field(
        description="The corrected query, if a word that no title has was replaced by a similar one.",
        examples=["hellmuth"],
    )
    dropped: list[str] = Field(
        description="The words that were left out because no title has all of them. Numbers are never left "
        "out, except amounts of money."
    )


_ANSWERED: JsonDict = {
    "total": 1,
    "offset": 0,
    "engine": "postgres",
    "degraded": False,
    "corrected": None,
    "dropped": [],
}
_HIGHLIGHTS: JsonDict = {"title": "WSOP 2024 <em>Main</em> <em>Event</em> – <em>Day</em> <em>1A</em>"}
_FOUND: JsonDict = {
    "items": [EXAMPLE_LISTED | {"highlights": _HIGHLIGHTS}],
    "limit": 20,
    "facets": _FACETS,
}


class Found(SearchResponse):
    """A page of found titles: those with the words in their name first, then the newest."""

    model_config = ConfigDict(json_schema_extra={"example": _FOUND | _ANSWERED})

    items: list[Hit]
    facets: Facets | None = Field(
        description="The facets of all found titles, not only of this page; null unless requested."
    )


class Suggestion(BaseModel):
    """A suggested title."""

    id: uuid.UUID
    title: str
    year: int | None
    highlights: Highlights


class SuggestedPlayer(BaseModel):
    """A suggested player, with the `key` for `GET /api/players/{key}`."""

    model_config = ConfigDict(from_attributes=True)

    key: str
    name: str
    titles: int
    hands: int


class SuggestedSeries(BaseModel):
    """A suggested series, with the `id` for `GET /api/series/{series_id}`."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    title: str
    year: int | None
    titles: int


_SUGGESTED: JsonDict = {
    "items": [
        {"id": EXAMPLE["id"], "title": EXAMPLE["title"], "year": EXAMPLE["year"], "highlights": _HIGHLIGHTS}
    ],
    "players": [{"key": "ann-carver", "name": "Ann Carver", "titles": 12, "hands": 340}],
    "series": [
        {"id": "0b6f1f0e-3c55-4d8a-8d2e-9a7f5a1c2d33", "title": "WSOP 2024", "year": 2024, "titles": 64}
    ],
    "limit": 8,
}


class Suggestions(SearchResponse):
    """The first titles that a search finds, and the players and series with these names. All titles play."""

    model_config = ConfigDict(json_schema_extra={"example": _SUGGESTED | _ANSWERED})

    items: list[Suggestion]
    players: list[SuggestedPlayer] = Field(description="At most five, those with the most titles first.")
    series: list[SuggestedSeries] = Field(description="At most five, the newest first.")
