"""`/api/admin/contents`: titles for moderators. Their edits survive every ingest."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Annotated, Any
from unicodedata import normalize

from fastapi import Query, Request
from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.reads.content_overrides import edits_of
from catalog_models.tables import Content, ContentOverride, MediaFile
from catalog_models.values import HIDDEN
from orchestration.contracts import READ_TITLE, PathToRead
from serving.admin.actor import actor_of
from serving.admin.errors import TitleEditInvalidError, TitlePlacingInvalidError, as_api_errors
from serving.admin.titles.schemas import (
    AdminTitle,
    AdminTitles,
    AdminTitlesQuery,
    Merge,
    OneAdminTitle,
    Reading,
    Split,
    TitleEdit,
)
from serving.http.errors import CHANGING, FOR_ROLES, RequestInvalidError, documented
from serving.kernel.resources import Session
from serving.kernel.routes import api_router
from serving.kernel.transaction import Transaction, Work
from serving.kernel.viewer import Moderator
from serving.titles.content_id import ContentId, ContentNotFoundError
from tasks.catalogue import edits, merge_split

router = api_router("admin")

_SORTED_BY: dict[str, Any] = {
    "updated": Content.updated_at,
    "title": Content.title,
    "added": Content.created_at,
    "confidence": Content.title_confidence,
}
_CHANGE = documented(ContentNotFoundError, RequestInvalidError, *FOR_ROLES, *CHANGING)
_PLACE = documented(
    ContentNotFoundError, TitlePlacingInvalidError, RequestInvalidError, *FOR_ROLES, *CHANGING
)


@router.get(
    "/admin/contents", summary="List all titles", responses=documented(RequestInvalidError, *FOR_ROLES)
)
async def list_titles(
    _: Moderator, query: Annotated[AdminTitlesQuery, Query()], session: Session
) -> AdminTitles:
    """List all titles, including those that are hidden from viewers."""
    wanted = _conditions(query)
    total = await session.scalar(select(func.count()).select_from(Content).where(*wanted))
    column = _SORTED_BY[query.sort.removeprefix("-")]
    order = column.desc().nulls_last() if query.sort.startswith("-") else column.asc().nulls_last()
    page = select(Content).where(*wanted).order_by(order, Content.title, Content.id)
    rows = (await session.scalars(page.limit(query.limit).offset(query.offset))).all()
    items = await _admin_titles(session, list(rows))
    return AdminTitles(items=items, total=total or 0, limit=query.limit, offset=query.offset)


def _conditions(query: AdminTitlesQuery) -> list[Any]:
    edited = exists().where(ContentOverride.content_id == Content.id)
    conditions: dict[str, Callable[[Any], Any]] = {
        "q": lambda text: Content.title.icontains(normalize("NFC", text), autoescape=True),
        "visible": lambda visible: Content.is_visible == visible,
        "edited": lambda is_edited: edited if is_edited else ~edited,
    }
    wanted = [
        condition(value)
        for name, condition in conditions.items()
        if (value := getattr(query, name)) is not None
    ]
    return wanted if query.status == "all" else [*wanted, Content.status == query.status]


async def _admin_titles(session: AsyncSession, rows: list[Content]) -> list[AdminTitle]:
    ids = [row.id for row in rows]
    edits = await session.run_sync(edits_of, ids)
    counts = await session.execute(
        select(MediaFile.content_id, func.count())
        .where(MediaFile.content_id.in_(ids))
        .group_by(MediaFile.content_id)
    )
    files = {content_id: count for content_id, count in counts.tuples() if content_id is not None}
    return [
        AdminTitle.model_validate(row).model_copy(
            update={
                "files": files.get(row.id, 0),
                "edits": edits.get(row.id, {}),
                "hidden": bool(edits.get(row.id, {}).get(HIDDEN)),
            }
        )
        for row in rows
    ]


@router.patch(
    "/admin/contents/{content_id}",
    summary="Edit a title",
    responses=_CHANGE | documented(TitleEditInvalidError, RequestInvalidError),
)
async def edit_title(
    request: Request, viewer: Moderator, content_id: ContentId, edit: TitleEdit, work: Work
) -> OneAdminTitle:
    """Set fields of a title, hide or show it, or undo edits so that the rules apply again."""
    actor = actor_of(request, viewer)
    values = edit.model_dump(include=edit.model_fields_set - {"is_visible", "undo"})
    with as_api_errors():
        if values or edit.undo or edit.is_visible is None:
            work.announce(*(await work.run(edits.edit_title, content_id, values, edit.undo, actor)).events)
        if edit.is_visible is not None:
            turn = edits.show_title if edit.is_visible else edits.hide_title
            work.announce(*(await work.run(turn, content_id, actor)).events)
    return await _read_one(work, content_id)


@router.post("/admin/contents/{content_id}/confirm", summary="Confirm a title", responses=_CHANGE)
async def confirm_title(
    request: Request, viewer: Moderator, content_id: ContentId, work: Work
) -> OneAdminTitle:
    """Confirm the name of an unsure title. It leaves the review list, and no rule renames it any more."""
    with as_api_errors():
        settled = await work.run(edits.confirm_title, content_id, actor_of(request, viewer))
    work.announce(*settled.events)
    return await _read_one(work, content_id)


@router.post("/admin/contents/{content_id}/merge", summary="Merge titles", responses=_PLACE)
async def merge_titles(
    request: Request, viewer: Moderator, content_id: ContentId, merge: Merge, work: Work
) -> OneAdminTitle:
    """Merge other titles into this one, with their files, views and watch progress."""
    with as_api_errors():
        settled = await work.run(
            merge_split.merge_titles, content_id, merge.others, actor_of(request, viewer)
        )
    work.announce(*settled.events)
    return await _read_one(work, content_id)


@router.post(
    "/admin/contents/{content_id}/split",
    status_code=201,
    summary="Split a title",
    responses=_PLACE,
)
async def split_title(
    request: Request, viewer: Moderator, content_id: ContentId, split: Split, work: Work
) -> OneAdminTitle:
    """Split files off into a new title, and return it."""
    with as_api_errors():
        settled = await work.run(
            merge_split.split_title, content_id, split.file_ids, actor_of(request, viewer)
        )
    work.announce(*settled.events)
    return await _read_one(work, settled.content_id)


async def _read_one(work: Transaction, content_id: uuid.UUID) -> OneAdminTitle:
    row = await work.session.get_one(Content, content_id, populate_existing=True)
    (shown,) = await _admin_titles(work.session, [row])
    return OneAdminTitle(**shown.model_dump())


@router.get(
    "/admin/contents/{content_id}/reading",
    summary="Get the reading of a title",
    responses=documented(ContentNotFoundError, *FOR_ROLES),
)
async def get_reading(request: Request, _: Moderator, content_id: ContentId, session: Session) -> Reading:
    """Return the fields that the rules read from the path of the best file, without edits."""
    content = await session.get(Content, content_id)
    if content is None or content.file_path is None:
        raise ContentNotFoundError
    read = await request.state.registry.ask(READ_TITLE, PathToRead(content.file_path))
    return Reading(path=content.file_path, fields=dict(read.fields))
