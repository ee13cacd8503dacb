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

# The advisory lock of changes to admins.
_ADMIN_LOCK = 7_365_118_002


class TakenError(RefusedError):
    """Another account has this e-mail address or name. `field` is the one in use."""

    code = "account_taken"

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(f"another account has this {'e-mail' if field == 'email' else 'name'} already")


class LastAdminError(RefusedError):
    """The change would remove the last active admin."""

    code = "last_admin"

    def __init__(self) -> None:
        super().__init__("this is the last active admin: make another user an admin first")


def create(
    session: Session, *, email: str, username: str, password_hash: str, role: str = "user", approved: bool
) -> uuid.UUID:
    """Create a user, and return the id. Raise `TakenError`, after which the transaction can continue."""
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
    """Change the name of a user. Raise `TakenError` if another account has it."""
    try:
        with session.begin_nested():
            session.execute(update(User).where(User.id == user_id).values(username=username))
    except IntegrityError as error:
        raise TakenError(_field_of(error)) from None


def _field_of(error: IntegrityError) -> str:
    return "email" if "uq_users_email" in str(error.orig) else "username"


def set_password(session: Session, user_id: uuid.UUID, password_hash: str) -> None:
    """Store the hash of a new password."""
    session.execute(update(User).where(User.id == user_id).values(password_hash=password_hash))


def approve(session: Session, user_id: uuid.UUID) -> None:
    """Approve a user, who may sign in from now on. May be repeated."""
    waiting = update(User).where(User.id == user_id, User.approved_at.is_(None))
    session.execute(waiting.values(approved_at=func.now()))


def record_sign_in(session: Session, user_id: uuid.UUID) -> None:
    """Record that a user has just signed in."""
    session.execute(
        update(User).where(User.id == user_id).values(last_login_at=func.now(), updated_at=User.updated_at)
    )


def change(session: Session, user_id: uuid.UUID, columns: Mapping[str, Any]) -> None:
    """Set `role`, `is_active` or `subscription_status`. Raise `LastAdminError` if no admin would remain."""
    if columns.get("role", "admin") != "admin" or not columns.get("is_active", True):
        check_admin_remains(session, user_id)
    session.execute(update(User).where(User.id == user_id).values(**columns))


def remove(session: Session, user_id: uuid.UUID) -> None:
    """Delete a user with all their data. Raise `LastAdminError` if no admin would remain."""
    check_admin_remains(session, user_id)
    session.execute(delete(User).where(User.id == user_id))


def check_admin_remains(session: Session, leaving: uuid.UUID) -> None:
    """Raise `LastAdminError` if no other active admin remains without this user.

    The lock serializes two admins who demote each other: the second one is the last admin.
    """
    session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _ADMIN_LOCK})
    admin = (User.role == "admin", User.is_active, User.approved_at.is_not(None))
    if not session.scalar(select(func.count()).where(User.id == leaving, *admin)):
        return
    if not session.scalar(select(func.count()).where(User.id != leaving, *admin)):
        raise LastAdminError
