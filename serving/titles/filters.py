"""The filters that select titles in lists, searches and facets."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, PrivateAttr
from sqlalchemy import SQLColumnExpression

from catalog_models.reads.watch_states import WATCH_STATES, in_watch_state
from catalog_models.search.text import name_key
from catalog_models.tables import FILTERS, Content
from catalog_models.values import WatchState
from serving.http.fields import QueryInt
from serving.titles.closed_sets import ContentType, EventStage, EventType, Region
from serving.titles.title import describe_brands

LONGEST = 300
"""The most characters of a text in a filter. No title is longer."""

MOST = 50
"""The most values of one filter."""

# PostgreSQL cannot store NUL in text.
Text = Annotated[str, Field(pattern=r"^[^\x00]+$", max_length=LONGEST)]

Year = Annotated[QueryInt, Field(ge=0, le=9999)]

BuyIn = Annotated[QueryInt, Field(ge=0, le=10**15)]

STATUSES = {"true": ["ready"], "false": ["preparing"], "all": ["ready", "preparing"]}
"""The statuses of titles by the value of `Filters.playable`."""

T = TypeVar("T")


def _listed(value: object) -> list[object]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _split(value: object) -> list[object]:
    values: list[object] = []
    for one in _listed(value):
        values += one.split(",") if isinstance(one, str) else [one]
    return values


def _distinct(values: list[T]) -> list[T]:
    return list(dict.fromkeys(values))


def _storable(value: str) -> str:
    if not value or "\x00" in value or len(value) > LONGEST:
        raise ValueError(f"Input should be a text of 1 to {LONGEST} characters without NUL")
    return value


Repeated = Annotated[list[T], Field(max_length=MOST), BeforeValidator(_listed), AfterValidator(_distinct)]
"""Values of a repeated parameter, which may contain commas: `player=a&player=b`."""

Several = Annotated[list[T], Field(max_length=MOST), BeforeValidator(_split), AfterValidator(_distinct)]
"""Values of a repeated parameter, or of one with commas: `year=2023&year=2024` or `year=2023,2024`."""

Code = AfterValidator(_storable)
"""The check of a value of a closed set. A value that no title has is allowed, and selects nothing."""


class Filters(BaseModel):
    """Filters for titles. A title must match every filter, and one of the values of each."""

    playable: Literal["true", "false", "all"] = Field(
        default="true",
        description="`true`: titles that play; `false`: titles that are being prepared; `all`: both.",
    )
    brand: Several[Text] = Field(default=[], description=describe_brands(), examples=[["WSOP"]])
    region: Several[Annotated[Region, Code]] = Field(default=[], examples=[["europe", "paradise"]])
    year: Several[Year] = Field(
        default=[],
        description="One of these years. Like every filter with several values, repeat it "
        "(`year=2023&year=2024`) or use commas (`year=2023,2024`).",
        examples=[[2023, 2024]],
    )
    year_from: Year | None = Field(default=None, description="Titles of this year or later.")
    year_to: Year | None = Field(default=None, description="Titles of this year or earlier.")
    event_type: Several[Annotated[EventType, Code]] = Field(default=[], examples=[["main_event"]])
    event: Repeated[Text] = Field(
        default=[],
        description="The name of an event, exactly as the `event` facet lists it. Repeat the parameter for "
        "several events; a comma is part of the name.",
        examples=[["High Roller"]],
    )
    buy_in: Several[BuyIn] = Field(default=[], description="The buy-in, in whole units of any currency.")
    game: Several[Text] = Field(default=[], description="A value of the `game` facet.", examples=[["NLHE"]])
    stage: Several[Annotated[EventStage, Code]] = Field(default=[], examples=[["final_table"]])
    content_type: Several[Annotated[ContentType, Code]] = Field(default=[], examples=[["episode"]])
    quality: Several[Literal["sd", "hd", "4k"]] = Field(
        default=[],
        description="The picture quality: `hd` from 720 lines or 1280 columns, `4k` from 2160 lines or 3840 "
        "columns.",
    )
    series_id: Several[uuid.UUID] = Field(
        default=[], description="The id of a series, as `GET /api/series` lists it."
    )
    player: Repeated[Text] = Field(
        default=[],
        description="The name of a player of the title, or one or more words of it. Case and accents are "
        "ignored. Repeat the parameter for several players. For the players of single hands, see "
        "`/api/contents/{content_id}/hands`.",
        examples=[["Hellmuth"]],
    )
    watched: Several[WatchState] = Field(
        default=[],
        description="How far the viewer has watched the titles. `new`: less than 10 seconds; `begun`: "
        "longer, but not completed; `watched`: completed.",
    )
    _viewer: uuid.UUID | None = PrivateAttr(default=None)

    def seen_by(self, viewer: uuid.UUID) -> None:
        """Set the viewer to whom `watched` refers. Without a viewer, that filter is ignored."""
        self._viewer = viewer

    @property
    def viewer(self) -> uuid.UUID | None:
        """Return the viewer that was set."""
        return self._viewer

    @property
    def is_personal(self) -> bool:
        """Return whether the matching titles depend on the viewer."""
        return self._viewer is not None and bool(self.watched)


def without_filters(filters: Filters, *names: str) -> Filters:
    """Return the filters except those with these names."""
    changes: dict[str, Any] = {name: [] for name in names}
    return filters.model_copy(update=changes)


def conditions_of(filters: Filters) -> list[SQLColumnExpression[bool]]:
    """Return the conditions that the filters put on `contents`. Hidden titles are never selected."""
    wanted = [
        Content.is_visible,
        Content.status.in_(STATUSES[filters.playable]),
        *(_is_one(getattr(Content, name), values) for name, values in equal_to(filters).items()),
    ]
    if filters.event:
        wanted.append(_is_one(Content.event_name, filters.event))
    if filters.buy_in:
        wanted.append(_is_one(Content.buy_in, filters.buy_in))
    if filters.year_from is not None:
        wanted.append(Content.year >= filters.year_from)
    if filters.year_to is not None:
        wanted.append(Content.year <= filters.year_to)
    if keys := [name_key(player) for player in filters.player]:
        wanted.append(Content.search_players.overlap(keys))
    if filters.viewer is not None and 0 < len(filters.watched) < len(WATCH_STATES):
        wanted.append(in_watch_state(Content.id, filters.viewer, filters.watched))
    return wanted


def _is_one(column: SQLColumnExpression[Any], values: list[Any]) -> SQLColumnExpression[bool]:
    return column == values[0] if len(values) == 1 else column.in_(values)


def equal_to(filters: Filters) -> dict[str, list[Any]]:
    """Return the values of each filter that is set and selects by equality with the column of its name."""
    return {name: values for name in FILTERS if (values := getattr(filters, name))}
