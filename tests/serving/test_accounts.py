"""Accounts: registration, sign-in, name, password and devices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import bcrypt
import httpx
import pytest
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from catalog_models.tables import User
from catalog_models.writes import users
from orchestration.settings import Settings
from serving.app import create_app
from tests.serving.conftest import serving, set_password, sign_in

pytestmark = pytest.mark.shared_servers

ANN = {"email": "Ann@Example.com", "username": "ann", "password": "Aces2Kings"}


@pytest.fixture
def open_house(settings: Settings) -> Iterator[httpx.Client]:
    """Yield a client of a server with open registration."""
    with serving(create_app(settings.model_copy(update={"registration": "open"}))) as client:
        yield client


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def login(client: httpx.Client, email: str = ANN["email"], password: str = ANN["password"]) -> httpx.Response:
    return client.post("/api/auth/login", json={"email": email, "password": password})


def bearer(client: httpx.Client, path: str, token: str) -> httpx.Response:
    return client.get(path, headers={"Authorization": f"Bearer {token}"})


def test_a_registration_waits_for_approval(anonymous: httpx.Client, engine: Engine) -> None:
    answer = anonymous.post("/api/auth/register", json=ANN)
    assert (answer.status_code, answer.json()["status"]) == (201, "pending")
    assert code_of(login(anonymous)) == (403, "AUTH_NOT_APPROVED")
    assert code_of(login(anonymous, password="Wrong2Word")) == (401, "AUTH_WRONG_CREDENTIALS")
    with Session(engine) as session:
        users.approve(session, answer.json()["id"])
        session.commit()
    assert login(anonymous).status_code == 200


def test_registration_follows_the_policy_open_or_closed(settings: Settings, open_house: httpx.Client) -> None:
    assert open_house.post("/api/auth/register", json=ANN).json()["status"] == "active"
    tokens = login(open_house, "ann@example.COM").json()
    assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 900)
    me = bearer(open_house, "/api/users/me", tokens["access_token"]).json()
    assert (me["email"], me["username"], me["role"]) == ("Ann@Example.com", "ann", "user")
    with serving(create_app(settings.model_copy(update={"registration": "closed"}))) as closed:
        refused = closed.post("/api/auth/register", json=ANN | {"email": "b@example.com", "username": "bob"})
        assert code_of(refused) == (403, "AUTH_REGISTRATION_CLOSED")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "ann"),
        ("email", "ann@"),
        ("email", "a b@example.com"),
        ("email", "a\0@example.com"),
        ("email", "a" * 250 + "@example.com"),
        ("username", "an"),
        ("username", "a" * 33),
        ("username", "ann<script>"),
        ("username", "ann\0"),
        ("password", "Short1"),
        ("password", "alllower1"),
        ("password", "ALLUPPER1"),
        ("password", "NoDigitsHere"),
        ("password", "Aa1" + "ü" * 40),
        ("password", "Aces2Kings\0"),
    ],
)
def test_an_invalid_account_is_refused_with_its_field(
    anonymous: httpx.Client, field: str, value: str
) -> None:
    answer = anonymous.post("/api/auth/register", json=ANN | {field: value})
    assert code_of(answer) == (422, "REQUEST_INVALID")
    assert field in answer.json()["error"]["message"]
    if field == "password":
        assert value not in answer.text


def test_names_and_e_mails_are_unique_in_any_case(open_house: httpx.Client) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: open_house.post("/api/auth/register", json=ANN), range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    other_name = open_house.post("/api/auth/register", json=ANN | {"username": "other"})
    assert other_name.json()["error"]["details"] == {"field": "email"}
    other_email = open_house.post(
        "/api/auth/register", json=ANN | {"email": "o@example.com", "username": "ANN"}
    )
    assert other_email.json()["error"]["details"] == {"field": "username"}


def test_unknown_accounts_and_wrong_passwords_get_the_same_response(
    open_house: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_house.post("/api/auth/register", json=ANN)
    checks: list[bytes] = []
    check = bcrypt.checkpw

    def counted(password: bytes, stored: bytes) -> bool:
        checks.append(stored)
        return check(password, stored)

    monkeypatch.setattr(bcrypt, "checkpw", counted)
    wrong, unknown = login(open_house, password="Wrong2Word"), login(open_house, "nobody@example.com")
    assert (wrong.status_code, wrong.content) == (unknown.status_code, unknown.content)
    odd = [login(open_house, "a\0b"), login(open_house, "' or 1=1 --"), login(open_house, password="x" * 900)]
    assert {code_of(answer) for answer in odd} == {(401, "AUTH_WRONG_CREDENTIALS")}
    assert len(checks) == 5, "the time of a check is taken for each"


@pytest.mark.parametrize("redis", [True, False])
def test_guessing_locks_only_the_guessed_account(settings: Settings, redis: bool, engine: Engine) -> None:
    settings = settings if redis else settings.model_copy(update={"redis_url": None})
    ann, bob = sign_in(settings), sign_in(settings)
    email, password = set_password(settings, ann, "Aces2Kings")
    other, own = set_password(settings, bob, "Aces2Kings")
    with serving(create_app(settings)) as client:
        with ThreadPoolExecutor(8) as pool:
            guesses = list(pool.map(lambda n: login(client, email, f"Guess{n}").status_code, range(16)))
        assert (guesses.count(401), guesses.count(429)) == (10, 6)
        refused = login(client, email.upper(), password)
        assert code_of(refused) == (429, "AUTH_TOO_MANY_ATTEMPTS")
        assert int(refused.headers["retry-after"]) > 600
        assert login(client, other, own).status_code == 200


def test_right_passwords_do_not_count_as_attempts(settings: Settings, anonymous: httpx.Client) -> None:
    email, password = set_password(settings, sign_in(settings), "Aces2Kings")
    assert {login(anonymous, email, password).status_code for _ in range(35)} == {200}


def test_a_new_password_requires_the_current_one_and_ends_other_sign_ins(
    settings: Settings, anonymous: httpx.Client
) -> None:
    person = sign_in(settings)
    email, password = set_password(settings, person, "Aces2Kings")
    phone = login(anonymous, email, password).json()["access_token"]

    def change(**fields: str) -> httpx.Response:
        return anonymous.patch("/api/users/me", json=fields, headers=person.headers)

    assert code_of(change(password="Kings2Aces")) == (422, "REQUEST_INVALID")
    assert code_of(change(password="Kings2Aces", current_password="No2Such")) == (403, "AUTH_WRONG_PASSWORD")
    assert code_of(change(password="weak", current_password=password)) == (422, "REQUEST_INVALID")
    assert (
        change(password="Kings2Aces", current_password=password, username="annie").json()["username"]
        == "annie"
    )
    assert code_of(bearer(anonymous, "/api/users/me", phone)) == (401, "AUTH_TOKEN_REVOKED")
    assert bearer(anonymous, "/api/users/me", person.token).json()["username"] == "annie"
    assert login(anonymous, email, password).status_code == 401
    assert login(anonymous, email, "Kings2Aces").status_code == 200


def test_devices_are_listed_and_signed_out(settings: Settings, anonymous: httpx.Client) -> None:
    person, stranger = sign_in(settings), sign_in(settings)
    email, password = set_password(settings, person, "Aces2Kings")
    headers = {"User-Agent": "Phone\t1.0" + "x" * 500}
    phone = anonymous.post("/api/auth/login", json={"email": email, "password": password}, headers=headers)
    tokens = [phone.json()["access_token"], login(anonymous, email, password).json()["access_token"]]
    devices = anonymous.get("/api/users/me/sessions", headers=person.headers).json()["items"]
    assert [device["current"] for device in devices].count(True) == 1
    (first,) = [device for device in devices if device["device"].startswith("Phone")]
    url = f"/api/users/me/sessions/{first['id']}"
    assert code_of(anonymous.delete(url, headers=stranger.headers)) == (404, "AUTH_DEVICE_NOT_FOUND")
    assert anonymous.delete(url, headers=person.headers).status_code == 204
    assert [bearer(anonymous, "/api/users/me", token).status_code for token in tokens] == [401, 200]
    assert anonymous.delete("/api/users/me/sessions", headers=person.headers).status_code == 204
    assert bearer(anonymous, "/api/users/me", tokens[1]).status_code == 401
    assert bearer(anonymous, "/api/users/me", person.token).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        lambda session, user_id: session.execute(
            update(User).where(User.id == user_id).values(is_active=False)
        ),
        lambda session, user_id: session.delete(session.get_one(User, user_id)),
    ],
)
def test_deactivated_and_deleted_accounts_are_refused(
    settings: Settings, engine: Engine, change: Callable[[Session, object], object]
) -> None:
    """Redis caches sign-ins for a minute, so this test runs without it.

    Changes of accounts revoke sign-ins (REVOKE).
    """
    person = sign_in(settings)
    with serving(create_app(settings.model_copy(update={"redis_url": None}))) as client:
        assert bearer(client, "/api/users/me", person.token).status_code == 200
        with Session(engine) as session:
            change(session, person.user_id)
            session.commit()
        assert code_of(bearer(client, "/api/users/me", person.token)) == (401, "AUTH_TOKEN_REVOKED")
