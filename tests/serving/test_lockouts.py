"""Wrong passwords and floods of requests: which users they block, and which they must not."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator

import httpx
import pytest
from pydantic import SecretStr

from orchestration.settings import Settings
from serving.app import create_app
from serving.auth.limits import network_of
from serving.http.tls import certificates
from serving.kernel.viewer import ACCESS_COOKIE
from tests.serving.conftest import Person, SharedServers, serving, set_password, sign_in
from tests.serving.test_accounts import bearer, code_of, login
from tests.serving.test_refresh import refresh

pytestmark = pytest.mark.shared_servers

LOCKED = (429, "AUTH_TOO_MANY_ATTEMPTS")
Account = tuple[str, str]


@pytest.fixture
def person(settings: Settings) -> Person:
    return sign_in(settings)


@pytest.fixture
def account(settings: Settings, person: Person) -> Account:
    return set_password(settings, person, "Aces2Kings")


@pytest.fixture(params=["redis", "gone"])
def house(
    request: pytest.FixtureRequest, settings: Settings, shared: SharedServers
) -> Iterator[httpx.Client]:
    """Yield a server behind a trusted proxy, with Redis and with a Redis that has failed."""
    gone = {"redis_url": SecretStr("unix:///nowhere/redis.sock")} if request.param == "gone" else {}
    changed = settings.model_copy(update={"trusted_proxies": ("127.0.0.1",), **gone})
    with shared.client(changed) as client:
        yield client


def browser(server: httpx.Client, address: str = "203.0.113.7") -> httpx.Client:
    """Return a browser with its own cookies on a page of the server."""
    origin = f"http://{server.base_url.netloc.decode()}"
    headers = {"Origin": origin, "X-Forwarded-For": address}
    return httpx.Client(base_url=server.base_url, headers=headers, timeout=20, verify=certificates())


def _lock(server: httpx.Client, email: str) -> None:
    """Guess from a new address until the account is locked."""
    with browser(server, f"198.51.100.{next(_strangers)}") as stranger:
        for number in range(10):
            assert login(stranger, email, f"Guess{number}").status_code == 401
        assert code_of(login(stranger, email)) == LOCKED


_strangers = itertools.count(1)


def test_a_browser_that_has_signed_in_before_is_not_locked_out(house: httpx.Client, account: Account) -> None:
    with browser(house) as own, browser(house) as new:
        assert login(own, *account).status_code == 200
        _lock(house, account[0])
        assert login(own, *account).status_code == 200, "while signed in"
        assert own.post("/api/auth/logout").status_code == 204
        assert ACCESS_COOKIE not in own.cookies
        own.headers["X-Forwarded-For"] = "203.0.113.99"
        assert login(own, account[0].upper(), account[1]).status_code == 200, "after a sign-out, elsewhere"
        assert code_of(login(new, *account)) == LOCKED, "a device that the account does not know"


def test_a_device_token_in_the_body_identifies_a_known_device(house: httpx.Client, account: Account) -> None:
    first = login(house, *account).json()
    _lock(house, account[0])
    assert code_of(login(house, *account)) == LOCKED
    shown = {"email": account[0], "password": account[1]}
    for token in (first["device_token"], refresh(house, first["refresh_token"]).json()["device_token"]):
        answer = house.post("/api/auth/login", json={**shown, "device_token": token})
        assert answer.status_code == 200
    for token in (first["refresh_token"], first["access_token"], "a.b.c", "", first["device_token"] + "="):
        assert code_of(house.post("/api/auth/login", json={**shown, "device_token": token})) == LOCKED


def test_a_device_token_grants_no_access(house: httpx.Client, account: Account) -> None:
    token = login(house, *account).json()["device_token"]
    assert code_of(bearer(house, "/api/users/me", token)) == (401, "AUTH_REQUIRED")
    assert code_of(refresh(house, token)) == (401, "AUTH_REQUIRED")
    answer = house.post("/api/auth/logout", headers={"Authorization": f"Bearer {token}"})
    assert code_of(answer) == (401, "AUTH_REQUIRED")


def test_guesses_of_a_known_device_lock_only_that_device(house: httpx.Client, account: Account) -> None:
    with browser(house) as lost, browser(house) as own:
        for device in (lost, own):
            assert login(device, *account).status_code == 200
        statuses = [login(lost, account[0], f"Guess{number}").status_code for number in range(12)]
        assert statuses == [401] * 10 + [429] * 2
        assert code_of(login(lost, *account)) == LOCKED
        assert login(own, *account).status_code == 200
        assert login(house, *account).status_code == 200, "a device that is not known"


def test_a_device_is_known_only_to_its_own_account(
    settings: Settings, house: httpx.Client, account: Account
) -> None:
    other = set_password(settings, sign_in(settings), "Aces2Kings")
    with browser(house) as shared:
        assert login(shared, *other).status_code == 200
        _lock(house, account[0])
        assert code_of(login(shared, *account)) == LOCKED
        (name,) = [name for name in shared.cookies if name.startswith("wsoptv_device_")]
        forged = f"wsoptv_device_{uuid.uuid4().hex}"
        shared.cookies.set(forged, shared.cookies[name], path="/api/auth")
        assert code_of(login(shared, *account)) == LOCKED


def test_a_shared_browser_is_known_to_each_of_its_accounts(
    settings: Settings, house: httpx.Client, account: Account
) -> None:
    other = set_password(settings, sign_in(settings), "Aces2Kings")
    with browser(house) as shared:
        for one in (account, other):
            assert login(shared, *one).status_code == 200
            assert shared.post("/api/auth/logout").status_code == 204
        for one in (account, other):
            _lock(house, one[0])
            assert login(shared, *one).status_code == 200


def test_a_browser_from_before_the_upgrade_is_known_after_a_refresh(
    house: httpx.Client, account: Account
) -> None:
    with browser(house) as own:
        login(own, *account)
        (name,) = [name for name in own.cookies if name.startswith("wsoptv_device_")]
        own.cookies.delete(name)
        first = own.post("/api/auth/refresh")
        assert name in first.cookies
        assert name not in own.post("/api/auth/refresh").cookies, "once"
        _lock(house, account[0])
        assert login(own, *account).status_code == 200


def test_a_new_password_unlocks_the_account_and_keeps_known_devices(
    settings: Settings, house: httpx.Client, account: Account, person: Person
) -> None:
    with browser(house) as own:
        login(own, *account)
        _lock(house, account[0])
        email, password = set_password(settings, person, "Kings2Aces")
        assert login(house, email, password).status_code == 200
        _lock(house, email)
        assert login(own, email, password).status_code == 200


def test_wrong_current_passwords_lock_only_their_own_sign_in(
    house: httpx.Client, account: Account, person: Person
) -> None:
    def change(headers: dict[str, str], current: str) -> int:
        changes = {"password": "Kings2Aces", "current_password": current}
        return house.patch("/api/users/me", json=changes, headers=headers).status_code

    assert [change(person.headers, "Guess1") for _ in range(11)] == [403] * 10 + [429]
    other = login(house, *account)
    assert other.status_code == 200
    _lock(house, account[0])
    assert change({"Authorization": f"Bearer {other.json()['access_token']}"}, "Aces2Kings") == 200


def test_a_locked_account_does_not_reveal_whether_it_exists(house: httpx.Client, account: Account) -> None:
    token = login(house, *account).json()["device_token"]
    for email in (account[0], "unknown@example.com"):
        _lock(house, email)
    house.headers["X-Forwarded-For"] = "203.0.113.50"
    answers = [
        house.post("/api/auth/login", json={"email": email, "password": "Guess1", "device_token": shown})
        for email, shown in (
            (account[0], None),
            ("unknown@example.com", None),
            ("unknown@example.com", token),
        )
    ]
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1


@pytest.fixture(params=["redis", "gone"])
def few(request: pytest.FixtureRequest, settings: Settings) -> Iterator[httpx.Client]:
    """Yield a server with a limit of three requests a minute."""
    gone = {"redis_url": SecretStr("unix:///nowhere/redis.sock")} if request.param == "gone" else {}
    with serving(create_app(settings.model_copy(update={"rate_limit": 3, **gone}))) as client:
        yield client


def _flood(server: httpx.Client) -> None:
    """Use up the limit of the address."""
    for _ in range(4):
        login(server, "nobody@example.com")
    assert code_of(login(server, "nobody@example.com")) == (429, "RATE_LIMITED")
    assert code_of(refresh(server, "a.b.c")) == (429, "RATE_LIMITED")
    assert server.post("/api/auth/refresh").status_code == 429
    forged = {"Authorization": "Bearer a.b.c"}
    assert code_of(server.post("/api/auth/logout", headers=forged)) == (429, "RATE_LIMITED")


def test_a_flood_from_a_shared_address_does_not_block_users_with_tokens(
    few: httpx.Client, account: Account
) -> None:
    with browser(few) as own, browser(few) as other:
        program = login(few, *account).json()
        for one in (own, other):
            assert login(one, *account).status_code == 200
        _flood(few)
        assert own.post("/api/auth/refresh").status_code == 200
        assert own.get("/api/users/me").status_code == 200
        renewed = refresh(few, program["refresh_token"])
        assert renewed.status_code == 200
        assert own.post("/api/auth/logout").status_code == 204
        assert login(own, *account).status_code == 200, "a known device"
        other.cookies.delete(ACCESS_COOKIE)
        assert other.post("/api/auth/logout").status_code == 204
        headers = {"Authorization": f"Bearer {renewed.json()['refresh_token']}"}
        assert few.post("/api/auth/logout", headers=headers).status_code == 204
        dead = renewed.json()["access_token"]
        assert code_of(bearer(few, "/api/users/me", dead)) == (401, "AUTH_TOKEN_REVOKED")


def test_each_sign_in_has_its_own_limit(few: httpx.Client, account: Account, person: Person) -> None:
    first, second = login(few, *account).json(), login(few, *account).json()
    token, statuses = first["refresh_token"], []
    for _ in range(4):
        answer = refresh(few, token)
        statuses.append(answer.status_code)
        token = answer.json().get("refresh_token", token)
    assert statuses == [200, 200, 200, 429]
    assert int(answer.headers["retry-after"]) <= 60
    headers = {"Authorization": f"Bearer {first['access_token']}"}
    assert few.post("/api/auth/logout", headers=headers).status_code == 204, "a sign-out counts apart"
    assert refresh(few, second["refresh_token"]).status_code == 200
    assert bearer(few, "/api/users/me", person.token).status_code == 200


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
        ("anything else", "unknown"),
    ],
)
def test_addresses_are_counted_by_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_neither_a_network_of_ipv6_nor_a_forged_header_gives_more_requests(settings: Settings) -> None:
    changed = settings.model_copy(update={"rate_limit": 3, "trusted_proxies": ("127.0.0.1",)})
    with serving(create_app(changed)) as client:
        for named in ("2001:db8:1:2::{}", "10.0.0.{}, 203.0.113.7"):
            headers = [{"X-Forwarded-For": named.format(number)} for number in range(1, 5)]
            statuses = [client.get("/api/contents", headers=one).status_code for one in headers]
            assert statuses == [401, 401, 401, 429]
