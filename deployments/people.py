"""What whoever runs the machine may do to people."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select

from catalog_models.accounts import check_email, check_password, check_username
from catalog_models.errors import RefusedError
from catalog_models.people import User
from catalog_models.writes import audit_log, login_sessions, users
from deployments.runtime import Runtime
from deployments.secret import kept
from orchestration.events import UserCreated
from orchestration.transactions import Transaction
from serving.auth.passwords import make_hash

_DEMO = "demo@example.com"


class NobodyError(RefusedError):
    """No account has this e-mail."""

    code = "no_such_user"


def add_person(
    runtime: Runtime, account: tuple[str, str, str], role: str, actor: audit_log.Actor
) -> uuid.UUID:
    """A new person (e-mail, name, password), approved at once. Raises `InvalidAccountError`, `TakenError`."""
    email, username, password = (
        check(text)
        for check, text in zip((check_email, check_username, check_password), account, strict=True)
    )
    hashed = make_hash(password)

    def add(work: Transaction) -> uuid.UUID:
        user_id = users.create(
            work.session, email=email, username=username, password_hash=hashed, role=role, approved=True
        )
        audit_log.note(work.session, actor, "user.created", ("user", user_id), {"role": role})
        work.announce(UserCreated(user_id))
        return user_id

    return runtime.transactions.run(add)


def reset_password(runtime: Runtime, email: str, password: str, actor: audit_log.Actor) -> None:
    """Another password; every sign-in of the person ends. Raises `NobodyError`, `InvalidAccountError`."""
    hashed = make_hash(check_password(password))

    def reset(work: Transaction) -> None:
        user_id = work.session.scalar(select(User.id).where(func.lower(User.email) == func.lower(email)))
        if user_id is None:
            raise NobodyError(f"no account has the e-mail {email}")
        users.set_password(work.session, user_id, hashed)
        login_sessions.end(work.session, user_id, None, "password")
        audit_log.note(work.session, actor, "user.password_reset", ("user", user_id))

    runtime.transactions.run(reset)


def demo_login(runtime: Runtime) -> tuple[str, str]:
    """An admin to try the demo with, e-mail and password; the password is made up once and kept in the home."""
    password = f"Aa1-{kept(runtime.settings.home, 'demo-password')[:16]}"
    actor = audit_log.Actor("demo")
    try:
        add_person(runtime, (_DEMO, "demo", password), "admin", actor)
    except users.TakenError:
        reset_password(runtime, _DEMO, password, actor)
    return _DEMO, password
