"""`/api/users/me`: the account of the viewer and its devices."""

from __future__ import annotations

import uuid

from fastapi import Request, Response
from sqlalchemy import func, select

from catalog_models.accounts import check_password, check_username
from catalog_models.tables import LoginSession, User
from catalog_models.writes import login_sessions, users
from orchestration.contracts import Revocation, Viewer
from serving.auth.attempts import AttemptSource, TooManyAttemptsError
from serving.auth.block import Auth, auth_of
from serving.auth.passwords import TooBusyError
from serving.auth.schemas import Device, Devices, Me, MyChanges
from serving.http.errors import (
    CHANGING,
    SIGNED_IN,
    ApiError,
    RequestInvalidError,
    TokenRevokedError,
    documented,
)
from serving.kernel.account_errors import AccountTakenError, account_errors
from serving.kernel.resources import Session
from serving.kernel.routes import api_router
from serving.kernel.transaction import Begin
from serving.kernel.viewer import SignedIn, address_of

router = api_router("auth")


class WrongPasswordError(ApiError):
    """The current password is wrong."""

    status = 403
    code = "AUTH_WRONG_PASSWORD"
    message = "The current password is wrong; nothing was changed."


class DeviceNotFoundError(ApiError):
    """None of your open sign-ins has this id."""

    status = 404
    code = "AUTH_DEVICE_NOT_FOUND"
    message = "You are not signed in on a device with this id: GET /api/users/me/sessions lists your devices."


@router.get("/users/me", summary="Get my account", responses=documented(*SIGNED_IN))
async def get_me(viewer: SignedIn, session: Session) -> Me:
    """Return the account that is signed in."""
    return _me(await session.get(User, viewer.user_id))


def _me(found: User | None) -> Me:
    # The account was deleted after its token was checked.
    if found is None:
        raise TokenRevokedError
    return Me.model_validate(found)


@router.patch(
    "/users/me",
    summary="Update my account",
    responses=documented(
        RequestInvalidError,
        WrongPasswordError,
        AccountTakenError,
        TooManyAttemptsError,
        TooBusyError,
        *SIGNED_IN,
        *CHANGING,
    ),
)
async def change_me(request: Request, viewer: SignedIn, changes: MyChanges, begin: Begin) -> Me:
    """Change your name or password. A new password requires the current one and ends all other sign-ins."""
    auth, ended = auth_of(request), list[uuid.UUID]()
    with account_errors():
        username = None if changes.username is None else check_username(changes.username)
        # Hashed before the request takes a database connection.
        hashed = await _new_hash(auth, address_of(request), viewer, changes)
    async with begin() as work:
        if username is not None:
            with account_errors():
                await work.run(users.rename, viewer.user_id, username)
        if hashed is not None:
            await work.run(users.set_password, viewer.user_id, hashed)
            ended = await work.run(login_sessions.end_others, viewer.user_id, viewer.session_id, "password")
        me = _me(await work.session.get(User, viewer.user_id))
    await auth.revoker.forget(viewer.user_id, ended)
    return me


async def _new_hash(auth: Auth, address: str, viewer: Viewer, changes: MyChanges) -> str | None:
    """Return the hash of the new password, or None if the password does not change.

    Raises `WrongPasswordError`, and `RequestInvalidError` if the current password is missing.
    """
    if changes.password is None:
        return None
    wanted = check_password(changes.password)
    if changes.current_password is None:
        raise RequestInvalidError("current_password: required to set a new password")
    user = await auth.sign_ins.find_user(viewer.user_id)
    # Wrong passwords count only for this sign-in, and do not lock the account on other devices.
    source = AttemptSource(address, viewer.session_id)
    if not await auth.sign_ins.verify_password(user.email, changes.current_password, user, source):
        raise WrongPasswordError
    return await auth.sign_ins.passwords.hash(wanted)


@router.get("/users/me/sessions", summary="List my devices", responses=documented(*SIGNED_IN))
async def list_devices(viewer: SignedIn, session: Session) -> Devices:
    """List your open sign-ins, the most recently used first."""
    rows = await session.scalars(
        select(LoginSession)
        .where(
            LoginSession.user_id == viewer.user_id,
            LoginSession.ended_at.is_(None),
            LoginSession.expires_at > func.now(),
        )
        .order_by(LoginSession.used_at.desc(), LoginSession.id)
    )
    items = [
        Device.model_validate(row).model_copy(update={"current": row.id == viewer.session_id}) for row in rows
    ]
    return Devices(items=items, total=len(items), limit=len(items), offset=0)


@router.delete(
    "/users/me/sessions/{session_id}",
    status_code=204,
    summary="Sign out one of my devices",
    responses=documented(DeviceNotFoundError, RequestInvalidError, *SIGNED_IN, *CHANGING),
)
async def end_device(request: Request, viewer: SignedIn, session_id: uuid.UUID) -> Response:
    """End one of your sign-ins. Its tokens are refused from now on."""
    done = await auth_of(request).revoker.revoke(Revocation(viewer.user_id, session_id, "ended"))
    if not done.count:
        raise DeviceNotFoundError
    return Response(status_code=204)


@router.delete(
    "/users/me/sessions",
    status_code=204,
    summary="Sign out my other devices",
    responses=documented(*SIGNED_IN, *CHANGING),
)
async def end_other_devices(request: Request, viewer: SignedIn, begin: Begin) -> Response:
    """End all your sign-ins except the one that sends this request."""
    async with begin() as work:
        ended = await work.run(login_sessions.end_others, viewer.user_id, viewer.session_id, "ended")
    await auth_of(request).revoker.forget(viewer.user_id, ended)
    return Response(status_code=204)
