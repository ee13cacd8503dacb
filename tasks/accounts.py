"""Accounts: created in the same way by a registration, by an admin and on the command line."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from catalog_models.accounts import check_email, check_username
from catalog_models.tables import Actor
from catalog_models.writes import audit_log, users


@dataclass(frozen=True)
class NewAccount:
    """An account to create. The hash is that of a password that `check_password` accepted."""

    email: str
    username: str
    password_hash: str
    role: str = "user"
    approved: bool = True


def check_names(email: str, username: str) -> tuple[str, str]:
    """Return e-mail and username as they are stored. Raise `InvalidAccountError` if one breaks the rules."""
    return check_email(email), check_username(username)


def create_account(session: Session, account: NewAccount, by: Actor | None = None) -> uuid.UUID:
    """Create an account, and return its id. Raise `TakenError`, after which the transaction can continue.

    `by` is recorded in the audit log; None for a registration, which is no act of an operator.
    """
    user_id = users.create(
        session,
        email=account.email,
        username=account.username,
        password_hash=account.password_hash,
        role=account.role,
        approved=account.approved,
    )
    if by is not None:
        audit_log.note(session, by, "user.created", ("user", user_id), {"role": account.role})
    return user_id


def approve_account(session: Session, user_id: uuid.UUID, by: Actor) -> None:
    """Approve a registration, and record that in the audit log."""
    users.approve(session, user_id)
    audit_log.note(session, by, "user.changed", ("user", user_id), {"status": "active"})
