"""What lists and searches share: the filters that choose titles, and a title as a list shows it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Annotated, Literal
from unicodedata import normalize

from pydantic import BaseModel, Field
from sqlalchemy import Row, Select, SQLColumnExpression, exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.catalogue import FILTERS
from catalog_models.search_text import tokens
from catalog_models.tables import Content, MediaFile, Thumbnail
from serving.programme import Programme, Urls, urls_of

# PostgreSQL's text holds no NUL, and no title is longer.
Text = Annotated[str, Field(pattern=r"^[^\x00]+$", max_length=300)]

STATUSES = {"true": ["ready"], "false": ["preparing"], "all": ["ready", "preparing"]}
"""By `Filters.playable`."""

EQUAL = FILTERS
"""The filters that a column of the same name has to equal."""


class Filters(BaseModel):
    """Which titles."""

    playable: Literal["true", "false", "all"] = Field(
        default="true", description="`true`: what plays; `false`: what is being prepared; `all`: both"
    )
    brand: Text | None = Field(default=None, examples=["WSOP"])
    region: Text | None = Field(default=None, examples=["europe"])
    year: int | None = Field(default=None, ge=0, le=9999, examples=[2024])
    event_type: Text | None = Field(default=None, examples=["main_event"])
    game: Text | None = Field(default=None, examples=["NLHE"])
    stage: Text | None = Field(default=None, examples=["final_table"])
    content_type: Text | None = Field(default=None, examples=["episode"])
    quality: Literal["sd", "hd", "4k"] | None = None
    series_id: uuid.UUID | None = None
    player: Text | None = Field(
        default=None, description="a player's name or a part of it, in either case", examples=["Hellmuth"]
    )


class Listed(Programme):
    """A title in a list."""

    playability: str | None = Field(description="of the file that plays, or would")
    reasons: list[str] = Field(description="why it does not play as it is", examples=[["video_codec:prores"]])
    urls: Urls


def chosen(filters: Filters) -> list[SQLColumnExpression[bool]]:
    """The conditions on `contents` that the filters set; what is not visible is never chosen."""
    asked = {name: value for name in EQUAL if (value := getattr(filters, name)) is not None}
    return [
        Content.is_visible,
        Content.status.in_(STATUSES[filters.playable]),
        *(getattr(Content, name) == value for name, value in asked.items()),
        *([] if filters.player is None else _with_player(filters.player)),
    ]


def _with_player(name: str) -> list[SQLColumnExpression[bool]]:
    """Titles with this player. By the index of words first: a list of names has none."""
    words = func.plainto_tsquery(text("'simple'"), " ".join(tokens(name)))
    names = func.unnest(Content.players).table_valued("name").render_derived()
    found = (
        select(1).select_from(names).where(names.c.name.icontains(normalize("NFC", name), autoescape=True))
    )
    return [Content.search_vector.op("@@")(words), exists(found)]


ListedRow = Row[tuple[Content, str | None, list[str] | None, list[str]]]


def listed_columns() -> Select[tuple[Content, str | None, list[str] | None, list[str]]]:
    """The rows that `listed` takes, of all titles."""
    pictures = (
        select(func.coalesce(func.array_agg(Thumbnail.kind), []))
        .where(Thumbnail.media_file_id == Content.best_file_id)
        .correlate(Content)
        .scalar_subquery()
    )
    return select(Content, MediaFile.playability, MediaFile.playability_reasons, pictures).outerjoin(
        MediaFile, MediaFile.id == Content.best_file_id
    )


async def rows_of(
    session: AsyncSession, ids: Sequence[uuid.UUID], filters: Filters | None = None
) -> list[ListedRow]:
    """Rows of `listed_columns` in the order of these ids; with `filters`, of those that they choose."""
    wanted = listed_columns().where(Content.id.in_(ids), *(chosen(filters) if filters else ()))
    by_id = {row[0].id: row for row in await session.execute(wanted)}
    return [by_id[key] for key in ids if key in by_id]


def listed(
    content: Content, playability: str | None, reasons: list[str] | None, pictures: list[str]
) -> Listed:
    """A row of `listed_columns` as it is shown."""
    fields = Programme.model_validate(content).model_dump()
    return Listed(
        **fields, playability=playability, reasons=reasons or [], urls=urls_of(content, set(pictures))
    )
