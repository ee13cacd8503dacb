"""The registration with Prefect by `deploy`: flows, schedules, and the automation that ends dead runs."""

from __future__ import annotations

import ast
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deployments.prefect.deployment_file import prefect_file
from tests.cli.conftest import Command, Inside
from tests.prefect.api import LOOK_SECONDS, Api
from tests.stack.conftest import REPOSITORY, until

FLOWS = {
    "ingest-archive",
    "ingest-batch",
    "make-thumbnails",
    "generate-titles",
    "reindex-search",
    "retry-failures",
    "promote-hot",
    "make-renditions",
    "aggregate-statistics",
    "verify-fixity",
    "export-catalogue",
    "warm-cache",
    "expire-sessions",
}


def _schedule(api: Api, name: str) -> dict[str, Any]:
    (schedule,) = api.deployment(name)["schedules"]
    assert isinstance(schedule, dict)
    return schedule


def _flows(path: Path) -> list[str]:
    """Return the names of the flows of a module."""
    functions = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
    return [
        function.name
        for function in functions
        if any(
            isinstance(one, ast.Call) and ast.unparse(one.func) == "flow" for one in function.decorator_list
        )
    ]


def test_the_file_covers_all_flows() -> None:
    described = yaml.safe_load((REPOSITORY / "prefect.yaml").read_text())["deployments"]
    entrypoints = [one["entrypoint"] for one in described]
    written = [
        f"flows.{path.stem}.{name}" for path in (REPOSITORY / "flows").glob("*.py") for name in _flows(path)
    ]
    assert sorted(entrypoints) == sorted(written)
    assert {one["name"] for one in described} == FLOWS


def test_settings_of_the_ui_stay_until_the_file_changes(inside: Command, api: Api, tmp_path: Path) -> None:
    mounted = {"NAS_MOUNT_PATH": str(tmp_path)}
    first = Inside(inside.home, inside.more | mounted).json("deploy")
    assert set(first["deployments"]) == {f"{name}/{name}" for name in FLOWS}
    assert (first["changed"], first["hourly"]) == (True, True)
    assert _schedule(api, "ingest-archive")["active"]
    assert not _schedule(api, "make-renditions")["active"], (
        "renditions fill a disk, so an operator activates it"
    )
    nightly = _schedule(api, "reindex-search")
    path = f"deployments/{api.deployment('reindex-search')['id']}/schedules/{nightly['id']}"
    assert nightly["active"]
    api.patch(path, active=False)

    second = Inside(inside.home, inside.more | mounted).json("deploy")
    assert (second["changed"], second["hourly"]) == (False, True)
    assert not _schedule(api, "reindex-search")["active"]

    unmounted = inside.json("deploy")
    assert (unmounted["changed"], unmounted["hourly"]) == (True, False)
    assert not _schedule(api, "ingest-archive")["active"]
    hourly = _schedule(api, "ingest-archive")
    api.delete(f"deployments/{api.deployment('ingest-archive')['id']}/schedules/{hourly['id']}")
    third = inside.json("deploy")
    assert (third["changed"], third["hourly"]) == (False, False)

    (zombies,) = api.post("automations/filter")
    assert zombies["enabled"]
    assert zombies["actions"][0]["state"] == "CRASHED"


@pytest.mark.parametrize("content", [None, "", "name: wsoptv", "deployments: 3", "deployments: ["])
def test_a_missing_or_damaged_file_is_reported_with_a_remedy(
    inside: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    package = tmp_path / "site-packages" / "deployments"
    package.mkdir(parents=True)
    if content is not None:
        (package / "prefect.yaml").write_text(content)
    monkeypatch.setattr("deployments.prefect.deployment_file._PACKAGE", package)
    error = inside.json("deploy", code=1)["error"]
    assert str(package / "prefect.yaml") in error["message"]
    assert "install WSOPTV again" in error["message"]


def test_an_unsupported_field_is_refused_with_its_position(
    inside: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = yaml.safe_load(prefect_file().read_text())
    read["deployments"][0]["schedules"] = [{"interval": 3600, "slug": "hourly"}]
    (tmp_path / "prefect.yaml").write_text(yaml.safe_dump(read))
    monkeypatch.setattr("deployments.prefect.deployment_file._PACKAGE", tmp_path)
    error = inside.json("deploy", code=1)["error"]
    assert "deployments.0.schedules.0.cron" in error["message"]
    assert "prefect deploy --all" in error["message"]


@pytest.mark.parametrize("entrypoint", ["flows.nothing.nothing", "flows/nothing.py:nothing"])
def test_a_flow_that_cannot_be_loaded_is_reported_with_its_deployment(
    inside: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entrypoint: str
) -> None:
    read = yaml.safe_load(prefect_file().read_text())
    read["deployments"][0]["entrypoint"] = entrypoint
    (tmp_path / "prefect.yaml").write_text(yaml.safe_dump(read))
    monkeypatch.setattr("deployments.prefect.deployment_file._PACKAGE", tmp_path)
    error = inside.json("deploy", code=1)["error"]
    assert f"{read['deployments'][0]['name']} ({entrypoint}) could not be applied" in error["message"]


@pytest.mark.usefixtures("deployed")
def test_a_schedule_creates_runs(api: Api) -> None:
    """With another version of SQLAlchemy Prefect's scheduler failed, and nothing reported it."""
    deployment = api.deployment("reindex-search")
    due = {
        "deployments": {"id": {"any_": [deployment["id"]]}},
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
    }
    until(lambda: api.post("flow_runs/count", **due) > 0, 90, LOOK_SECONDS)


@pytest.mark.usefixtures("deployed")
def test_the_form_of_the_ui_describes_every_parameter(api: Api) -> None:
    for name in FLOWS:
        deployment = api.deployment(name)
        assert deployment["description"]
        parameters = deployment["parameter_openapi_schema"]["properties"]
        assert [key for key, said in parameters.items() if not said.get("description")] == [], name
    assert set(api.deployment("ingest-archive")["parameter_openapi_schema"]["properties"]) >= {
        "root",
        "helpers",
    }


def _without_times(known: Any) -> Any:
    """Return the fields of a deployment without its timestamps and version.

    In a checkout with a remote, Prefect's command uses the commit as the version.
    """
    if isinstance(known, list):
        return [_without_times(one) for one in known]
    if not isinstance(known, dict):
        return known
    passing = ("updated", "version", "version_id", "version_info", "last_polled")
    return {name: _without_times(value) for name, value in known.items() if name not in passing}


def test_prefects_own_command_applies_the_same_with_the_variables_of_env(
    inside: Command, server_home: Path, api: Api, tmp_path: Path
) -> None:
    assert inside.json("deploy")["changed"]
    before = [_without_times(api.deployment(name)) for name in sorted(FLOWS)]
    said = Inside(server_home)("env").stdout
    program = shlex.quote(str(Path(sys.executable).with_name("prefect")))
    done = subprocess.run(
        ["sh", "-ec", f"{said}\n{program} --no-prompt deploy --all"],
        cwd=REPOSITORY,
        env=os.environ | {"PREFECT_HOME": str(tmp_path), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert {name for name in FLOWS if f"{name}/{name}" in done.stdout} == FLOWS
    assert [_without_times(api.deployment(name)) for name in sorted(FLOWS)] == before
