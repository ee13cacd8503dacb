"""`/api/admin/users`: people, for admins. The last active admin stays one."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import Query, Request, Response

from catalog_models.accounts import InvalidAccountError, check_email, check_password, check_username
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
from serving.kernel.resources import Session
from serving.kernel.routes import api_router
from serving.kernel.transaction import Transaction, Work
from serving.kernel.viewer import Admin

router = api_router("admin")


class LastAdminError(ApiError):
    """Without this person nobody could administer the house."""

    status = 409
    code = "LAST_ADMIN"
    message = "This is the last active admin: make somebody else one first."


class TakenError(ApiError):
    """Another account has this e-mail or this name; the details say which."""

    status = 409
    code = "AUTH_ACCOUNT_TAKEN"
    message = "another account has this e-mail already"


_CHANGE = documented(
    PersonNotFoundError, LastAdminError, TakenError, RequestInvalidError, *FOR_ROLES, *CHANGING
)


@contextmanager
def _as_api_errors() -> Iterator[None]:
    try:
        yield
    except InvalidAccountError as error:
        problem = {"where": f"body.{error.field}", "problem": str(error)}
        raise RequestInvalidError(f"{error.field}: {error}", details={"problems": [problem]}) from None
    except users.TakenError as error:
        raise TakenError(str(error), details={"field": error.field}) from None
    except users.LastAdminError:
        raise LastAdminError from None


@router.get("/admin/users", summary="List people", responses=documented(RequestInvalidError, *FOR_ROLES))
async def get_people(_: Admin, query: Annotated[PeopleQuery, Query()], session: Session) -> People:
    """Accounts; `status=pending` are the registrations that wait."""
    return await list_people(session, query)


@router.get(
    "/admin/users/{user_id}",
    summary="One person",
    responses=documented(PersonNotFoundError, RequestInvalidError, *FOR_ROLES),
)
async def get_person(_: Admin, user_id: uuid.UUID, session: Session) -> OnePerson:
    """An account, where it is signed in, and what it plays."""
    return await read_person(session, user_id)


@router.post("/admin/users", status_code=201, summary="Add a person", responses=_CHANGE)
async def add_person(request: Request, viewer: Admin, person: NewPerson, work: Work) -> OnePerson:
    """Somebody who may sign in at once."""
    with _as_api_errors():
        email, username = check_email(person.email), check_username(person.username)
        hashed = await _hash(request, person.password)
        user_id = await work.run(
            users.create,
            email=email,
            username=username,
            password_hash=hashed,
            role=person.role,
            approved=True,
        )
    await _note(work, request, viewer, "user.created", user_id, role=person.role)
    work.announce(UserCreated(user_id))
    return await read_person(work.session, user_id)


@router.patch("/admin/users/{user_id}", summary="Change a person", responses=_CHANGE)
async def change_person(
    request: Request, viewer: Admin, user_id: uuid.UUID, changes: PersonChanges, work: Work
) -> OnePerson:
    """Role, status, name.

    A role counts from the next request on; who is deactivated is signed out and plays no more.
    """
    await _require(work, user_id)
    with _as_api_errors():
        if changes.username is not None:
            await work.run(users.rename, user_id, check_username(changes.username))
        if columns := _columns(changes):
            await work.run(users.change, user_id, columns)
        if changes.status == "active":
            await work.run(users.approve, user_id)
    await _note(work, request, viewer, "user.changed", user_id, **changes.model_dump(exclude_none=True))
    person = await read_person(work.session, user_id)
    await work.session.commit()
    await request.state.registry.ask(NOTE_CHANGE, PersonChanged(user_id))
    if changes.status == "deactivated":
        await _sign_out(request, user_id, "deactivated")
        return person.model_copy(update={"sign_ins": [], "streams": []})
    return person


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
    summary="Set a person's password",
    responses=documented(PersonNotFoundError, RequestInvalidError, *FOR_ROLES, *CHANGING),
)
async def set_password(
    request: Request, viewer: Admin, user_id: uuid.UUID, new: NewPassword, work: Work
) -> Response:
    """Every sign-in of the person ends."""
    with _as_api_errors():
        # Hashed before the request takes a database connection.
        hashed = await _hash(request, new.password)
    await _require(work, user_id)
    await work.run(users.set_password, user_id, hashed)
    await _note(work, request, viewer, "user.password_reset", user_id)
    await work.session.commit()
    await request.state.registry.ask(REVOKE, Revocation(user_id, None, "password"))
    return Response(status_code=204)


@router.delete("/admin/users/{user_id}", status_code=204, summary="Remove a person", responses=_CHANGE)
async def remove_person(request: Request, viewer: Admin, user_id: uuid.UUID, work: Work) -> Response:
    """The account, its progress and its sign-ins are gone; what it did stays in the audit log."""
    person = await _require(work, user_id)
    with _as_api_errors():
        await work.run(users.check_admin_remains, user_id)
    await request.state.registry.ask(RELEASE, Release(user_id, None, "revoked"))
    with _as_api_errors():
        await work.run(users.remove, user_id)
    await _note(work, request, viewer, "user.removed", user_id, username=person.username)
    await work.session.commit()
    await request.state.registry.ask(REVOKE, Revocation(user_id, None, "deactivated"))
    return Response(status_code=204)


@router.delete(
    "/admin/users/{user_id}/sessions",
    summary="Sign a person out",
    responses=documented(PersonNotFoundError, RequestInvalidError, *FOR_ROLES, *CHANGING),
)
async def end_sign_ins(request: Request, viewer: Admin, user_id: uuid.UUID, work: Work) -> Ended:
    """On every device, at once."""
    await _require(work, user_id)
    await _note(work, request, viewer, "user.signed_out", user_id)
    await work.session.commit()
    done = await request.state.registry.ask(REVOKE, Revocation(user_id, None, "ended"))
    return Ended(ended=done.count)


@router.delete(
    "/admin/users/{user_id}/streams",
    summary="End what a person plays",
    responses=documented(PersonNotFoundError, RequestInvalidError, *FOR_ROLES, *CHANGING),
)
async def end_streams(request: Request, viewer: Admin, user_id: uuid.UUID, work: Work) -> Ended:
    """Every player of the person stops."""
    await _require(work, user_id)
    await _note(work, request, viewer, "user.streams_ended", user_id)
    await work.session.commit()
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
