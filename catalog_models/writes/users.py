"""Writes `users`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalog_models.errors import RefusedError
from catalog_models.tables import User

_ADMINS = 7_365_118_002  # the advisory lock that changes of admins meet at


class TakenError(RefusedError):
    """Another account has this e-mail or name. `field` says which."""

    code = "account_taken"

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(f"another account has this {'e-mail' if field == 'email' else 'name'} already")


class LastAdminError(RefusedError):
    """Without this person nobody could administer the house."""

    code = "last_admin"

    def __init__(self) -> None:
        super().__init__("this is the last active admin: make somebody else one first")


def create(
    session: Session, *, email: str, username: str, password_hash: str, role: str = "user", approved: bool
) -> uuid.UUID:
    """A new person. Raises `TakenError`, and the transaction goes on."""
    row = User(
        email=email,
        username=username,
        password_hash=password_hash,
        role=role,
        approved_at=func.now() if approved else None,
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError as error:
        raise TakenError(_field_of(error)) from None
    return row.id


def rename(session: Session, user_id: uuid.UUID, username: str) -> None:
    """Another name. Raises `TakenError`."""
    try:
        with session.begin_nested():
            session.execute(update(User).where(User.id == user_id).values(username=username))
    except IntegrityError as error:
        raise TakenError(_field_of(error)) from None


def _field_of(error: IntegrityError) -> str:
    return "email" if "uq_users_email" in str(error.orig) else "username"


def set_password(session: Session, user_id: uuid.UUID, password_hash: str) -> None:
    """Another password."""
    session.execute(update(User).where(User.id == user_id).values(password_hash=password_hash))


def approve(session: Session, user_id: uuid.UUID) -> None:
    """From now on the person may sign in; once is enough."""
    waiting = update(User).where(User.id == user_id, User.approved_at.is_(None))
    session.execute(waiting.values(approved_at=func.now()))


def record_sign_in(session: Session, user_id: uuid.UUID) -> None:
    """The person has just signed in."""
    session.execute(
        update(User).where(User.id == user_id).values(last_login_at=func.now(), updated_at=User.updated_at)
    )


def change(session: Session, user_id: uuid.UUID, columns: Mapping[str, Any]) -> None:
    """Set `role`, `is_active` or `subscription_status`. Raises `LastAdminError` where that leaves no admin."""
    if columns.get("role", "admin") != "admin" or not columns.get("is_active", True):
        check_admin_remains(session, user_id)
    session.execute(update(User).where(User.id == user_id).values(**columns))


def remove(session: Session, user_id: uuid.UUID) -> None:
    """The person and all that is theirs. Raises `LastAdminError`."""
    check_admin_remains(session, user_id)
    session.execute(delete(User).where(User.id == user_id))


def check_admin_remains(session: Session, leaving: uuid.UUID) -> None:
    """Raises `LastAdminError` where nobody could administer the house without this person.

    Two admins that demote each other at once meet at the lock: the second finds itself the last.
    """
    session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _ADMINS})
    admin = (User.role == "admin", User.is_active, User.approved_at.is_not(None))
    if not session.scalar(select(func.count()).where(User.id == leaving, *admin)):
        return
    if not session.scalar(select(func.count()).where(User.id != leaving, *admin)):
        raise LastAdminError
