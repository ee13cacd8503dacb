"""Tokens and cookies: what is accepted, what is refused, and what other sites cannot do."""

from __future__ import annotations

import base64
import datetime as dt
import json
import time
import uuid
from typing import Any

import httpx
import jwt
import pytest

from orchestration.settings import Settings
from serving.app import create_app
from serving.auth.tokens import Tokens
from serving.http.errors import AuthRequiredError, TokenExpiredError
from serving.kernel.keys import derived_key
from serving.kernel.viewer import ACCESS_COOKIE, REFRESH_COOKIE, UNTIL_COOKIE
from tests.serving.conftest import Person, eventually, serving, set_password, sign_in
from tests.serving.test_accounts import bearer, code_of, login

pytestmark = pytest.mark.shared_servers


@pytest.fixture
def person(settings: Settings) -> Person:
    return sign_in(settings)


def _signed(settings: Settings, person: Person, algorithm: str = "HS256", **changes: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": "wsoptv",
        "typ": "access",
        "sub": str(person.user_id),
        "sid": str(person.session_id),
        "jti": str(uuid.uuid4()),
        "iat": now,
        "exp": now + 60,
    }
    key = None if algorithm == "none" else derived_key(settings, "tokens")
    return jwt.encode({**claims, **changes}, key, algorithm=algorithm)  # type: ignore[arg-type]


def _tampered(settings: Settings, person: Person) -> str:
    head, _, signature = _signed(settings, person).split(".")
    claims = json.dumps({"iss": "wsoptv", "typ": "access", "sub": str(uuid.uuid4()), "exp": 2**33}).encode()
    return f"{head}.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.{signature}"


def _other_key(settings: Settings, person: Person) -> str:
    claims = jwt.decode(_signed(settings, person), options={"verify_signature": False})
    return jwt.encode(claims, derived_key(settings, "playback"), algorithm="HS256")


def test_the_token_forger_of_these_tests_works(
    anonymous: httpx.Client, settings: Settings, person: Person
) -> None:
    assert bearer(anonymous, "/api/users/me", _signed(settings, person)).status_code == 200


@pytest.mark.filterwarnings("ignore:The HMAC key is:jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize(
    "forged",
    [
        pytest.param(lambda settings, person: "x", id="a letter"),
        pytest.param(lambda settings, person: "a.b.c", id="nonsense"),
        pytest.param(lambda settings, person: "." * 5_000, id="dots"),
        pytest.param(lambda settings, person: _signed(settings, person, "none"), id="alg none"),
        pytest.param(lambda settings, person: _signed(settings, person, "HS512"), id="HS512"),
        pytest.param(
            lambda settings, person: _signed(settings, person)[:-3] + "abc", id="tampered signature"
        ),
        pytest.param(_tampered, id="tampered claims"),
        pytest.param(lambda settings, person: _signed(settings, person, iss="other"), id="other issuer"),
        pytest.param(lambda settings, person: _signed(settings, person, typ="refresh"), id="refresh token"),
        pytest.param(lambda settings, person: _signed(settings, person, sub="x"), id="no id"),
        pytest.param(lambda settings, person: _signed(settings, person, sub=["x"]), id="a list as id"),
        pytest.param(lambda settings, person: _signed(settings, person, exp="soon"), id="no time"),
        pytest.param(lambda settings, person: _signed(settings, person, iat=10**11), id="from the future"),
        pytest.param(_other_key, id="another secret"),
    ],
)
def test_foreign_tokens_are_refused(
    anonymous: httpx.Client, settings: Settings, person: Person, forged: Any
) -> None:
    answer = bearer(anonymous, "/api/users/me", forged(settings, person))
    assert code_of(answer) == (401, "AUTH_REQUIRED")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_an_expired_token_has_its_own_error(
    anonymous: httpx.Client, settings: Settings, person: Person
) -> None:
    old = _signed(settings, person, exp=int(time.time()) - 1)
    assert code_of(bearer(anonymous, "/api/users/me", old)) == (401, "AUTH_TOKEN_EXPIRED")


