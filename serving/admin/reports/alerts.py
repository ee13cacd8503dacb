"""`GET /api/admin/alerts`: open and resolved alerts."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from sqlalchemy import func, select

from catalog_models.tables import Alert
from serving.http.errors import FOR_ROLES, RequestInvalidError, documented
from serving.http.fields import QueryInt
from serving.kernel.resources import Session
from serving.kernel.routes import api_router
from serving.kernel.viewer import Moderator

router = api_router("admin")


class AlertsQuery(BaseModel):
    """Filters and paging for alerts."""

    state: Literal["open", "all"] = Field(default="open", description="`open`: only unresolved alerts.")
    limit: QueryInt = Field(default=50, ge=0, le=500)
    offset: QueryInt = Field(default=0, ge=0, le=1_000_000_000)


class OneAlert(BaseModel):
    """An alert about a problem that lasts, or lasted until `resolved_at`."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    kind: Literal[
        "block_down",
        "error_rate",
        "ssd_full",
        "flow_failed",
        "damage",
        "missing_files",
        "quarantined_files",
        "failed_files",
    ]
    subject: str = Field(description="The block, process, folder, flow, file or root that has the problem.")
    message: str
    raised_at: dt.datetime
    resolved_at: dt.datetime | None


EXAMPLE_ALERT: JsonDict = {
    "id": "0f2b9a54-6f0a-4b7e-8a55-0d4a3c1b2e10",
    "kind": "flow_failed",
    "subject": "ingest-archive",
    "message": "the last run of ingest-archive failed: /nas/archive is missing",
    "raised_at": "2026-03-02T03:05:00Z",
    "resolved_at": None,
}


class Alerts(BaseModel):
    """A page of alerts, the latest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [EXAMPLE_ALERT],
                "total": 1,
                "limit": 50,
                "offset": 0,
            }
        }
    )

    items: list[OneAlert]
    total: int
    limit: int
    offset: int


@router.get("/admin/alerts", summary="List alerts", responses=documented(RequestInvalidError, *FOR_ROLES))
async def list_alerts(_: Moderator, query: Annotated[AlertsQuery, Query()], session: Session) -> Alerts:
    """List alerts, the latest first.

    Every half minute, the service checks for blocks that are down, more than 5 % server errors, an SSD that
    is more than 90 % full, flows whose last run failed, and damaged files. Missing, quarantined and failed
    files are checked when an ingest ends, and when files are forgotten, accepted or retried. Alerts are also
    logged and sent to `WSOPTV_ALERT_WEBHOOK`.
    """
    wanted = [Alert.resolved_at.is_(None)] if query.state == "open" else []
    total = await session.scalar(select(func.count()).select_from(Alert).where(*wanted))
    rows = select(Alert).where(*wanted).order_by(Alert.raised_at.desc(), Alert.id)
    found = await session.scalars(rows.limit(query.limit).offset(query.offset))
    items = [OneAlert.model_validate(row) for row in found]
    return Alerts(items=items, total=total or 0, limit=query.limit, offset=query.offset)
