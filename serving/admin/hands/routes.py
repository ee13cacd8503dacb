"""`POST /api/admin/contents/{content_id}/hands`: import hands in bulk."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.reads.hands import count_hands
from catalog_models.tables import Content
from catalog_models.writes import audit_log, hands
from orchestration.events import ContentUpdated
from serving.admin.actor import actor_of
from serving.admin.hands.rows import (
    MOST_ROWS,
    HandRow,
    HandsInvalidError,
    NumberedRows,
    check,
    read_csv,
    read_json,
)
from serving.http.errors import CHANGING, FOR_ROLES, ApiError, documented
from serving.kernel.resources import Resources, Shared
from serving.kernel.routes import api_router
from serving.kernel.transaction import Work
from serving.kernel.viewer import Moderator
from serving.titles.content_id import ContentId, ContentNotFoundError

router = api_router("admin")

_CSV_TYPE = "text/csv"

_ROW = {
    "hand_index": 12,
    "start_seconds": 3_723.5,
    "end_seconds": 3_905,
    "is_best": True,
    "category": "bluff",
    "title": "River bluff for the chip lead",
    "players": ["Ann Carver", "Bo Lindqvist"],
    "pot_size": 4_250_000,
}
_CSV = (
    "hand_index,start_seconds,end_seconds,is_best,category,title,players,pot_size\n"
    "12,1:02:03.5,1:05:05,true,bluff,River bluff for the chip lead,Ann Carver;Bo Lindqvist,4250000\n"
)
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "array", "items": HandRow.model_json_schema()},
                "example": [_ROW],
            },
            "text/csv": {"schema": {"type": "string"}, "example": _CSV},
        },
    }
}


class MediaTypeError(ApiError):
    """The request body is neither JSON nor CSV."""

    status = 415
    code = "MEDIA_TYPE_UNKNOWN"
    message = "Send hands as application/json or text/csv."


class Imported(BaseModel):
    """The number of stored hands."""

    model_config = ConfigDict(json_schema_extra={"example": {"stored": 1}})

    stored: int


@router.post(
    "/admin/contents/{content_id}/hands",
    summary="Import hands",
    openapi_extra=_BODY,
    responses=documented(ContentNotFoundError, HandsInvalidError, MediaTypeError, *FOR_ROLES, *CHANGING),
)
async def import_hands(
    request: Request,
    viewer: Moderator,
    content_id: ContentId,
    resources: Shared,
    work: Work,
    replace: bool = False,
) -> Imported:
    """Import the hands of a title from JSON or CSV, at most 20,000 in one request.

    All rows are stored, or none; the error lists the invalid rows. A row replaces the hand with the same
    `hand_index`. With `replace=true`, all other hands of the title are removed.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    # Parsed without a database connection, because tables wait for each other to be parsed.
    table = await resources.in_parser(_read, kind, await request.body())
    duration = await _duration(resources, content_id)
    rows = await resources.in_parser(_checked, table, duration)
    # Locked, because concurrent imports would each count the hands without those of the other.
    if await work.session.get(Content, content_id, with_for_update={"key_share": True}) is None:
        raise ContentNotFoundError
    await work.run(hands.store, content_id, rows, replace=replace)
    if (stored := await work.run(count_hands, content_id)) > MOST_ROWS:
        raise HandsInvalidError(f"the title would have {stored:,} hands; the limit is {MOST_ROWS:,}")
    details = {"count": len(rows), "replace": replace}
    await work.run(
        audit_log.note, actor_of(request, viewer), "hands.imported", ("content", content_id), details
    )
    work.announce(ContentUpdated(content_id))
    return Imported(stored=len(rows))


async def _duration(resources: Resources, content_id: uuid.UUID) -> float | None:
    """Return the duration of a title in seconds. Raises `ContentNotFoundError`."""
    async with AsyncSession(resources.engine) as session:
        content = await session.get(Content, content_id)
    if content is None:
        raise ContentNotFoundError
    return content.duration_seconds


def _checked(table: NumberedRows, duration: float | None) -> list[Mapping[str, Any]]:
    return [row.model_dump() for row in check(table, duration)]


def _read(kind: str, body: bytes) -> NumberedRows:
    if kind == _CSV_TYPE:
        return read_csv(body)
    if kind == "application/json":
        return read_json(body)
    raise MediaTypeError
