"""The check of the web app, with a program in place of npm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deployments.web.build import BuildFailedError
from deployments.web.node import Node
from tests.web import check
from tests.web.app_build import AppBuild

_NPM = """#!/bin/sh
echo "$4" >> ran
test ! -e "fails-$4" || { echo "an error in page.tsx"; exit 1; }
"""


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "web"
    (folder / "node_modules").mkdir(parents=True)
    scripts = {"check": "npm run lint && npm run test"}
    (folder / "package.json").write_text(json.dumps({"scripts": scripts}))
    program = tmp_path / "node"
    program.write_text(_NPM)
    program.chmod(0o755)
    monkeypatch.setattr(check, "SOURCES", folder)
    monkeypatch.setattr(check, "app_build", lambda: AppBuild(folder, Node(program, "v24.0.0", Path("npm"))))
    monkeypatch.setattr("os.nice", lambda _: 0)
    return folder


def ran(sources: Path) -> list[str]:
    """Return the scripts that ran since the last call."""
    log = sources / "ran"
    lines = log.read_text().split() if log.exists() else []
    log.unlink(missing_ok=True)
    return lines


def test_every_script_runs_until_the_sources_pass(sources: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (sources / "fails-lint").touch()
    assert check.main() == 1
    assert ran(sources) == ["lint", "test"]
    assert "an error in page.tsx" in capsys.readouterr().out
    (sources / "fails-lint").unlink()
    assert check.main() == 0
    assert ran(sources) == ["lint", "test"]
    assert check.main() == 0
    assert ran(sources) == [], "unchanged sources have passed"


def test_a_missing_node_or_network_is_no_failure(
    sources: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check, "app_build", lambda: AppBuild(sources, None, "no network"))
    assert check.main() == 0
    assert "not checked: no network" in capsys.readouterr().out


def test_a_failed_build_is_a_failure(sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> AppBuild:
        raise BuildFailedError("Type error in page.tsx")

    monkeypatch.setattr(check, "app_build", fails)
    assert check.main() == 1
