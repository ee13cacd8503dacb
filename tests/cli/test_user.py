"""`wsoptv user`, and the secrets that a home keeps."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog_models.engine import make_engine
from catalog_models.reads.overview import overview
from catalog_models.tables import Actor, AuditEntry, LoginSession
from catalog_models.writes import users
from deployments import accounts
from deployments.runtime import Runtime
from deployments.stack.home_secrets import home_secret
from deployments.token_secret import with_token_secret
from orchestration.redis_publisher import redis_publisher
from orchestration.settings import Settings
from orchestration.transactions import Transactions
from serving.auth import passwords
from tests.cli.conftest import Command
from tests.serving.conftest import sign_in


def test_accounts_are_created_listed_and_refused_with_a_reason(wsoptv: Command) -> None:
    ann = ("--email", "ann@example.com", "--username", "ann", "--password", "Aces2Kings")
    assert "can sign in as ann@example.com (admin)" in wsoptv("user", "create", *ann, "--admin").stdout
    assert wsoptv.json("user", "create", *ann, code=3)["error"]["code"] == "account_taken"
    weak = wsoptv("user", "create", "--email", "c@example.com", "--username", "cid", "--password", "sesam")
    assert (weak.returncode, "sesam" in weak.stderr + weak.stdout) == (3, False)
    assert "8 characters" in weak.stderr
    (listed,) = wsoptv.json("user", "list")["items"]
    assert (listed["username"], listed["role"], listed["status"]) == ("ann", "admin", "active")
    assert "password_hash" not in listed
    nobody = wsoptv.json("user", "reset-password", "--email", b"\xff", "--password", "Kings2Aces", code=3)
    assert nobody["error"]["message"] == "no account has the e-mail \\xff"


@pytest.fixture
def runtime(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Runtime:
    """Return the runtime of a command, without its process."""
    monkeypatch.setattr(passwords, "COST", 4)
    assert settings.database_url is not None
    assert settings.redis_url is not None
    engine = make_engine(settings.database_url.get_secret_value())
    publish = redis_publisher(settings.redis_url.get_secret_value())
    return Runtime(settings, engine, Transactions(engine, publish))


def test_a_new_password_ends_sign_in_sessions_and_is_audited(runtime: Runtime, settings: Settings) -> None:
    person = sign_in(settings)
    actor = Actor("root (command line)")
    accounts.reset_password(runtime, f"{person.username}@example.com", "Kings2Aces", actor)
    with Session(runtime.engine) as session:
        assert session.get_one(LoginSession, person.session_id).end_reason == "password"
        (entry,) = session.scalars(select(AuditEntry))
        assert (entry.actor, entry.action) == ("root (command line)", "user.password_reset")
        assert entry.target_id == str(person.user_id)
        assert "Kings2Aces" not in str(entry.details)
    runtime.engine.dispose()


def test_registrations_are_counted_and_approved(runtime: Runtime) -> None:
    with Session(runtime.engine) as session:
        users.create(session, email="bea@example.com", username="bea", password_hash="", approved=False)
        session.commit()
        assert overview(session, "", []).registrations == 1
    actor = Actor("root (command line)")
    with pytest.raises(accounts.UnknownAccountError):
        accounts.approve_accounts(runtime, ["bea@example.com", "nobody@example.com"], actor)
    assert [one.status for one in accounts.list_accounts(runtime).items] == ["pending"]
    accounts.approve_accounts(runtime, ["BEA@example.com"], actor)
    assert [one.status for one in accounts.list_accounts(runtime).items] == ["active"]
    with Session(runtime.engine) as session:
        assert overview(session, "", []).registrations == 0
    runtime.engine.dispose()


def test_the_demo_has_the_same_account_at_each_start(runtime: Runtime) -> None:
    first = accounts.demo_account(runtime)
    assert accounts.demo_account(runtime) == first
    assert [(one.email, one.role) for one in accounts.list_accounts(runtime).items] == [(first[0], "admin")]
    runtime.engine.dispose()


def test_a_home_keeps_one_private_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: home_secret(tmp_path / "home", "jwt"), range(16)))
    assert len(found) == 1
    folder = tmp_path / "home" / "secrets"
    assert [path.name for path in folder.iterdir()] == ["jwt"]
    assert stat.S_IMODE((folder / "jwt").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    known = Settings(WSOPTV_HOME=tmp_path / "home", JWT_SECRET_KEY=None, DATABASE_URL=None)
    made = with_token_secret(known).jwt_secret
    assert made is not None
    assert {made.get_secret_value()} == found
    own = SecretStr("a secret of the tests, longer than it has to be")
    assert with_token_secret(known.model_copy(update={"jwt_secret": own})).jwt_secret == own


def test_an_empty_secret_is_replaced_and_a_readable_one_made_private(tmp_path: Path) -> None:
    file = tmp_path / "secrets" / "jwt"
    file.parent.mkdir()
    file.write_text("\n")
    file.chmod(0o644)
    made = home_secret(tmp_path, "jwt")
    assert len(made) == 64
    file.chmod(0o644)
    assert home_secret(tmp_path, "jwt") == made
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["jwt"]


def test_an_external_database_requires_a_configured_secret(wsoptv: Command, database_url: str) -> None:
    refused = wsoptv("serve", "--port", "0", DATABASE_URL=database_url, JWT_SECRET_KEY="")
    assert refused.returncode == 3
    assert "JWT_SECRET_KEY" in refused.stderr
    assert wsoptv("user", "list", DATABASE_URL=database_url, JWT_SECRET_KEY="").returncode == 0
