"""The tables of a new Prefect database."""

from __future__ import annotations

from pathlib import Path

import pytest

from deployments.stack import prefect_tables
from deployments.stack.prefect_tables import database_of, is_current, make_tables


def test_the_script_fits_the_installed_version_of_prefect() -> None:
    assert is_current(), "write it again: python -m deployments.stack.prefect_tables"


def test_an_existing_database_is_not_changed(tmp_path: Path) -> None:
    make_tables(tmp_path / "home")
    assert database_of(tmp_path / "home").read_bytes().startswith(b"SQLite format 3")
    database_of(tmp_path / "home").write_bytes(b"kept")
    make_tables(tmp_path / "home")
    assert database_of(tmp_path / "home").read_bytes() == b"kept"


def test_leftovers_of_an_interrupted_start_are_replaced(tmp_path: Path) -> None:
    (tmp_path / ".prefect.db.part").write_bytes(b"torn")
    make_tables(tmp_path)
    assert database_of(tmp_path).stat().st_size > 100_000
    assert [path.name for path in tmp_path.iterdir()] == ["prefect.db"]


def test_another_version_of_prefect_creates_its_own_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prefect_tables, "version", lambda _package: "3.8.9")
    make_tables(tmp_path)
    assert list(tmp_path.iterdir()) == []
