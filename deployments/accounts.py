"""Account administration for the operator of this machine."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog_models.accounts import check_password
from catalog_models.errors import RefusedError
from catalog_models.tables import Actor, User
from catalog_models.writes import audit_log, login_sessions, users
from deployments.runtime import Runtime
from deployments.stack.home_secrets import home_secret
from orchestration.events import UserChanged, UserCreated
from orchestration.transactions import Transaction
from serving.auth.passwords import make_hash
from tasks import accounts
from tasks.accounts import NewAccount, check_names

_DEMO = "demo@example.com"


class UnknownAccountError(RefusedError):
    """No account has this e-mail."""

    code = "no_such_user"


def create_account(runtime: Runtime, account: tuple[str, str, str], role: str, actor: Actor) -> uuid.UUID:
    """Create an approved account from e-mail, name and password; return its id.

    Raises `InvalidAccountError` and `TakenError`.
    """
    email, username, password = account
    names = check_names(email, username)
    new = NewAccount(*names, make_hash(check_password(password)), role)

    def add(work: Transaction) -> uuid.UUID:
        user_id = accounts.create_account(work.session, new, actor)
        work.announce(UserCreated(user_id))
        return user_id

    return runtime.transactions.run(add)


def approve_accounts(runtime: Runtime, emails: Iterable[str], actor: Actor) -> None:
    """Approve the registrations of these e-mails, all or none. Raises `UnknownAccountError`."""

    def approve(work: Transaction) -> None:
        for email in emails:
            user_id = _find_account(work.session, email)
            accounts.approve_account(work.session, user_id, actor)
            work.announce(UserChanged(user_id))

    runtime.transactions.run(approve)


def reset_password(runtime: Runtime, email: str, password: str, actor: Actor) -> None:
    """Set another password, end all sign-in sessions of the account, and announce the change to servers.

    Raises `UnknownAccountError` and `InvalidAccountError`.
    """
    hashed = make_hash(check_password(password))

    def reset(work: Transaction) -> None:
        user_id = _find_account(work.session, email)
        users.set_password(work.session, user_id, hashed)
        login_sessions.end(work.session, user_id, None, "password")
        audit_log.note(work.session, actor, "user.password_reset", ("user", user_id))
        work.announce(UserChanged(user_id))

    runtime.transactions.run(reset)


def _find_account(session: Session, email: str) -> uuid.UUID:
    found = None
    # PostgreSQL refuses text with a NUL.
    if email.isprintable():
        found = session.scalar(select(User.id).where(func.lower(User.email) == func.lower(email)))
    if found is None:
        raise UnknownAccountError(f"no account has the e-mail {email}")
    return found


@dataclass(frozen=True)
class Account:
    """An account in a list. `pending`: waits until an admin approves the registration."""

    id: uuid.UUID
    email: str
    username: str
    role: str
    status: Literal["active", "pending", "deactivated"]
    created_at: dt.datetime
    last_login_at: dt.datetime | None


@dataclass(frozen=True)
class Accounts:
    """All accounts."""

    items: list[Account]
    total: int


def list_accounts(runtime: Runtime) -> Accounts:
    """Return all accounts, the oldest first."""
    found = runtime.transactions.run(
        lambda work: [
            _account(user) for user in work.session.scalars(select(User).order_by(User.created_at, User.id))
        ]
    )
    return Accounts(found, len(found))


def _account(user: User) -> Account:
    status: Literal["active", "pending", "deactivated"] = "active"
    if not user.is_active:
        status = "deactivated"
    elif user.approved_at is None:
        status = "pending"
    return Account(user.id, user.email, user.username, user.role, status, user.created_at, user.last_login_at)


def demo_account(runtime: Runtime) -> tuple[str, str]:
    """Create or reset the admin account of the demo; return its e-mail and password.

    The home keeps the password, which is generated once.
    """
    password = f"Aa1-{home_secret(runtime.settings.home, 'demo-password')[:16]}"
    actor = Actor("demo")
    try:
        create_account(runtime, (_DEMO, "demo", password), "admin", actor)
    except users.TakenError:
        reset_password(runtime, _DEMO, password, actor)
    return _DEMO, password
