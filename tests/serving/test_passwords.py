"""Password checks delay no other requests, and too many of them are refused."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import bcrypt
import httpx
import pytest
from redis import Redis

from orchestration.settings import Settings
from serving.auth import passwords
from tests.serving.conftest import Person, eventually, set_password, sign_in
from tests.serving.test_accounts import bearer, code_of, login

pytestmark = pytest.mark.shared_servers

# The connection pool of the database has 20 connections.
_MORE_THAN_CONNECTIONS = 24


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """Return an event that delays all password checks."""
    goes_on, check = Event(), bcrypt.checkpw

    def waiting(password: bytes, stored: bytes) -> bool:
        assert goes_on.wait(30)
        return check(password, stored)

    monkeypatch.setattr(bcrypt, "checkpw", waiting)
    yield goes_on
    goes_on.set()


def _being_checked(settings: Settings) -> int:
    """Return the number of attempts, by account or device, that were counted before their check."""
    assert settings.redis_url is not None
    with Redis.from_url(settings.redis_url.get_secret_value()) as redis:
        return len(redis.keys("attempts:account:*")) + len(redis.keys("attempts:device:*"))


def test_hashing_a_new_password_holds_no_connection(
    settings: Settings, anonymous: httpx.Client, slow: Event
) -> None:
    people = [sign_in(settings) for _ in range(_MORE_THAN_CONNECTIONS)]
    for person in people:
        set_password(settings, person, "Aces2Kings")

    def change(person: Person) -> int:
        changes = {
            "username": f"new.{person.username}",
            "password": "Kings2Aces",
            "current_password": "Aces2Kings",
        }
        return anonymous.patch("/api/users/me", json=changes, headers=person.headers).status_code

    with ThreadPoolExecutor(len(people)) as pool:
        changed = [pool.submit(change, person) for person in people]
        try:
            eventually(lambda: _being_checked(settings) == len(people))
            assert bearer(anonymous, "/api/users/me", sign_in(settings).token).status_code == 200
        finally:
            slow.set()
        assert {one.result() for one in changed} == {200}


def test_too_many_concurrent_sign_ins_are_refused_and_not_counted(
    settings: Settings, anonymous: httpx.Client, slow: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_MOST_WAITING", 1)
    email, password = set_password(settings, sign_in(settings), "Aces2Kings")
    other, _ = set_password(settings, sign_in(settings), "Aces2Kings")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(login, anonymous, other, password)
        try:
            eventually(lambda: _being_checked(settings) == 1)
            for _ in range(12):
                answer = login(anonymous, email, password)
                assert code_of(answer) == (503, "AUTH_BUSY")
                assert int(answer.headers["retry-after"]) > 0
        finally:
            slow.set()
        assert first.result().status_code == 200
    assert login(anonymous, email, password).status_code == 200
