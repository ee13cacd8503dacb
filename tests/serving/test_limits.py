"""Rate limits of accounts and addresses, with Redis, without it, and after it has failed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import httpx
import pytest
from pydantic import SecretStr

from orchestration.settings import Settings
from serving.app import create_app
from tests.serving.conftest import Person, SharedServers, serving, set_password, sign_in
from tests.serving.test_accounts import bearer, code_of, login

pytestmark = pytest.mark.shared_servers

_GONE = SecretStr("unix:///nowhere/redis.sock")


@pytest.fixture(params=["redis", "none configured", "gone"])
def few(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """Return settings with a limit of three reads and three writes a minute."""
    urls = {"redis": settings.redis_url, "none configured": None, "gone": _GONE}
    return settings.model_copy(update={"rate_limit": 3, "read_limit": 3, "redis_url": urls[request.param]})


@pytest.fixture
def hurried(few: Settings, shared: SharedServers) -> Iterator[httpx.Client]:
    with shared.client(few) as client:
        yield client


def _statuses(client: httpx.Client, path: str, person: Person, times: int) -> list[int]:
    return [bearer(client, path, person.token).status_code for _ in range(times)]


def test_reads_writes_pictures_and_bytes_have_separate_limits(hurried: httpx.Client, few: Settings) -> None:
    ann, bob = sign_in(few), sign_in(few)
    assert _statuses(hurried, "/api/users/me", ann, 4) == [200, 200, 200, 429]
    refused = bearer(hurried, "/api/contents", ann.token)
    assert code_of(refused) == (429, "RATE_LIMITED")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert _statuses(hurried, "/api/users/me", bob, 1) == [200]
    nothing = f"/api/contents/{uuid.uuid4()}/poster.jpg"
    assert _statuses(hurried, nothing, ann, 61) == [404] * 60 + [429]
    assert _statuses(hurried, f"/api/stream/{uuid.uuid4()}", ann, 70) == [404] * 70
    written = [hurried.patch("/api/users/me", json={}, headers=ann.headers).status_code for _ in range(4)]
    assert written == [200, 200, 200, 429]


def test_one_person_reads_six_hundred_times_a_minute(settings: Settings, shared: SharedServers) -> None:
    defaults = {name: Settings.model_fields[name].default for name in ("rate_limit", "read_limit")}
    usual = settings.model_copy(update=defaults)
    ann = sign_in(usual)
    with shared.client(usual) as client:
        assert _statuses(client, "/api/users/me", ann, 600) == [200] * 600
        refused = bearer(client, "/api/search/suggest?q=main", ann.token)
        assert code_of(refused) == (429, "RATE_LIMITED")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        changed = client.patch("/api/users/me", json={}, headers=ann.headers)
        assert changed.status_code == 200, "writes have a limit of their own"


_KEY = "the key of the renderer in this test, 1234"


@pytest.fixture
def rendering(settings: Settings, shared: SharedServers) -> Iterator[httpx.Client]:
    """Yield a client of a server that knows a renderer, with a limit of three reads and writes a minute."""
    known = settings.model_copy(update={"rate_limit": 3, "read_limit": 3, "render_key": SecretStr(_KEY)})
    with shared.client(known) as client:
        yield client


def _rendered(address: str, key: str = _KEY) -> dict[str, str]:
    return {"X-WSOPTV-Render": key, "X-WSOPTV-Address": address}


def test_requests_of_the_renderer_count_for_the_address_of_the_person(rendering: httpx.Client) -> None:
    def statuses(address: str, times: int, key: str = _KEY) -> list[int]:
        headers = _rendered(address, key)
        return [rendering.get("/api/contents", headers=headers).status_code for _ in range(times)]

    assert statuses("203.0.113.1", 4) == [401, 401, 401, 429]
    assert statuses("203.0.113.2", 1) == [401]
    assert statuses("2001:db8::1", 1) == [401]
    for number, key in enumerate(("", "x", _KEY[:-1], f"{_KEY}4", _KEY.upper(), "ß")):
        found = rendering.get("/api/contents", headers=_latin(_rendered(f"198.51.100.{number}", key)))
        assert found.status_code == (401 if number < 3 else 429), "all count for the address of the sender"
    assert statuses("no address", 1) == [429], "the address of the sender"
    assert statuses("203.0.113.1", 1) == [429]


def _latin(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]


def test_without_a_key_no_renderer_is_believed(settings: Settings, shared: SharedServers) -> None:
    few = settings.model_copy(update={"rate_limit": 3})
    with shared.client(few) as client:
        found = [
            client.get("/api/contents", headers=_rendered(f"203.0.113.{number}", "")).status_code
            for number in range(4)
        ]
    assert found == [401, 401, 401, 429]


def test_reads_of_the_renderer_do_not_use_up_the_reads_of_the_person(
    rendering: httpx.Client, settings: Settings
) -> None:
    ann = sign_in(settings)
    headers = ann.headers | _rendered("203.0.113.1")
    found = [rendering.get("/api/users/me", headers=headers).status_code for _ in range(31)]
    assert found == [200] * 30 + [429]
    assert _statuses(rendering, "/api/users/me", ann, 4) == [200, 200, 200, 429]


def test_the_address_of_a_sign_in_is_that_of_the_person(rendering: httpx.Client, settings: Settings) -> None:
    ann = sign_in(settings)
    email, password = set_password(settings, ann, "Aces2Kings")
    account = {"email": email, "password": password}
    assert rendering.post("/api/auth/login", json=account, headers=_rendered("198.51.100.9")).is_success
    devices = rendering.get("/api/users/me/sessions", headers=ann.headers).json()["items"]
    assert "198.51.100.9" in {device["address"] for device in devices}


def test_anonymous_requests_are_counted_by_address(hurried: httpx.Client, few: Settings) -> None:
    person = sign_in(few)
    answers = [hurried.get("/api/contents").status_code, *(_bad(hurried) for _ in range(3))]
    assert answers == [401, 401, 401, 429]
    assert code_of(login(hurried, "nobody@example.com")) == (429, "RATE_LIMITED")
    assert bearer(hurried, "/api/users/me", person.token).status_code == 200


def _bad(client: httpx.Client) -> int:
    return bearer(client, "/api/users/me", "a.b.c").status_code


def test_requests_with_revoked_tokens_do_not_count_for_the_account(
    settings: Settings, shared: SharedServers
) -> None:
    few = settings.model_copy(update={"rate_limit": 3, "read_limit": 3})
    person = sign_in(few)
    email, password = set_password(few, person, "Aces2Kings")
    with shared.client(few) as client:
        stolen = login(client, email, password).json()["access_token"]
        assert (
            client.post("/api/auth/logout", headers={"Authorization": f"Bearer {stolen}"}).status_code == 204
        )
        for _ in range(5):
            assert bearer(client, "/api/users/me", stolen).status_code in (401, 429)
        assert _statuses(client, "/api/users/me", person, 3) == [200, 200, 200]


@pytest.mark.parametrize("proxies", [(), ("127.0.0.1",)])
def test_only_trusted_proxies_set_the_client_address(settings: Settings, proxies: tuple[str, ...]) -> None:
    settings = settings.model_copy(update={"rate_limit": 2, "trusted_proxies": proxies})
    person = sign_in(settings)
    email, password = set_password(settings, person, "Aces2Kings")
    with serving(create_app(settings)) as client:
        named = [
            client.get(
                "/api/contents", headers={"X-Forwarded-For": f"1.2.3.4, 203.0.113.{number}"}
            ).status_code
            for number in range(4)
        ]
        assert named == ([401] * 4 if proxies else [401, 401, 429, 429])
        if not proxies:
            return
        account = {"email": email, "password": password}
        client.post("/api/auth/login", json=account, headers={"X-Forwarded-For": "198.51.100.9"})
        devices = client.get("/api/users/me/sessions", headers=person.headers).json()["items"]
        assert "198.51.100.9" in {device["address"] for device in devices}


def test_a_blocked_address_cannot_lock_accounts(settings: Settings) -> None:
    trusting = settings.model_copy(update={"trusted_proxies": ("127.0.0.1",)})
    email, password = set_password(settings, sign_in(settings), "Aces2Kings")
    with serving(create_app(trusting)) as client:
        client.headers["X-Forwarded-For"] = "203.0.113.1"
        for number in range(30):
            assert login(client, f"nobody{number}@example.com").status_code == 401
        for _ in range(12):
            assert code_of(login(client, email)) == (429, "AUTH_TOO_MANY_ATTEMPTS")
        client.headers["X-Forwarded-For"] = "203.0.113.2"
        assert login(client, email, password).status_code == 200


def test_all_spellings_of_an_e_mail_share_one_count(settings: Settings, anonymous: httpx.Client) -> None:
    """PostgreSQL may match `İ` with `i`, where Python produces two characters."""
    person = sign_in(settings, "moderator")
    email, password = set_password(settings, person, "Aces2Kings")
    spellings = [email, f" {email.upper()} ", email.replace("i", "İ", 1)]
    for number in range(16):
        login(anonymous, spellings[number % 3], f"Guess{number}")
    found = [login(anonymous, spelling, password).status_code for spelling in spellings]
    assert found[:2] == [429, 429]
    assert found[2] in (401, 429), "no account, or the same one"
