"""Refresh tokens: several tabs with the same token, lost responses, stolen tokens and ended sign-ins."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, update
from sqlalchemy.orm import Session

from catalog_models.tables import LoginSession, ShownToken, User
from catalog_models.writes import login_sessions
from orchestration.settings import Settings
from serving.app import create_app
from tests.serving.conftest import Person, serving, set_password, sign_in
from tests.serving.test_accounts import bearer, code_of, login
from tests.serving.test_metrics import _samples as samples

pytestmark = pytest.mark.shared_servers

LIFETIME = dt.timedelta(days=7)


@pytest.fixture
def person(settings: Settings) -> Person:
    return sign_in(settings)


@pytest.fixture
def tokens(anonymous: httpx.Client, settings: Settings, person: Person) -> dict[str, str]:
    """Return the tokens of a sign-in with a password."""
    found: dict[str, str] = login(anonymous, *set_password(settings, person, "Aces2Kings")).json()
    return found


def refresh(client: httpx.Client, token: str) -> httpx.Response:
    return client.post("/api/auth/refresh", json={"refresh_token": token})


def _age(engine: Engine, seconds: float) -> None:
    """Let time pass since the last exchange."""
    with engine.begin() as connection:
        moved = LoginSession.rotated_at - dt.timedelta(seconds=seconds)
        connection.execute(update(LoginSession).values(rotated_at=moved))


def test_the_previous_token_returns_the_current_pair_again(
    anonymous: httpx.Client, tokens: dict[str, str]
) -> None:
    first = refresh(anonymous, tokens["refresh_token"]).json()
    again = refresh(anonymous, tokens["refresh_token"])
    assert again.status_code == 200
    assert again.json()["refresh_token"] == first["refresh_token"]
    for pair in (first, again.json()):
        assert bearer(anonymous, "/api/users/me", pair["access_token"]).status_code == 200
    third = refresh(anonymous, first["refresh_token"])
    assert third.status_code == 200
    assert third.json()["refresh_token"] != first["refresh_token"]
    assert refresh(anonymous, third.json()["refresh_token"]).status_code == 200


def test_an_older_token_ends_the_sign_in(
    anonymous: httpx.Client, tokens: dict[str, str], person: Person
) -> None:
    second = refresh(anonymous, tokens["refresh_token"]).json()
    third = refresh(anonymous, second["refresh_token"]).json()
    assert code_of(refresh(anonymous, tokens["refresh_token"])) == (401, "AUTH_TOKEN_REUSED")
    for pair in (second, third):
        assert code_of(refresh(anonymous, pair["refresh_token"])) == (401, "AUTH_TOKEN_REVOKED")
        assert code_of(bearer(anonymous, "/api/users/me", pair["access_token"])) == (
            401,
            "AUTH_TOKEN_REVOKED",
        )
    assert bearer(anonymous, "/api/users/me", person.token).status_code == 200, "another device stays"


@pytest.mark.parametrize(("seconds", "status"), [(25, 200), (31, 401)])
def test_the_grace_ends_after_half_a_minute(
    anonymous: httpx.Client, tokens: dict[str, str], engine: Engine, seconds: float, status: int
) -> None:
    current = refresh(anonymous, tokens["refresh_token"]).json()
    _age(engine, seconds)
    assert refresh(anonymous, tokens["refresh_token"]).status_code == status
    assert bearer(anonymous, "/api/users/me", current["access_token"]).status_code == status


def test_a_repeated_exchange_does_not_extend_the_grace(
    anonymous: httpx.Client, tokens: dict[str, str], engine: Engine
) -> None:
    refresh(anonymous, tokens["refresh_token"])
    _age(engine, 20)
    assert refresh(anonymous, tokens["refresh_token"]).status_code == 200
    _age(engine, 20)
    assert code_of(refresh(anonymous, tokens["refresh_token"])) == (401, "AUTH_TOKEN_REUSED")


@pytest.mark.parametrize("redis", [True, False])
def test_concurrent_exchanges_in_two_processes_return_the_same_token(
    settings: Settings, person: Person, redis: bool
) -> None:
    settings = settings if redis else settings.model_copy(update={"redis_url": None})
    account = set_password(settings, person, "Aces2Kings")
    with (
        serving(create_app(settings)) as one,
        serving(create_app(settings)) as two,
        ThreadPoolExecutor(8) as pool,
    ):
        token = login(one, *account).json()["refresh_token"]
        for _ in range(3):
            shown = [(client, token) for client, _ in zip(cycle([one, two]), range(8))]
            answers = list(pool.map(lambda pair: refresh(*pair), shown))
            assert [answer.status_code for answer in answers] == [200] * 8
            (token,) = {answer.json()["refresh_token"] for answer in answers}
            accesses = [answer.json()["access_token"] for answer in answers]
            assert {bearer(two, "/api/users/me", access).status_code for access in accesses} == {200}
        assert len(one.get("/api/users/me/sessions", headers=person.headers).json()["items"]) == 2


def _logout(client: httpx.Client, person: Person, tokens: dict[str, str], engine: Engine) -> None:
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert client.post("/api/auth/logout", headers=headers).status_code == 204


def _new_password(client: httpx.Client, person: Person, tokens: dict[str, str], engine: Engine) -> None:
    changes = {"password": "Kings2Aces", "current_password": "Aces2Kings"}
    assert client.patch("/api/users/me", json=changes, headers=person.headers).status_code == 200


def _sign_out_others(client: httpx.Client, person: Person, tokens: dict[str, str], engine: Engine) -> None:
    assert client.delete("/api/users/me/sessions", headers=person.headers).status_code == 204


def _deactivate(client: httpx.Client, person: Person, tokens: dict[str, str], engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(update(User).where(User.id == person.user_id).values(is_active=False))


def _run_out(client: httpx.Client, person: Person, tokens: dict[str, str], engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(update(LoginSession).values(expires_at=func.now()))


@pytest.mark.parametrize("end", [_logout, _new_password, _sign_out_others, _deactivate, _run_out])
def test_the_grace_does_not_restore_an_ended_sign_in(
    anonymous: httpx.Client,
    tokens: dict[str, str],
    person: Person,
    engine: Engine,
    end: Callable[[httpx.Client, Person, dict[str, str], Engine], None],
) -> None:
    current = refresh(anonymous, tokens["refresh_token"]).json()
    end(anonymous, person, current, engine)
    for shown in (tokens, current, tokens):
        assert refresh(anonymous, shown["refresh_token"]).status_code == 401
    again = refresh(anonymous, current["refresh_token"])
    assert code_of(again) == (401, "AUTH_TOKEN_REVOKED")


def test_a_new_password_keeps_its_own_sign_in_and_the_grace(
    anonymous: httpx.Client, tokens: dict[str, str], settings: Settings
) -> None:
    current = refresh(anonymous, tokens["refresh_token"]).json()
    changes = {"password": "Kings2Aces", "current_password": "Aces2Kings"}
    headers = {"Authorization": f"Bearer {current['access_token']}"}
    assert anonymous.patch("/api/users/me", json=changes, headers=headers).status_code == 200
    assert refresh(anonymous, tokens["refresh_token"]).status_code == 200


def test_tokens_from_before_the_upgrade_stay_valid(
    anonymous: httpx.Client, tokens: dict[str, str], engine: Engine
) -> None:
    """The row of a last exchange by an older version has neither a previous token nor its time."""
    second = refresh(anonymous, tokens["refresh_token"]).json()
    with engine.begin() as connection:
        connection.execute(update(LoginSession).values(previous_refresh_id=None, rotated_at=None))
    assert refresh(anonymous, second["refresh_token"]).status_code == 200
    assert refresh(anonymous, second["refresh_token"]).status_code == 200


def _outcomes(client: httpx.Client) -> Counter[str]:
    """Return the number of refresh tokens by outcome since the server started."""
    return Counter(
        {
            dict(labels)["outcome"]: int(value)
            for (name, labels), value in samples(client).items()
            if name == "refresh_tokens_total"
        }
    )


def test_refresh_tokens_are_counted_by_outcome(anonymous: httpx.Client, tokens: dict[str, str]) -> None:
    before = _outcomes(anonymous)
    second = refresh(anonymous, tokens["refresh_token"]).json()
    refresh(anonymous, tokens["refresh_token"])
    refresh(anonymous, second["refresh_token"])
    for _ in range(2):
        refresh(anonymous, tokens["refresh_token"])
    expected = {"exchanged": 2, "repeated": 1, "reused": 1, "ended": 1}
    assert _outcomes(anonymous) - before == expected


@dataclass
class Model:
    """The expected state of a family of refresh tokens: the issued ids, the last of which is current."""

    issued: list[uuid.UUID]
    since: float = field(default=0)

    def expected(self, shown: int) -> str:
        age = len(self.issued) - 1 - shown
        return "next" if age == 0 else "current" if age == 1 and self.since < 30 else "none"


@pytest.fixture
def family(engine: Engine, person: Person) -> Iterator[Callable[[], tuple[Session, Model]]]:
    with Session(engine) as session:

        def begin() -> tuple[Session, Model]:
            session_id, first = login_sessions.start(session, person.user_id, "tests", "127.0.0.1", LIFETIME)
            session.info["id"] = session_id
            return session, Model([first])

        yield begin


_steps = st.one_of(
    st.tuples(st.just("show"), st.integers(0, 3)), st.tuples(st.just("wait"), st.sampled_from([1, 12, 29]))
)


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(_steps, max_size=12))
def test_every_order_of_exchanges_follows_the_model(
    family: Callable[[], tuple[Session, Model]], person: Person, steps: list[tuple[str, int]]
) -> None:
    session, model = family()
    row = update(LoginSession).where(LoginSession.id == session.info["id"])
    for step, value in steps:
        session.commit()
        if step == "wait":
            model.since += value
            moved = LoginSession.rotated_at - dt.timedelta(seconds=value)
            session.execute(row.values(rotated_at=moved), execution_options={"synchronize_session": False})
            continue
        shown = max(0, len(model.issued) - 1 - value)
        token = ShownToken(person.user_id, session.info["id"], model.issued[shown])
        found, expected = login_sessions.rotate(session, token, LIFETIME), model.expected(shown)
        assert (found is None) == (expected == "none")
        if found is not None:
            assert found.repeated == (expected == "current")
            assert (found.refresh_id == model.issued[-1]) == found.repeated
            if not found.repeated:
                model.issued.append(found.refresh_id)
                model.since = 0
