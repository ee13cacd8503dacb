"""Review lists: unsure titles, quarantined files, dead letters and missing files, with their actions."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Annotated

from fastapi import Query, Request

from catalog_models.reads.problem_files import Problem, list_problem
from catalog_models.reads.review_lists import list_failures, list_missing, list_quarantined, list_uncertain
from catalog_models.writes import audit_log, file_alerts, quality_results, stage_failures
from serving.admin.actor import actor_of
from serving.admin.errors import FilePresentError, MissingFileNotFoundError, as_api_errors
from serving.admin.review_lists.schemas import (
    Due,
    Failures,
    ForgetMissing,
    Forgotten,
    Missing,
    MissingFolders,
    PageQuery,
    Quarantine,
    RetryFailures,
    RetryQuarantined,
    Reviews,
)
from serving.http.errors import CHANGING, FOR_ROLES, RequestInvalidError, documented
from serving.kernel.resources import Session
from serving.kernel.routes import api_router
from serving.kernel.transaction import Work
from serving.kernel.viewer import Admin, Moderator
from tasks.catalogue.missing_files import Named, forget_files, forget_paths

router = api_router("admin")

_LIST = documented(RequestInvalidError, *FOR_ROLES)
_FORGET = documented(RequestInvalidError, MissingFileNotFoundError, FilePresentError, *FOR_ROLES, *CHANGING)
_RETRY = documented(RequestInvalidError, *FOR_ROLES, *CHANGING)


Page = Annotated[PageQuery, Query()]


@router.get("/admin/reviews", summary="List unsure titles", responses=_LIST)
async def list_reviews(_: Moderator, page: Page, session: Session) -> Reviews:
    """List titles that the rules are unsure about. Confirm or edit each of them."""
    return Reviews(**dataclasses.asdict(await session.run_sync(list_uncertain, page.limit, page.offset)))


@router.get("/admin/quarantine", summary="List quarantined files", responses=_LIST)
async def get_quarantine(_: Moderator, page: Page, session: Session) -> Quarantine:
    """List the files that the quality gate keeps out of the catalogue."""
    return Quarantine(**dataclasses.asdict(await session.run_sync(list_quarantined, page.limit, page.offset)))


@router.get("/admin/failures", summary="List dead letters", responses=_LIST)
async def get_failures(_: Moderator, page: Page, session: Session) -> Failures:
    """List the files that a stage of the ingest gave up on."""
    return Failures(**dataclasses.asdict(await session.run_sync(list_failures, page.limit, page.offset)))


@router.get("/admin/missing", summary="List missing files", responses=_LIST)
async def get_missing(_: Moderator, page: Page, session: Session) -> Missing:
    """List known files that were missing from the archive at the last scan, except forgotten ones."""
    return Missing(**dataclasses.asdict(await session.run_sync(list_missing, page.limit, page.offset)))


@router.get("/admin/missing/folders", summary="List missing files by folder", responses=_LIST)
async def get_missing_folders(_: Moderator, page: Page, session: Session) -> MissingFolders:
    """List missing files grouped by folder. A folder that is missing entirely or mostly is one row."""
    rows = await session.run_sync(list_problem, Problem.MISSING)
    items_page = rows[page.offset : page.offset + page.limit]
    items = [dataclasses.asdict(row) for row in items_page]
    return MissingFolders.model_validate(
        {"items": items, "total": len(rows), "limit": page.limit, "offset": page.offset}
    )


@router.post("/admin/missing/forget", summary="Forget missing files", responses=_FORGET)
async def forget_missing(request: Request, viewer: Admin, forget: ForgetMissing, work: Work) -> Forgotten:
    """Forget missing files that were deleted on purpose. They are removed from lists, counts and alerts.

    If a file returns, it is shown again with its title, edits, hands and watch progress.
    """
    actor = actor_of(request, viewer)
    named = [Named(path, [path.rstrip("/").encode()]) for path in forget.paths]
    with as_api_errors():
        files = len(await work.run(forget_files, forget.file_ids, actor)) if forget.file_ids else 0
        found = await work.run(forget_paths, named, actor) if named else None
    return Forgotten(files=files + (sum(path.files for path in found.paths) if found else 0))


@router.post("/admin/failures/retry", summary="Retry dead letters", responses=_RETRY)
async def retry_failures(request: Request, viewer: Moderator, retry: RetryFailures, work: Work) -> Due:
    """Retry dead letters in the next ingest. `POST /api/admin/runs/ingest-archive` starts one."""
    files = await work.run(stage_failures.retry, retry.ids)
    await work.run(file_alerts.settle)
    await _note(work, request, viewer, "failures.retried", files)
    return Due(file_ids=files)


@router.post("/admin/quarantine/retry", summary="Retry quarantined files", responses=_RETRY)
async def retry_quarantined(request: Request, viewer: Moderator, retry: RetryQuarantined, work: Work) -> Due:
    """Check quarantined files again in the next ingest. With `accept`, the current content is accepted."""
    files = await work.run(quality_results.retry_quarantined, retry.file_ids, accept=retry.accept)
    await _note(work, request, viewer, "quarantine.accepted" if retry.accept else "quarantine.retried", files)
    return Due(file_ids=files)


async def _note(work: Work, request: Request, viewer: Moderator, action: str, files: list[uuid.UUID]) -> None:
    for file_id in files:
        await work.run(audit_log.note, actor_of(request, viewer), action, ("file", file_id))
