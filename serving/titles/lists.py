"""Lists of titles: the form of a title in lists and searches, and its query."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from pydantic import Field
from pydantic.config import JsonDict
from sqlalchemy import Row, Select, case, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import Content, MediaFile
from serving.titles.closed_sets import PlayabilityReason, PlayabilityVerdict
from serving.titles.filters import Filters, conditions_of
from serving.titles.pictures import EXAMPLE_POSTER, Pictures, Poster, pictures_of_title, poster_of
from serving.titles.title import EXAMPLE, TitleFields, Urls, urls_of
from serving.titles.viewing import EXAMPLE_VIEWED, Viewed


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
    EXAMPLE | EXAMPLE_VIEWED | {"playability": "direct", "reasons": [], "poster": EXAMPLE_POSTER}
)


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
