"""`GET /api/admin/audit`: the audit log."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select

from catalog_models.tables import AuditEntry
from serving.http.errors import FOR_ROLES, RequestInvalidError, documented
from serving.http.fields import QueryInt
from serving.kernel.resources import Session
from serving.kernel.routes import api_router
from serving.kernel.viewer import Admin
from serving.titles.filters import Text

router = api_router("admin")


class AuditQuery(BaseModel):
    """Filters and paging for the audit log."""

    actor: Text | None = Field(default=None, description="The name of the actor, as in the entries.")
    action: Text | None = Field(default=None, examples=["user.changed"])
    target_kind: Text | None = Field(default=None, examples=["content"])
    target_id: Text | None = None
    limit: QueryInt = Field(default=50, ge=0, le=500)
    offset: QueryInt = Field(default=0, ge=0, le=1_000_000_000)


class Entry(BaseModel):
    """An entry of the audit log: the actor, the action, its target and details, the time and the address."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    at: dt.datetime
    actor: str
    actor_id: uuid.UUID | None
    action: str
    target_kind: str
    target_id: str | None
    details: dict[str, Any]
    address: str | None


class Entries(BaseModel):
    """A page of the audit log, the latest entry first."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [
                    {
                        "id": 412,
                        "at": "2026-03-02T20:15:00Z",
                        "actor": "ann",
                        "actor_id": "3b8f1f6e-5a44-4b8e-9d2a-0c8f7b1f2e90",
                        "action": "content.edited",
                        "target_kind": "content",
                        "target_id": "5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11",
                        "details": {"edits": {"year": 2024}, "undo": []},
                        "address": "203.0.113.7",
                    }
                ],
                "total": 1,
                "limit": 50,
                "offset": 0,
            }
        }
    )

    items: list[Entry]
    total: int
    limit: int
    offset: int


@router.get(
    "/admin/audit", summary="List the audit log", responses=documented(RequestInvalidError, *FOR_ROLES)
)
async def get_audit(_: Admin, query: Annotated[AuditQuery, Query()], session: Session) -> Entries:
    """List the changes made by moderators, admins and the command line."""
    wanted = [
        getattr(AuditEntry, name) == value
        for name in ("actor", "action", "target_kind", "target_id")
        if (value := getattr(query, name)) is not None
    ]
    total = await session.scalar(select(func.count()).select_from(AuditEntry).where(*wanted))
    page = select(AuditEntry).where(*wanted).order_by(AuditEntry.id.desc())
    rows = await session.scalars(page.limit(query.limit).offset(query.offset))
    items = [Entry.model_validate(row) for row in rows]
    return Entries(items=items, total=total or 0, limit=query.limit, offset=query.offset)
