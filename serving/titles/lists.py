"""Lists of titles: the filters that select titles, and a title as lists and searches show it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from sqlalchemy import Row, Select, SQLColumnExpression, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.search.text import name_key
from catalog_models.tables import FILTERS, Content, MediaFile, Thumbnail
from serving.http.fields import QueryInt
from serving.titles.title import TitleFields, Urls, urls_of, words_of

# PostgreSQL's text holds no NUL, and no title is longer.
Text = Annotated[str, Field(pattern=r"^[^\x00]+$", max_length=300)]

Year = Annotated[QueryInt, Field(ge=0, le=9999)]

STATUSES = {"true": ["ready"], "false": ["preparing"], "all": ["ready", "preparing"]}
"""By `Filters.playable`."""


class Filters(BaseModel):
    """Which titles."""

    playable: Literal["true", "false", "all"] = Field(
        default="true", description="`true`: what plays; `false`: what is being prepared; `all`: both"
    )
    brand: Text | None = Field(default=None, description=words_of("brand"), examples=["WSOP"])
    region: Text | None = Field(default=None, description=words_of("region"), examples=["europe"])
    year: Year | None = Field(default=None, examples=[2024])
    year_from: Year | None = Field(default=None, description="this year or a later one")
    year_to: Year | None = Field(default=None, description="this year or an earlier one")
    event_type: Text | None = Field(default=None, description=words_of("event_type"), examples=["main_event"])
    game: Text | None = Field(
        default=None, description="as the facets of a search name it", examples=["NLHE"]
    )
    stage: Text | None = Field(default=None, description=words_of("stage"), examples=["final_table"])
    content_type: Text | None = Field(
        default=None, description=words_of("content_type"), examples=["episode"]
    )
    quality: Literal["sd", "hd", "4k"] | None = Field(
        default=None,
        description="of the picture: `hd` from 720 lines or 1280 columns, `4k` from 2160 lines or 3840 columns",
    )
    series_id: uuid.UUID | None = Field(default=None, description="as `/api/series` has it")
    player: Text | None = Field(
        default=None,
        description="a name of one of the title's players, or one or more words of it, whatever its case and accents; who "
        "plays a hand in it, `/api/contents/{content_id}/hands` tells",
        examples=["Hellmuth"],
    )


class Listed(TitleFields):
    """A title in a list."""

    playability: str | None = Field(description="of the file that plays, or would")
    reasons: list[str] = Field(description="why it does not play as it is", examples=[["video_codec:prores"]])
    urls: Urls


def chosen(filters: Filters) -> list[SQLColumnExpression[bool]]:
    """Return the conditions on `contents` of the filters; invisible titles are never selected."""
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
    """Return the filters that are set and that are equal to a column of the same name."""
    return {name: value for name in FILTERS if (value := getattr(filters, name)) is not None}


ListedRow = Row[tuple[Content, str | None, list[str] | None, list[str]]]


def listed_columns() -> Select[tuple[Content, str | None, list[str] | None, list[str]]]:
    """Select the rows that `listed` takes, of all titles."""
    pictures = (
        select(func.coalesce(func.array_agg(Thumbnail.kind), []))
        .where(Thumbnail.media_file_id == Content.best_file_id)
        .correlate(Content)
        .scalar_subquery()
    )
    by_rendition = (Content.status == "ready") & (MediaFile.playability != "direct")
    playability = case((by_rendition, "direct"), else_=MediaFile.playability)
    reasons = case((by_rendition, []), else_=MediaFile.playability_reasons)
    return select(Content, playability, reasons, pictures).outerjoin(
        MediaFile, MediaFile.id == Content.best_file_id
    )


async def rows_of(
    session: AsyncSession, ids: Sequence[uuid.UUID], filters: Filters | None = None
) -> list[ListedRow]:
    """Return rows of `listed_columns` in the order of these ids; with `filters`, only those that they
    select."""
    wanted = listed_columns().where(Content.id.in_(ids), *(chosen(filters) if filters else ()))
    by_id = {row[0].id: row for row in await session.execute(wanted)}
    return [by_id[key] for key in ids if key in by_id]


def listed(
    content: Content, playability: str | None, reasons: list[str] | None, pictures: list[str]
) -> Listed:
    """Return a title of a list, from a row of `listed_columns`."""
    fields = TitleFields.model_validate(content).model_dump()
    return Listed(
        **fields, playability=playability, reasons=reasons or [], urls=urls_of(content, set(pictures))
    )
