"""The compose file: as the format has it, and as our commands, settings and Prefect's take it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from deployments.cli.main import main
from deployments.stack.prefect_environment import server_environment
from orchestration.settings import Settings

FILE = Path(__file__).parents[1] / "deployments/compose.yaml"


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text())["services"]
    return found


def test_it_is_what_the_compose_specification_says() -> None:
    """By the schema that check-jsonschema carries: no Docker is needed."""
    command = ["-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(FILE)]
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_its_commands_are_ours(services: dict[str, dict[str, Any]]) -> None:
    found = [one["command"] for one in services.values() if one.get("command", [None])[0] == "wsoptv"]
    found += [
        line.split(">")[0].split()
        for one in services.values()
        for line in one.get("command", ())
        if isinstance(line, str) and line.startswith("wsoptv ")
    ]
    assert {command[1] for command in found} == {"migrate", "deploy", "worker", "serve", "nginx"}
    for _, name, *options in found:
        shown = CliRunner().invoke(main, [name, "--help"]).output
        assert all(option in shown for option in options if option.startswith("--")), (name, options)


def test_its_settings_are_known(services: dict[str, dict[str, Any]]) -> None:
    known = {str(field.alias) for field in Settings.model_fields.values()}
    ours = {
        name
        for one in services.values()
        for name in one.get("environment", ())
        if "DATABASE_URL" in one["environment"]
    }
    assert {name for name in ours if not name.startswith("AWS_")} <= known
    asked_for = set(re.findall(r"\$\{([A-Z_0-9]+):\?", FILE.read_text()))
    example = (FILE.parent / "compose.env.example").read_text()
    assert asked_for <= {line.partition("=")[0] for line in example.splitlines()}


def test_its_prefect_keeps_what_the_embedded_one_keeps(
    services: dict[str, dict[str, Any]],
) -> None:
    told = services["prefect"]["environment"]
    embedded = server_environment(Path("/nowhere"), "127.0.0.1", 4200)
    for name in ("DB_VACUUM_ENABLED", "DB_VACUUM_RETENTION_PERIOD"):
        assert told[f"PREFECT_SERVER_SERVICES_{name}"] == embedded[f"PREFECT_SERVER_SERVICES_{name}"]
    program = """
from prefect.settings import Settings
server = Settings().server
print(server.events.messaging_broker, server.database.connection_url is not None, *sorted(server.services.db_vacuum.enabled))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | told, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["prefect_redis.messaging", "True", "events", "flow_runs"]


def test_only_the_page_is_open_to_others(services: dict[str, dict[str, Any]]) -> None:
    ports = {name: one["ports"] for name, one in services.items() if "ports" in one}
    assert set(ports) == {"nginx", "prefect"}
    assert all(port.startswith("127.0.0.1:") for port in ports["prefect"]), "it has no accounts"
    asked_for = services["prefect"]["environment"]["PREFECT_SERVER_API_AUTH_STRING"]
    callers = [one for one in services.values() if "PREFECT_API_URL" in one.get("environment", ())]
    assert asked_for == "${PREFECT_API_AUTH_STRING:?}"
    assert [one["environment"]["PREFECT_API_AUTH_STRING"] for one in callers] == [asked_for] * len(callers)
    mounts = [mount for one in services.values() for mount in one.get("volumes", ()) if "/archive" in mount]
    assert mounts
    assert all(mount.endswith(":ro") for mount in mounts), "the archive is never written"
