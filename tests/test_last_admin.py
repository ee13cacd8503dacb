"""Somebody can always administer the house."""

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

Taking = Callable[[Session, uuid.UUID], None]


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


_TAKING = pytest.mark.parametrize("taking", [_demote, _deactivate, users.remove])


@_TAKING
def test_the_last_admin_stays(engine: Engine, taking: Taking) -> None:
    """Who waits for approval, is deactivated or a moderator does not count."""
    last = _add(engine, "last")
    _add(engine, "waiting", approved=False)
    off = _add(engine, "off")
    other = _add(engine, "other", role="moderator")
    with Session(engine) as session, session.begin():
        _deactivate(session, off)
    with Session(engine) as session, session.begin():
        taking(session, other)
        with pytest.raises(users.LastAdminError):
            taking(session, last)


@_TAKING
def test_two_admins_that_take_each_others_rights_at_once_leave_one(engine: Engine, taking: Taking) -> None:
    pair = [_add(engine, "ann"), _add(engine, "bob")]
    together = Barrier(2)

    def take(user_id: uuid.UUID) -> bool:
        with Session(engine) as session, session.begin():
            session.scalar(select(func.count()).select_from(User))  # the transaction has begun and seen both
            together.wait()
            try:
                taking(session, user_id)
            except users.LastAdminError:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(take, pair)) == [False, True]
    with Session(engine) as session:
        left = session.scalar(select(func.count()).where(User.role == "admin", User.is_active))
        assert left == 1