def _session(client: httpx.Client, settings: Settings, person: Person) -> dict[str, str]:
    tokens: dict[str, str] = login(client, *set_password(settings, person, "Aces2Kings")).json()
    return tokens


def _refresh(client: httpx.Client, token: str) -> httpx.Response:
    return client.post("/api/auth/refresh", json={"refresh_token": token})


def test_an_access_token_cannot_refresh(anonymous: httpx.Client, settings: Settings, person: Person) -> None:
    assert code_of(_refresh(anonymous, person.token)) == (401, "AUTH_REQUIRED")
    assert code_of(anonymous.post("/api/auth/refresh")) == (401, "AUTH_REQUIRED")


def test_a_sign_out_takes_effect_at_once(anonymous: httpx.Client, settings: Settings, person: Person) -> None:
    tokens = _session(anonymous, settings, person)
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert anonymous.get("/api/users/me", headers=headers).status_code == 200
    assert anonymous.post("/api/auth/logout", headers=headers).status_code == 204
    assert code_of(anonymous.get("/api/users/me", headers=headers)) == (401, "AUTH_TOKEN_REVOKED")
    assert code_of(_refresh(anonymous, tokens["refresh_token"])) == (401, "AUTH_TOKEN_REVOKED")


def _origin(client: httpx.Client) -> str:
    return f"http://{client.base_url.netloc.decode()}"


@pytest.fixture
def browser(anonymous: httpx.Client, settings: Settings, person: Person) -> httpx.Client:
    """Return a client that signed in as a page of ours and keeps cookies."""
    email, password = set_password(settings, person, "Aces2Kings")
    own = {"Origin": _origin(anonymous)}
    answer = anonymous.post("/api/auth/login", json={"email": email, "password": password}, headers=own)
    assert answer.status_code == 200
    for line in answer.headers.get_list("set-cookie"):
        assert ("HttpOnly" in line) is not line.startswith(UNTIL_COOKIE)
        device = line.startswith("wsoptv_device_")
        assert f"SameSite={'strict' if device else 'lax'}" in line
    return anonymous


def test_programs_receive_no_cookies(anonymous: httpx.Client, settings: Settings, person: Person) -> None:
    _session(anonymous, settings, person)
    assert not anonymous.cookies


def test_cookies_are_accepted_only_from_our_own_pages(browser: httpx.Client) -> None:
    assert browser.get("/api/users/me").status_code == 200
    for headers in (
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": f"{_origin(browser)}.evil.example"},
        {"Referer": "https://evil.example/"},
        {"Origin": "http://[::1"},
    ):
        refused = browser.patch("/api/users/me", json={"username": "taken.over"}, headers=headers)
        assert code_of(refused) == (403, "AUTH_ORIGIN_REFUSED"), headers
    for headers in ({"Origin": _origin(browser)}, {"Referer": f"{_origin(browser)}/#page"}):
        assert browser.patch("/api/users/me", json={"username": "my.own"}, headers=headers).status_code == 200


def test_other_sites_cannot_sign_users_in(
    anonymous: httpx.Client, settings: Settings, person: Person
) -> None:
    email, password = set_password(settings, person, "Aces2Kings")
    evil = {"Origin": "https://evil.example"}
    answer = anonymous.post("/api/auth/login", json={"email": email, "password": password}, headers=evil)
    assert code_of(answer) == (403, "AUTH_ORIGIN_REFUSED")
    assert not anonymous.cookies
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_browsers_refresh_tokens_only_in_cookies(browser: httpx.Client) -> None:
    before = dict(browser.cookies)
    assert code_of(browser.post("/api/auth/refresh")) == (403, "AUTH_ORIGIN_REFUSED")
    answer = browser.post("/api/auth/refresh", headers={"Origin": _origin(browser)})
    assert (answer.status_code, answer.json()["access_token"]) == (200, None)
    assert answer.json()["refresh_token"] is None
    assert all(browser.cookies[name] != before[name] for name in (ACCESS_COOKIE, REFRESH_COOKIE))
    assert browser.get("/api/users/me").status_code == 200
    assert browser.post("/api/auth/logout", headers={"Origin": _origin(browser)}).status_code == 204
    assert not {ACCESS_COOKIE, REFRESH_COOKIE, UNTIL_COOKIE} & set(browser.cookies)


