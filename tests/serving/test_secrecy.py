"""No password, token, hash or secret appears in logs or error responses. Events contain only ids."""

from __future__ import annotations

import logging

import httpx
import pytest
from redis import Redis
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from catalog_models.engine import driver_url
from catalog_models.tables import User
from orchestration.settings import Settings
from serving.app import create_app
from tests.serving.conftest import serving
from tests.serving.test_accounts import ANN, bearer, login

# The secrets of the tests themselves.
_CLIENTS = ("httpx", "httpcore")


def _stories(client: httpx.Client) -> tuple[list[httpx.Response], set[str]]:
    """Act as viewers and attackers. Return the error responses, and the secrets that must not appear."""
    client.post("/api/auth/register", json=ANN)
    tokens = login(client).json()
    wrong = {"email": "x" * 2_000, "password": "Secret1" + "y" * 2_000}
    answers = [
        client.post("/api/auth/register", json=ANN),
        client.post("/api/auth/register", json=ANN | {"password": "secret-but-weak"}),
        client.post("/api/auth/login", json=wrong),
        client.post(
            "/api/auth/login", json={"email": ["secret-in-a-list"], "password": {"a": "Secret2Nested"}}
        ),
        client.post("/api/auth/login", content=b'{"password": "Secret3Broken'),
        login(client, password="Secret4Wrong"),
        bearer(client, "/api/users/me", tokens["refresh_token"]),
        bearer(client, "/api/users/me", tokens["access_token"] + "x"),
        client.post("/api/auth/refresh", json={"refresh_token": tokens["access_token"]}),
        client.post("/api/auth/refresh", json={"refresh_token": "Secret5" * 1_000}),
    ]
    renewed = client.post("/api/auth/refresh", json=tokens | {"more": 1}).json()
    latest = client.post("/api/auth/refresh", json={"refresh_token": renewed["refresh_token"]}).json()
    answers.append(client.post("/api/auth/refresh", json={"refresh_token": tokens["refresh_token"]}))
    answers.append(bearer(client, "/api/users/me", renewed["access_token"]))
    told = {
        ANN["password"],
        "ecret-but-weak",
        "ecret-in-a-list",
        *(f"ecret{number}" for number in range(1, 6)),
    }
    return answers, told | {
        value for pair in (tokens, renewed, latest) for value in pair.values() if len(str(value)) > 20
    }


def test_secrets_are_neither_logged_nor_returned(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(
        logging.INFO,
        "sqlalchemy.engine",
        # Statements are logged at this level. A lower level shows rows, as its user expects.
    )
    with serving(create_app(settings.model_copy(update={"registration": "open"}))) as client:
        answers, secrets = _stories(client)
    assert {answer.status_code for answer in answers} == {401, 409, 422}
    logged = "\n".join(
        f"{record.getMessage()} {record.exc_text}"
        for record in caplog.records
        if not record.name.startswith(_CLIENTS)
    )
    assert settings.jwt_secret is not None
    secrets |= {settings.jwt_secret.get_secret_value(), _hash(settings)}
    assert "INSERT INTO users" in logged, "the statements are there, and show no parameters"
    for secret in secrets:
        assert secret not in logged
        assert not [answer.text for answer in answers if secret in answer.text]


def _hash(settings: Settings) -> str:
    assert settings.database_url is not None
    engine = create_engine(driver_url(settings.database_url.get_secret_value()))
    with Session(engine) as session:
        found = session.scalars(select(User.password_hash)).one()
    engine.dispose()
    return found


def test_registrations_and_sign_ins_are_announced(settings: Settings) -> None:
    assert settings.redis_url is not None
    with (
        serving(create_app(settings.model_copy(update={"registration": "open"}))) as client,
        Redis.from_url(settings.redis_url.get_secret_value()) as redis,
        redis.pubsub(ignore_subscribe_messages=True) as heard,
    ):
        heard.subscribe("auth.user_created", "auth.login.success")
        heard.get_message(timeout=5)
        heard.get_message(timeout=5)
        user_id = client.post("/api/auth/register", json=ANN).json()["id"]
        client.post("/api/auth/register", json=ANN)
        login(client, password="Wrong2Word")
        login(client)
        messages = [heard.get_message(timeout=5) for _ in range(2)]
        assert [(message["channel"], message["data"]) for message in messages if message] == [
            (channel, f'{{"user_id":"{user_id}"}}'.encode())
            for channel in (b"auth.user_created", b"auth.login.success")
        ]
        assert heard.get_message(timeout=0.05) is None
