"""Secrets that are set by files: `NAME_FILE` instead of `NAME`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import make_url

from deployments.stack import Stack
from deployments.stack.layout import Layout
from deployments.stack.prefect_worker import PrefectWorker
from orchestration.secret_files import AWS, secret_names
from orchestration.settings import Settings
from orchestration.storage import s3_clients
from tests.cli.conftest import Command

_VALUES = {
    "DATABASE_URL": "postgresql://user:hidden@host/db",
    "REDIS_URL": "redis://:hidden@host:6379/0",
    "JWT_SECRET_KEY": "0123456789abcdef0123456789abcdef",
    "WSOPTV_RENDER_KEY": "fedcba9876543210fedcba9876543210",
}


@pytest.fixture(autouse=True)
def none_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*secret_names(Settings), *AWS):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)


@pytest.mark.parametrize("name", secret_names(Settings))
@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_every_secret_may_be_in_a_file(
    name: str, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = _VALUES.get(name, "user:hidden one")
    path = tmp_path / "secret"
    path.write_bytes((value + ending).encode())
    monkeypatch.setenv(f"{name}_FILE", str(path))
    dumped = Settings().model_dump(by_alias=True)
    assert dumped[name].get_secret_value() == value
    assert "hidden" not in repr(Settings())


def test_the_secrets_are_the_settings_that_do_not_show() -> None:
    assert {*_VALUES, "MEILISEARCH_MASTER_KEY"} <= set(secret_names(Settings))
    assert "WSOPTV_HOME" not in secret_names(Settings)


@pytest.mark.parametrize("name", [*secret_names(Settings), *AWS])
def test_a_secret_that_is_set_twice_is_refused_by_both_names(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text("some secret")
    monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv(name, "another secret")
    with pytest.raises(ValidationError, match=rf"{name}_FILE\n.*{name} is set as well") as caught:
        Settings()
    assert "secret" not in str(caught.value).replace("secret_file", "")


def test_an_empty_variable_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """The compose file passes on variables that may be empty."""
    monkeypatch.setenv("JWT_SECRET_KEY_FILE", "")
    monkeypatch.setenv("JWT_SECRET_KEY", _VALUES["JWT_SECRET_KEY"])
    secret = Settings().jwt_secret
    assert secret is not None
    assert secret.get_secret_value() == _VALUES["JWT_SECRET_KEY"]


@pytest.mark.parametrize("kind", ["missing", "empty", "blank", "folder", "pipe", "binary", "relative"])
def test_a_file_without_a_secret_is_refused_by_its_name(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "the-secret"
    match kind:
        case "empty" | "blank" | "binary":
            path.write_bytes({"empty": b"", "blank": b" \n\n", "binary": b"\xff\xfe"}[kind])
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "relative":
            path.write_text("a secret")
            monkeypatch.chdir(tmp_path)
            path = Path("the-secret")
    monkeypatch.setenv("MEILISEARCH_MASTER_KEY_FILE", str(path))
    with pytest.raises(ValidationError, match=rf"MEILISEARCH_MASTER_KEY_FILE\n.*{path}"):
        Settings()


def test_a_command_names_the_variable_and_the_file(tmp_path: Path) -> None:
    refused = Command(tmp_path / "home", {"AWS_SECRET_ACCESS_KEY_FILE": str(tmp_path / "none")})("list")
    assert refused.returncode == 2
    assert f"AWS_SECRET_ACCESS_KEY_FILE: cannot read the file {tmp_path / 'none'}" in refused.stderr


def test_buckets_are_asked_with_the_key_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("a secret key\n")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "an id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY_FILE", str(tmp_path / "key"))
    s3_clients.listing_client.cache_clear()
    try:
        found = s3_clients._session().get_credentials()
        assert found is not None
        assert (found.access_key, found.secret_key) == ("an id", "a secret key")
        assert s3_clients.listing_client() is not None
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        with pytest.raises(PermissionError, match="AWS_ACCESS_KEY_ID"):
            s3_clients._session()
    finally:
        s3_clients.listing_client.cache_clear()


def test_flow_runs_read_the_files_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker passes its servers' addresses to flow runs, except those that are in a file."""
    (tmp_path / "url").write_text(_VALUES["DATABASE_URL"])
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "url"))
    (tmp_path / "auth").write_text("wsoptv:hidden")
    monkeypatch.setenv("PREFECT_API_AUTH_STRING_FILE", str(tmp_path / "auth"))
    servers = Stack(_VALUES["DATABASE_URL"], "unix:///embedded")
    handed = PrefectWorker(
        Layout(tmp_path, "worker"), servers, "http://x/api", "wsoptv:hidden"
    )._environment()
    assert "DATABASE_URL" not in handed
    assert handed["REDIS_URL"] == "unix:///embedded"
    assert handed["PREFECT_API_AUTH_STRING"] == "wsoptv:hidden", "Prefect reads no file"
    monkeypatch.setattr(os, "environ", handed)
    url = Settings().database_url
    assert url is not None
    assert make_url(url.get_secret_value()).password == "hidden"
