"""The last active admin cannot be removed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from catalog_models.tables import User
from catalog_models.writes import users

Removal = Callable[[Session, uuid.UUID], None]


def _add(engine: Engine, name: str, role: str = "admin", approved: bool = True) -> uuid.UUID:
    with Session(engine) as session, session.begin():
        return users.create(
            session,
            email=f"{name}@example.com",
            username=name,
            password_hash="",
            role=role,
            approved=approved,
        )


def _demote(session: Session, user_id: uuid.UUID) -> None:
    users.change(session, user_id, {"role": "moderator"})


def _deactivate(session: Session, user_id: uuid.UUID) -> None:
    users.change(session, user_id, {"is_active": False})


_REMOVALS = pytest.mark.parametrize("removal", [_demote, _deactivate, users.remove])


@_REMOVALS
def test_the_last_admin_cannot_be_demoted_deactivated_or_removed(engine: Engine, removal: Removal) -> None:
    """Moderators, and admins who are not approved or not active, do not count."""
    last = _add(engine, "last")
    _add(engine, "waiting", approved=False)
    off = _add(engine, "off")
    other = _add(engine, "other", role="moderator")
    with Session(engine) as session, session.begin():
        _deactivate(session, off)
    with Session(engine) as session, session.begin():
        removal(session, other)
        with pytest.raises(users.LastAdminError):
            removal(session, last)


@_REMOVALS
def test_of_two_admins_who_remove_each_other_one_remains(engine: Engine, removal: Removal) -> None:
    pair = [_add(engine, "ann"), _add(engine, "bob")]
    both_ready = Barrier(2)

    def remove(user_id: uuid.UUID) -> bool:
        with Session(engine) as session, session.begin():
            # The transaction begins, and sees both admins.
            session.scalar(select(func.count()).select_from(User))
            both_ready.wait()
            try:
                removal(session, user_id)
            except users.LastAdminError:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(remove, pair)) == [False, True]
    with Session(engine) as session:
        left = session.scalar(select(func.count()).where(User.role == "admin", User.is_active))
        assert left == 1
