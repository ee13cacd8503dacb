"""The sources of settings."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from orchestration.settings import Settings


def test_the_shells_home_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """A field named `home` must not be filled from the variable HOME."""
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.delenv("WSOPTV_HOME", raising=False)
    assert Settings().home == Path("/home/somebody/.wsoptv")


def test_patterns_are_separated_by_colons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WSOPTV_EXCLUDE", "*/Trash/*:.snapshot/:")
    assert Settings().exclude == ("*/Trash/*", ".snapshot/")


def test_a_deadline_of_nothing_is_refused_by_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WSOPTV_PROBE_DEADLINE", "0")
    with pytest.raises(ValidationError, match="WSOPTV_PROBE_DEADLINE"):
        Settings()


@pytest.mark.parametrize("value", ["3", "3.0"])
def test_a_lease_is_a_number_of_seconds(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("WSOPTV_LEASE", value)
    assert Settings().lease == timedelta(seconds=3)


@pytest.mark.parametrize("value", ["1", "soon", "nan"])
def test_a_lease_too_short_or_none_at_all_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("WSOPTV_LEASE", value)
    with pytest.raises(ValidationError, match="WSOPTV_LEASE"):
        Settings()


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:hidden@host/db")
    monkeypatch.setenv("MEILISEARCH_MASTER_KEY", "hidden")
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "user:hidden")
    assert Settings().prefect_auth is not None
    assert "hidden" not in repr(Settings())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "garbage"),
        ("DATABASE_URL", "mysql://host/db"),
        ("DATABASE_URL", "postgresql://u:p@host:notaport/db"),
        ("DATABASE_URL", "postgresql://u:p@[::1"),
        ("REDIS_URL", "http://host"),
        ("REDIS_URL", "redis://host:notaport"),
        ("MEILISEARCH_URL", "search:7700"),
        ("MEILISEARCH_URL", "http://host:notaport"),
        ("MEILISEARCH_URL", "http://:secret@host:7700"),
        ("WSOPTV_PROBE_DEADLINE", "inf"),
        ("WSOPTV_FRAMES_DEADLINE", "nan"),
    ],
)
def test_what_is_no_setting_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name):
        Settings()
