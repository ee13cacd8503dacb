"""Changes to an account apply from its next request on, whatever Redis has cached or lost."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Request
from pydantic import SecretStr
from redis import Redis
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from catalog_models.tables import Actor, LoginSession, User
from catalog_models.writes import users
from deployments import accounts
from deployments.runtime import Runtime
from orchestration.contracts import AUTHENTICATE, NOTE_CHANGE, REVOKE, PersonChanged, Revocation
from orchestration.redis_publisher import redis_publisher
from orchestration.settings import Settings
from orchestration.transactions import Transactions
from serving.app import BLOCKS, create_app
from serving.auth.session_cache import SessionCache, hash_of
from serving.kernel.block import Block, without_state
from serving.kernel.transaction import Work
from serving.kernel.viewer import Admin
from tests.serving.conftest import Person, eventually, serving, sign_in
from tests.serving.test_accounts import bearer, code_of

pytestmark = pytest.mark.shared_servers

_router = APIRouter(prefix="/api")


@_router.get("/tests/for-admins")
async def _for_admins(viewer: Admin) -> str:
    return viewer.username


@_router.put("/tests/{user_id}/role/{role}")
async def _set_role(request: Request, work: Work, user_id: uuid.UUID, role: str) -> None:
    await work.run(users.change, user_id, {"role": role})
    await work.session.commit()
    await request.state.registry.ask(NOTE_CHANGE, PersonChanged(user_id))


@_router.delete("/tests/{user_id}")
async def _deactivate(request: Request, work: Work, user_id: uuid.UUID) -> int:
    await work.run(users.change, user_id, {"is_active": False})
    await work.session.commit()
    done = await request.state.registry.ask(REVOKE, Revocation(user_id, None, "deactivated"))
    return int(done.count)


_ADMINISTERING = Block("tests", without_state(User.id), (_router,), needs=(AUTHENTICATE, NOTE_CHANGE, REVOKE))


@pytest.fixture(params=["redis", "gone"])
def house(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    url = settings.redis_url if request.param == "redis" else SecretStr("unix:///nowhere/redis.sock")
    return settings.model_copy(update={"redis_url": url})


@pytest.fixture
def administered(house: Settings) -> Iterator[httpx.Client]:
    """Yield a server with a block that changes accounts."""
    with serving(create_app(house, (*BLOCKS, _ADMINISTERING))) as client:
        yield client


def test_a_new_role_applies_from_the_next_request_on(administered: httpx.Client, house: Settings) -> None:
    sign_in(house, "admin")
    person = sign_in(house)
    for role, status in (("user", 403), ("admin", 200), ("moderator", 403), ("admin", 200)):
        administered.put(f"/api/tests/{person.user_id}/role/{role}").raise_for_status()
        assert bearer(administered, "/api/tests/for-admins", person.token).status_code == status


def test_deactivating_an_account_signs_out_all_devices_at_once(
    administered: httpx.Client, house: Settings, engine: Engine
) -> None:
    person, other = sign_in(house), sign_in(house)
    assert bearer(administered, "/api/users/me", person.token).status_code == 200
    assert administered.delete(f"/api/tests/{person.user_id}").json() == 1
    assert code_of(bearer(administered, "/api/users/me", person.token)) == (401, "AUTH_TOKEN_REVOKED")
    assert bearer(administered, "/api/users/me", other.token).status_code == 200
    with Session(engine) as session:
        assert session.get_one(LoginSession, person.session_id).end_reason == "deactivated"


def _redis(settings: Settings) -> Redis:
    assert settings.redis_url is not None
    return Redis.from_url(settings.redis_url.get_secret_value())


def test_a_slow_read_from_before_a_change_is_not_cached(
    settings: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = sign_in(settings)
    read = SessionCache._read

    async def slow(self: SessionCache, claims: Any) -> Any:
        found = await read(self, claims)
        with Session(engine) as session:
            session.execute(update(User).where(User.id == person.user_id).values(is_active=False))
            session.commit()
        await self._l1.drop(hash_of(person.user_id))
        return found

    monkeypatch.setattr(SessionCache, "_read", slow)
    with serving(create_app(settings)) as client:
        assert bearer(client, "/api/users/me", person.token).status_code == 200
        assert code_of(bearer(client, "/api/users/me", person.token)) == (401, "AUTH_TOKEN_REVOKED")


@pytest.mark.parametrize("loss", [lambda redis: redis.flushall(), lambda redis: redis.script_flush()])
def test_an_emptied_redis_restores_no_sign_in(
    settings: Settings, anonymous: httpx.Client, loss: Callable[[Redis], object]
) -> None:
    gone, here = sign_in(settings), sign_in(settings)
    for person in (gone, here):
        assert bearer(anonymous, "/api/users/me", person.token).status_code == 200
    assert anonymous.post("/api/auth/logout", headers=gone.headers).status_code == 204
    with _redis(settings) as redis:
        loss(redis)
    assert code_of(bearer(anonymous, "/api/users/me", gone.token)) == (401, "AUTH_TOKEN_REVOKED")
    assert bearer(anonymous, "/api/users/me", here.token).status_code == 200


def test_a_deleted_account_is_signed_out_without_redis(
    settings: Settings, anonymous: httpx.Client, engine: Engine
) -> None:
    person = sign_in(settings)
    assert bearer(anonymous, "/api/users/me", person.token).status_code == 200
    with Session(engine) as session:
        session.delete(session.get_one(User, person.user_id))
        session.commit()
    assert code_of(bearer(anonymous, "/api/users/me", person.token)) == (401, "AUTH_TOKEN_REVOKED")
    for changes in ({"username": "somebody"}, {"password": "Kings2Aces", "current_password": "x"}):
        answer = anonymous.patch("/api/users/me", json=changes, headers=person.headers)
        assert code_of(answer) == (401, "AUTH_TOKEN_REVOKED")


def test_a_password_set_by_the_command_line_ends_sign_ins_on_servers(
    settings: Settings, anonymous: httpx.Client, engine: Engine
) -> None:
    person: Person = sign_in(settings)
    assert bearer(anonymous, "/api/users/me", person.token).status_code == 200
    assert settings.redis_url is not None
    publish = redis_publisher(settings.redis_url.get_secret_value())
    runtime = Runtime(settings, engine, Transactions(engine, publish))
    accounts.reset_password(runtime, f"{person.username}@example.com", "Kings2Aces", Actor("tests"))
    eventually(lambda: bearer(anonymous, "/api/users/me", person.token).status_code == 401)
