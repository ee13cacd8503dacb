"""Schemas of searches."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from serving.http.fields import QueryInt
from serving.titles.lists import Filters, Listed
from serving.titles.title import EXAMPLE

LONGEST = 500
"""Characters of a search."""

Words = Annotated[
    str,
    Field(
        pattern=r"^[^\x00]*$",
        max_length=LONGEST,
        description="what to search for: words in any order, the last one may be unfinished. Without a letter or a digit "
        "nothing is found.",
        examples=["main event 2024 day 3"],
    ),
]
Engine = Literal["postgres", "meilisearch"]


class SearchQuery(Filters):
    """What is searched, among which titles, which page of the answer."""

    q: Words
    limit: QueryInt = Field(default=20, ge=0, le=200)
    offset: QueryInt = Field(default=0, ge=0, le=100_000)
    facets: bool = Field(
        default=False, description="count the values of the fields of all titles that were found, too"
    )


class SuggestQuery(BaseModel):
    """What somebody has typed so far."""

    q: Words
    limit: QueryInt = Field(default=8, ge=0, le=20)


class Highlights(BaseModel):
    """Fields as HTML text: escaped, and the words that were found between `<em>` and `</em>`."""

    title: str


class Hit(Listed):
    """A title that was found."""

    highlights: Highlights


class Facet(BaseModel):
    """A value of a field, and how many of the titles that were found have it."""

    value: str | int
    count: int


class Facets(BaseModel):
    """The values of each field, the most frequent first, 50 at most.

    A field's own filter does not count for it: its values are what one might filter by instead.
    """

    brand: list[Facet]
    region: list[Facet]
    year: list[Facet]
    event_type: list[Facet]
    game: list[Facet]
    stage: list[Facet]
    content_type: list[Facet]
    quality: list[Facet]


class SearchResponse(BaseModel):
    """How an answer came about."""

    total: int = Field(description="how many titles were found in all; 1,000 stands for that and more")
    limit: int
    offset: int
    engine: Engine
    degraded: bool = Field(description="the search server does not answer, and the database searched instead")
    corrected: str | None = Field(
        description="the search without typing errors, where a word that no title has was read as another",
        examples=["hellmuth"],
    )
    dropped: list[str] = Field(
        description="the words that were left out because no title has all of them; never a number, but for an "
        "amount of money"
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
    "items": [EXAMPLE | {"playability": "direct", "reasons": [], "highlights": _HIGHLIGHTS}],
    "limit": 20,
    "facets": {
        "brand": [{"value": "WSOP", "count": 1}],
        "region": [{"value": "las_vegas", "count": 1}],
        "year": [{"value": 2024, "count": 1}],
        "event_type": [{"value": "main_event", "count": 1}],
        "game": [{"value": "NLHE", "count": 1}],
        "stage": [],
        "content_type": [{"value": "stream", "count": 1}],
        "quality": [{"value": "hd", "count": 1}],
    },
}


class Found(SearchResponse):
    """A page of what was found: titles that have the words in their name first, then the newest."""

    model_config = ConfigDict(json_schema_extra={"example": _FOUND | _ANSWERED})

    items: list[Hit]
    facets: Facets | None = Field(description="of all that was found, not of the page; null unless asked for")


class Suggestion(BaseModel):
    """A title to choose from."""

    id: uuid.UUID
    title: str
    year: int | None
    highlights: Highlights


_SUGGESTED: JsonDict = {
    "items": [
        {"id": EXAMPLE["id"], "title": EXAMPLE["title"], "year": EXAMPLE["year"], "highlights": _HIGHLIGHTS}
    ],
    "limit": 8,
}


class Suggestions(SearchResponse):
    """The titles that a search for this would begin with, among those that play."""

    model_config = ConfigDict(json_schema_extra={"example": _SUGGESTED | _ANSWERED})

    items: list[Suggestion]
