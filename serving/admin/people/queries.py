"""Queries of accounts."""

from __future__ import annotations

import uuid
from typing import Any
from unicodedata import normalize

from sqlalchemy import case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import Content, LoginSession, PlaybackSession, User
from serving.admin.people.schemas import OnePerson, People, PeopleQuery, Person, SignIn, Stream
from serving.http.errors import ApiError

_STATUS = case((~User.is_active, "deactivated"), (User.approved_at.is_(None), "pending"), else_="active")
_COLUMNS = (
    User.id,
    User.email,
    User.username,
    User.role,
    _STATUS.label("status"),
    User.subscription_status,
    User.created_at,
    User.last_login_at,
)
_SORTED_BY: dict[str, Any] = {
    "username": func.lower(User.username),
    "created": User.created_at,
    "last_login": User.last_login_at,
}


class PersonNotFoundError(ApiError):
    """No account has this id."""

    status = 404
    code = "USER_NOT_FOUND"
    message = "No account has this id: GET /api/admin/users lists all accounts."


async def list_people(session: AsyncSession, query: PeopleQuery) -> People:
    """Return a page of accounts."""
    wanted: list[Any] = []
    if query.q is not None:
        part = normalize("NFC", query.q)
        wanted.append(
            or_(User.email.icontains(part, autoescape=True), User.username.icontains(part, autoescape=True))
        )
    if query.role is not None:
        wanted.append(User.role == query.role)
    if query.status is not None:
        wanted.append(query.status == _STATUS)
    total = await session.scalar(select(func.count()).select_from(User).where(*wanted))
    column = _SORTED_BY[query.sort.removeprefix("-")]
    order = column.desc().nulls_last() if query.sort.startswith("-") else column.asc()
    page = select(*_COLUMNS).where(*wanted).order_by(order, User.id).limit(query.limit).offset(query.offset)
    items = [Person.model_validate(row) for row in await session.execute(page)]
    return People(items=items, total=total or 0, limit=query.limit, offset=query.offset)


async def read_person(session: AsyncSession, user_id: uuid.UUID) -> OnePerson:
    """Return an account with its open sign-ins and playback sessions. Raises `PersonNotFoundError`."""
    row = (await session.execute(select(*_COLUMNS).where(User.id == user_id))).one_or_none()
    if row is None:
        raise PersonNotFoundError
    sign_ins = await session.scalars(
        select(LoginSession)
        .where(
            LoginSession.user_id == user_id,
            LoginSession.ended_at.is_(None),
            LoginSession.expires_at > func.now(),
        )
        .order_by(LoginSession.used_at.desc())
    )
    return OnePerson.model_validate(row).model_copy(
        update={
            "sign_ins": [SignIn.model_validate(sign_in) for sign_in in sign_ins],
            "streams": await _streams(session, user_id),
        }
    )


async def _streams(session: AsyncSession, user_id: uuid.UUID) -> list[Stream]:
    rows = await session.execute(
        select(
            PlaybackSession.id,
            PlaybackSession.content_id,
            Content.title,
            PlaybackSession.device,
            PlaybackSession.started_at,
        )
        .join(Content, Content.id == PlaybackSession.content_id)
        .where(PlaybackSession.user_id == user_id, PlaybackSession.ended_at.is_(None))
        .order_by(PlaybackSession.ticket)
    )
    return [
        Stream(playback_id=key, content_id=content_id, title=title, device=device, started_at=started)
        for key, content_id, title, device, started in rows.tuples()
    ]