def test_a_bearer_token_takes_precedence_over_cookies(browser: httpx.Client, settings: Settings) -> None:
    other = sign_in(settings)
    assert browser.get("/api/users/me", headers=other.headers).json()["id"] == str(other.user_id)


def test_signing_out_accepts_any_token_and_is_idempotent(anonymous: httpx.Client, settings: Settings) -> None:
    for shown in ("refresh", "expired"):
        person = sign_in(settings)
        tokens = _session(anonymous, settings, person)
        claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
        old = _signed(settings, person, sid=claims["sid"], exp=int(time.time()) - 1)
        token = tokens["refresh_token"] if shown == "refresh" else old
        for _ in range(2):
            answer = anonymous.post("/api/auth/logout", headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 204
        assert code_of(bearer(anonymous, "/api/users/me", tokens["access_token"])) == (
            401,
            "AUTH_TOKEN_REVOKED",
        )
        assert bearer(anonymous, "/api/users/me", person.token).status_code == 200, "another device stays"
    for forged in ("a.b.c", _signed(settings, person, iss="other")):
        answer = anonymous.post("/api/auth/logout", headers={"Authorization": f"Bearer {forged}"})
        assert code_of(answer) == (401, "AUTH_REQUIRED")


def test_an_idle_page_signs_out_with_its_refresh_cookie(browser: httpx.Client) -> None:
    refresh = browser.cookies[REFRESH_COOKIE]
    browser.cookies.delete(ACCESS_COOKIE)
    assert code_of(browser.post("/api/auth/logout")) == (403, "AUTH_ORIGIN_REFUSED")
    assert browser.post("/api/auth/logout", headers={"Origin": _origin(browser)}).status_code == 204
    assert not {ACCESS_COOKIE, REFRESH_COOKIE, UNTIL_COOKIE} & set(browser.cookies)
    assert code_of(_refresh(browser, refresh)) == (401, "AUTH_TOKEN_REVOKED")


def test_tokens_are_not_cached_and_an_expired_refresh_token_states_a_remedy(
    anonymous: httpx.Client, settings: Settings, person: Person
) -> None:
    email, password = set_password(settings, person, "Aces2Kings")
    answer = login(anonymous, email, password)
    assert answer.headers["cache-control"] == "no-store"
    renewed = _refresh(anonymous, answer.json()["refresh_token"])
    assert renewed.headers["cache-control"] == "no-store"
    old = _refresh(anonymous, _signed(settings, person, typ="refresh", exp=int(time.time()) - 1))
    assert code_of(old) == (401, "AUTH_TOKEN_EXPIRED")
    assert "sign in again" in old.json()["error"]["message"]


def test_without_a_secret_auth_is_down(settings: Settings) -> None:
    with serving(create_app(settings.model_copy(update={"jwt_secret": None}))) as client:
        for answer in (login(client), client.get("/api/contents"), bearer(client, "/api/users/me", "a.b.c")):
            assert code_of(answer) == (503, "BLOCK_DOWN")
        health = client.get("/api/health")
        assert (health.status_code, health.json()["blocks"]["auth"]) == (503, "unhealthy")


def test_a_cached_token_expires() -> None:
    tokens = Tokens(b"k" * 32, dt.timedelta(seconds=1), dt.timedelta(days=7))
    ids = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    token = tokens.make("access", *ids)
    first = tokens.read_access(token)
    assert (first.user_id, first.session_id, first.token_id) == ids
    assert tokens.read_access(token) == first
    with pytest.raises(AuthRequiredError):
        tokens.read_access(tokens.make("refresh", *ids))

    def expired() -> bool:
        try:
            tokens.read_access(token)
        except TokenExpiredError:
            return True
        return False

    eventually(expired)
