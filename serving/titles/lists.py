"""Lists of titles: the filters that select titles, and the form of a title in lists and searches."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from pydantic.config import JsonDict
from sqlalchemy import Row, Select, SQLColumnExpression, case, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.search.text import name_key
from catalog_models.tables import FILTERS, Content, MediaFile
from serving.http.fields import QueryInt
from serving.titles.closed_sets import PlayabilityReason, PlayabilityVerdict
from serving.titles.pictures import EXAMPLE_POSTER, Pictures, Poster, pictures_of_title, poster_of
from serving.titles.title import EXAMPLE, TitleFields, Urls, describe_values, urls_of
from serving.titles.viewing import EXAMPLE_VIEWED, Viewed

# PostgreSQL cannot store NUL in text. No title is longer than the limit.
Text = Annotated[str, Field(pattern=r"^[^\x00]+$", max_length=300)]

Year = Annotated[QueryInt, Field(ge=0, le=9999)]

STATUSES = {"true": ["ready"], "false": ["preparing"], "all": ["ready", "preparing"]}
"""The statuses of titles by the value of `Filters.playable`."""


class Filters(BaseModel):
    """Filters for titles."""

    playable: Literal["true", "false", "all"] = Field(
        default="true",
        description="`true`: titles that play; `false`: titles that are being prepared; `all`: both.",
    )
    brand: Text | None = Field(default=None, description=describe_values("brand"), examples=["WSOP"])
    region: Text | None = Field(default=None, description=describe_values("region"), examples=["europe"])
    year: Year | None = Field(default=None, examples=[2024])
    year_from: Year | None = Field(default=None, description="This year or later.")
    year_to: Year | None = Field(default=None, description="This year or earlier.")
    event_type: Text | None = Field(
        default=None, description=describe_values("event_type"), examples=["main_event"]
    )
    game: Text | None = Field(
        default=None, description="A value of the `game` facet of a search.", examples=["NLHE"]
    )
    stage: Text | None = Field(default=None, description=describe_values("stage"), examples=["final_table"])
    content_type: Text | None = Field(
        default=None, description=describe_values("content_type"), examples=["episode"]
    )
    quality: Literal["sd", "hd", "4k"] | None = Field(
        default=None,
        description="The picture quality: `hd` from 720 lines or 1280 columns, `4k` from 2160 lines or 3840 "
        "columns.",
    )
    series_id: uuid.UUID | None = Field(
        default=None, description="The id of a series, as `GET /api/series` lists it."
    )
    player: Text | None = Field(
        default=None,
        description="The name of a player of the title, or one or more words of it. Case and accents are "
        "ignored. For the players of single hands, see `/api/contents/{content_id}/hands`.",
        examples=["Hellmuth"],
    )


class Listed(TitleFields, Viewed):
    """A title in a list."""

    playability: PlayabilityVerdict | None = Field(
        description="The playability of the file that plays, or would play."
    )
    reasons: list[PlayabilityReason] = Field(
        description="Why the file does not play as it is.", examples=[["video_codec:prores"]]
    )
    poster: Poster | None
    urls: Urls


EXAMPLE_LISTED: JsonDict = (
    EXAMPLE
    | EXAMPLE_VIEWED
    | {
        "playability": "direct",
        "reasons": [],
        "poster": EXAMPLE_POSTER,
    }
)


def conditions_of(filters: Filters) -> list[SQLColumnExpression[bool]]:
    """Return the conditions that the filters put on `contents`. Hidden titles are never selected."""
    wanted = [
        Content.is_visible,
        Content.status.in_(STATUSES[filters.playable]),
        *(getattr(Content, name) == value for name, value in equal_to(filters).items()),
    ]
    if filters.year_from is not None:
        wanted.append(Content.year >= filters.year_from)
    if filters.year_to is not None:
        wanted.append(Content.year <= filters.year_to)
    if filters.player is not None:
        wanted.append(Content.search_players.contains([name_key(filters.player)]))
    return wanted


def equal_to(filters: Filters) -> dict[str, Any]:
    """Return the filters that are set and that require the column of the same name to be equal."""
    return {name: value for name in FILTERS if (value := getattr(filters, name)) is not None}


ListedRow = Row[tuple[Content, str | None, list[str] | None, Pictures]]


def listed_columns() -> Select[tuple[Content, str | None, list[str] | None, Pictures]]:
    """Select the rows of all titles, as `listed_title` takes them."""
    by_rendition = (Content.status == "ready") & (MediaFile.playability != "direct")
    playability = case((by_rendition, "direct"), else_=MediaFile.playability)
    reasons = case((by_rendition, []), else_=MediaFile.playability_reasons)
    return select(Content, playability, reasons, pictures_of_title()).outerjoin(
        MediaFile, MediaFile.id == Content.best_file_id
    )


async def rows_of(
    session: AsyncSession, ids: Sequence[uuid.UUID], filters: Filters | None = None
) -> list[ListedRow]:
    """Return rows of `listed_columns` in the order of `ids`; with `filters`, only the matching ones."""
    wanted = listed_columns().where(Content.id.in_(ids), *(conditions_of(filters) if filters else ()))
    by_id = {row[0].id: row for row in await session.execute(wanted)}
    return [by_id[key] for key in ids if key in by_id]


def listed_title(
    content: Content, playability: str | None, reasons: list[str] | None, pictures: Pictures
) -> Listed:
    """Return a listed title from a row of `listed_columns`."""
    fields = TitleFields.model_validate(content).model_dump()
    return Listed(
        **fields,
        playability=playability,
        reasons=reasons or [],
        poster=poster_of(pictures),
        urls=urls_of(content, set(pictures)),
    )
