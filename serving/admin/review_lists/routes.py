"""What waits for a person: unsure titles, missing files, files in quarantine, dead letters; retry and forget."""

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


@router.get("/admin/reviews", summary="UncertainTitle titles", responses=_LIST)
async def list_reviews(_: Moderator, page: Page, session: Session) -> Reviews:
    """Titles that somebody should look at: confirm them, or edit them."""
    return Reviews(**dataclasses.asdict(await session.run_sync(list_uncertain, page.limit, page.offset)))


@router.get("/admin/quarantine", summary="Files in quarantine", responses=_LIST)
async def get_quarantine(_: Moderator, page: Page, session: Session) -> Quarantine:
    """Files that the quality gate keeps out."""
    return Quarantine(**dataclasses.asdict(await session.run_sync(list_quarantined, page.limit, page.offset)))


@router.get("/admin/failures", summary="Dead letters", responses=_LIST)
async def get_failures(_: Moderator, page: Page, session: Session) -> Failures:
    """Files that a stage gave up on."""
    return Failures(**dataclasses.asdict(await session.run_sync(list_failures, page.limit, page.offset)))


@router.get("/admin/missing", summary="Missing files", responses=_LIST)
async def get_missing(_: Moderator, page: Page, session: Session) -> Missing:
    """Files that are known, but were not in the archive at the last scan, except those that were forgotten."""
    return Missing(**dataclasses.asdict(await session.run_sync(list_missing, page.limit, page.offset)))


@router.get("/admin/missing/folders", summary="Missing files, by folder", responses=_LIST)
async def get_missing_folders(_: Moderator, page: Page, session: Session) -> MissingFolders:
    """The same files with folders summed up: a folder that is missing as a whole, or for the most part, is one row."""
    rows = await session.run_sync(list_problem, Problem.MISSING)
    items_page = rows[page.offset : page.offset + page.limit]
    items = [dataclasses.asdict(row) for row in items_page]
    return MissingFolders.model_validate(
        {"items": items, "total": len(rows), "limit": page.limit, "offset": page.offset}
    )


@router.post("/admin/missing/forget", summary="Forget missing files", responses=_FORGET)
async def forget_missing(request: Request, viewer: Admin, forget: ForgetMissing, work: Work) -> Forgotten:
    """Files that were deleted on purpose leave the lists, the counts and the alerts. A file that comes back is shown
    again with its title, edits, hands and progress."""
    actor = actor_of(request, viewer)
    named = [Named(path, [path.rstrip("/").encode()]) for path in forget.paths]
    with as_api_errors():
        files = len(await work.run(forget_files, forget.file_ids, actor)) if forget.file_ids else 0
        found = await work.run(forget_paths, named, actor) if named else None
    return Forgotten(files=files + (sum(path.files for path in found.paths) if found else 0))


@router.post("/admin/failures/retry", summary="Try dead letters again", responses=_RETRY)
async def retry_failures(request: Request, viewer: Moderator, retry: RetryFailures, work: Work) -> Due:
    """The next ingest tries again; `POST /api/admin/runs/ingest-archive` starts one."""
    files = await work.run(stage_failures.retry, retry.ids)
    await work.run(file_alerts.settle)
    await _note(work, request, viewer, "failures.retried", files)
    return Due(file_ids=files)


@router.post("/admin/quarantine/retry", summary="Judge quarantined files again", responses=_RETRY)
async def retry_quarantined(request: Request, viewer: Moderator, retry: RetryQuarantined, work: Work) -> Due:
    """The next ingest opens and judges them again."""
    files = await work.run(quality_results.retry_quarantined, retry.file_ids, accept=retry.accept)
    await _note(work, request, viewer, "quarantine.accepted" if retry.accept else "quarantine.retried", files)
    return Due(file_ids=files)


async def _note(work: Work, request: Request, viewer: Moderator, action: str, files: list[uuid.UUID]) -> None:
    for file_id in files:
        await work.run(audit_log.note, actor_of(request, viewer), action, ("file", file_id))
