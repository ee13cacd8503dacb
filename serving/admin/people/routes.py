"""`/api/admin/users`: accounts, for admins. The last active admin cannot be demoted or removed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import Query, Request, Response

from catalog_models.accounts import check_password, check_username
from catalog_models.tables import User
from catalog_models.writes import audit_log, users
from orchestration.contracts import (
    HASH_PASSWORD,
    NOTE_CHANGE,
    RELEASE,
    REVOKE,
    PasswordToHash,
    PersonChanged,
    Release,
    Revocation,
)
from orchestration.events import UserCreated
from serving.admin.actor import actor_of
from serving.admin.people.queries import PersonNotFoundError, list_people, read_person
from serving.admin.people.schemas import (
    Ended,
    NewPassword,
    NewPerson,
    OnePerson,
    People,
    PeopleQuery,
    PersonChanges,
)
from serving.http.errors import CHANGING, FOR_ROLES, ApiError, RequestInvalidError, documented
from serving.kernel.account_errors import AccountTakenError, account_errors
from serving.kernel.resources import Session
from serving.kernel.routes import api_router
from serving.kernel.transaction import Begin, Transaction, Work
from serving.kernel.viewer import Admin
from tasks import accounts
from tasks.accounts import NewAccount, check_names

router = api_router("admin")


class LastAdminError(ApiError):
    """The account is the last active admin."""

    status = 409
    code = "LAST_ADMIN"
    message = "This is the last active admin: make another account an admin first."


_CHANGE = documented(
    PersonNotFoundError, LastAdminError, AccountTakenError, RequestInvalidError, *FOR_ROLES, *CHANGING
)


@contextmanager
def _as_api_errors() -> Iterator[None]:
    try:
        with account_errors():
            yield
    except users.LastAdminError:
        raise LastAdminError from None


@router.get("/admin/users", summary="List accounts", responses=documented(RequestInvalidError, *FOR_ROLES))
async def get_people(_: Admin, query: Annotated[PeopleQuery, Query()], session: Session) -> People:
    """List accounts. Registrations that wait for approval have `status=pending`."""
    return await list_people(session, query)


@router.get(
    "/admin/users/{user_id}",
    summary="Get an account",
    responses=documented(PersonNotFoundError, RequestInvalidError, *FOR_ROLES),
)
async def get_person(_: Admin, user_id: uuid.UUID, session: Session) -> OnePerson:
    """Return an account with its open sign-ins and playback sessions."""
    return await read_person(session, user_id)


@router.post("/admin/users", status_code=201, summary="Create an account", responses=_CHANGE)
async def add_person(request: Request, viewer: Admin, person: NewPerson, work: Work) -> OnePerson:
    """Create an account that can sign in at once."""
    with _as_api_errors():
        names = check_names(person.email, person.username)
        new = NewAccount(*names, await _hash(request, person.password), person.role)
        user_id = await work.run(accounts.create_account, new, actor_of(request, viewer))
    work.announce(UserCreated(user_id))
    return await read_person(work.session, user_id)


@router.patch("/admin/users/{user_id}", summary="Update an account", responses=_CHANGE)
async def change_person(
    request: Request, viewer: Admin, user_id: uuid.UUID, changes: PersonChanges, begin: Begin
) -> OnePerson:
    """Change the role, status, name or subscription of an account.

    A new role applies from the next request on. Deactivating an account signs it out and ends its playback.
    """
    async with begin() as work:
        await _require(work, user_id)
        with _as_api_errors():
            await _apply(work, user_id, changes)
        await _note(work, request, viewer, "user.changed", user_id, **changes.model_dump(exclude_none=True))
        person = await read_person(work.session, user_id)
    await request.state.registry.ask(NOTE_CHANGE, PersonChanged(user_id))
    if changes.status == "deactivated":
        await _sign_out(request, user_id, "deactivated")
        return person.model_copy(update={"sign_ins": [], "streams": []})
    return person


async def _apply(work: Transaction, user_id: uuid.UUID, changes: PersonChanges) -> None:
    if changes.username is not None:
        await work.run(users.rename, user_id, check_username(changes.username))
    if columns := _columns(changes):
        await work.run(users.change, user_id, columns)
    if changes.status == "active":
        await work.run(users.approve, user_id)


def _columns(changes: PersonChanges) -> dict[str, Any]:
    wanted = {
        "role": changes.role,
        "subscription_status": changes.subscription_status,
        "is_active": None if changes.status is None else changes.status == "active",
    }
    return {name: value for name, value in wanted.items() if value is not None}


@router.post(
    "/admin/users/{user_id}/password",
    status_code=204,
    summary="Set the password of an account",
    responses=documented(PersonNotFoundError, RequestInvalidError, *FOR_ROLES, *CHANGING),
)
async def set_password(
    request: Request, viewer: Admin, user_id: uuid.UUID, new: NewPassword, begin: Begin
) -> Response:
    """Set a new password and end all sign-ins of the account."""
    with _as_api_errors():
        # Hashed before the request takes a database connection.
        hashed = await _hash(request, new.password)
    async with begin() as work:
        await _require(work, user_id)
        await work.run(users.set_password, user_id, hashed)
        await _note(work, request, viewer, "user.password_reset", user_id)
    await request.state.registry.ask(REVOKE, Revocation(user_id, None, "password"))
    return Response(status_code=204)


@router.delete("/admin/users/{user_id}", status_code=204, summary="Delete an account", responses=_CHANGE)
async def remove_person(request: Request, viewer: Admin, user_id: uuid.UUID, begin: Begin) -> Response:
    """Delete an account with its watch progress and sign-ins. Its entries in the audit log remain."""
    async with begin() as work:
        person = await _require(work, user_id)
        with _as_api_errors():
            await work.run(users.check_admin_remains, user_id)
        await request.state.registry.ask(RELEASE, Release(user_id, None, "revoked"))
        with _as_api_errors():
            await work.run(users.remove, user_id)
        await _note(work, request, viewer, "user.removed", user_id, username=person.username)
    await request.state.registry.ask(REVOKE, Revocation(user_id, None, "deactivated"))
    return Response(status_code=204)


@router.delete(
    "/admin/users/{user_id}/sessions",
    summary="Sign an account out",
    responses=documented(PersonNotFoundError, RequestInvalidError, *FOR_ROLES, *CHANGING),
)
async def end_sign_ins(request: Request, viewer: Admin, user_id: uuid.UUID, begin: Begin) -> Ended:
    """End all sign-ins of an account, on every device, at once."""
    async with begin() as work:
        await _require(work, user_id)
        await _note(work, request, viewer, "user.signed_out", user_id)
    done = await request.state.registry.ask(REVOKE, Revocation(user_id, None, "ended"))
    return Ended(ended=done.count)


@router.delete(
    "/admin/users/{user_id}/streams",
    summary="End the playback of an account",
    responses=documented(PersonNotFoundError, RequestInvalidError, *FOR_ROLES, *CHANGING),
)
async def end_streams(request: Request, viewer: Admin, user_id: uuid.UUID, begin: Begin) -> Ended:
    """End all playback sessions of an account. Its players stop."""
    async with begin() as work:
        await _require(work, user_id)
        await _note(work, request, viewer, "user.streams_ended", user_id)
    done = await request.state.registry.ask(RELEASE, Release(user_id, None, "revoked"))
    return Ended(ended=done.count)


async def _sign_out(request: Request, user_id: uuid.UUID, reason: str) -> None:
    await request.state.registry.ask(REVOKE, Revocation(user_id, None, reason))
    await request.state.registry.ask(RELEASE, Release(user_id, None, "revoked"))


async def _require(work: Transaction, user_id: uuid.UUID) -> User:
    user = await work.session.get(User, user_id)
    if user is None:
        raise PersonNotFoundError
    return user


async def _hash(request: Request, password: str) -> str:
    hashed = await request.state.registry.ask(HASH_PASSWORD, PasswordToHash(check_password(password)))
    return str(hashed.value)


async def _note(
    work: Transaction, request: Request, viewer: Admin, action: str, user_id: uuid.UUID, **details: Any
) -> None:
    await work.run(audit_log.note, actor_of(request, viewer), action, ("user", user_id), details)
