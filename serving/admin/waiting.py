"""What waits for somebody: unsure titles, files in quarantine, dead letters; and trying again."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Annotated

from fastapi import Query, Request

from catalog_models.attention import list_failures, list_quarantined, list_unsure
from catalog_models.writes import audit_log, media_files, stage_failures
from serving.admin.actor import actor_of
from serving.admin.waiting_schemas import (
    Due,
    Failures,
    PageAsked,
    Quarantine,
    RetryFailures,
    RetryQuarantined,
    Reviews,
)
from serving.http.errors import CHANGING, FOR_ROLES, RequestInvalidError, documented
from serving.kernel.resources import Session
from serving.kernel.routes import api_router
from serving.kernel.transaction import Work
from serving.kernel.viewer import Moderator

router = api_router("admin")

_LIST = documented(RequestInvalidError, *FOR_ROLES)
_RETRY = documented(RequestInvalidError, *FOR_ROLES, *CHANGING)


Asked = Annotated[PageAsked, Query()]


@router.head("/admin/reviews", include_in_schema=False)
@router.get("/admin/reviews", summary="Unsure titles", responses=_LIST)
async def list_reviews(_: Moderator, asked: Asked, session: Session) -> Reviews:
    """Titles that somebody should look at: confirm them, or edit them."""
    return Reviews(**dataclasses.asdict(await session.run_sync(list_unsure, asked.limit, asked.offset)))


@router.head("/admin/quarantine", include_in_schema=False)
@router.get("/admin/quarantine", summary="Files in quarantine", responses=_LIST)
async def get_quarantine(_: Moderator, asked: Asked, session: Session) -> Quarantine:
    """Files that the quality gate keeps out."""
    return Quarantine(
        **dataclasses.asdict(await session.run_sync(list_quarantined, asked.limit, asked.offset))
    )


@router.head("/admin/failures", include_in_schema=False)
@router.get("/admin/failures", summary="Dead letters", responses=_LIST)
async def get_failures(_: Moderator, asked: Asked, session: Session) -> Failures:
    """Files that a stage gave up on."""
    return Failures(**dataclasses.asdict(await session.run_sync(list_failures, asked.limit, asked.offset)))


@router.post("/admin/failures/retry", summary="Try dead letters again", responses=_RETRY)
async def retry_failures(request: Request, viewer: Moderator, retry: RetryFailures, work: Work) -> Due:
    """The next ingest tries again; `POST /api/admin/runs/ingest-archive` starts one."""
    files = await work.run(stage_failures.retry, retry.ids)
    await _note(work, request, viewer, "failures.retried", files)
    return Due(file_ids=files)


@router.post("/admin/quarantine/retry", summary="Judge quarantined files again", responses=_RETRY)
async def retry_quarantined(request: Request, viewer: Moderator, retry: RetryQuarantined, work: Work) -> Due:
    """The next ingest opens and judges them anew."""
    files = await work.run(media_files.retry_quarantined, retry.file_ids, accept=retry.accept)
    await _note(work, request, viewer, "quarantine.accepted" if retry.accept else "quarantine.retried", files)
    return Due(file_ids=files)


async def _note(work: Work, request: Request, viewer: Moderator, action: str, files: list[uuid.UUID]) -> None:
    for file_id in files:
        await work.run(audit_log.note, actor_of(request, viewer), action, ("file", file_id))
