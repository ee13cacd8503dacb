"""The compose file against the schema of its format, our commands and settings, and Prefect's settings."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml
from click.testing import CliRunner
from redis import AuthenticationError, Redis

from deployments.cli.main import main
from deployments.stack.prefect_environment import server_environment
from deployments.stack.programs import REDIS
from orchestration.secret_files import secret_names
from orchestration.settings import Settings
from tasks.search.index import settings as search_settings
from tests.processes import running
from tests.stack.conftest import until

FILE = Path(__file__).parents[1] / "deployments/compose.yaml"
EXAMPLE = FILE.parent / "compose.env.example"
HOME = "/home/wsoptv/state"

# Such as the API: one that starts with all our settings.
_WITH_SETTINGS = "DATABASE_URL_FILE"

Services = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def services() -> Services:
    found: Services = yaml.safe_load(FILE.read_text())["services"]
    return found


def test_it_is_what_the_compose_specification_says() -> None:
    """By the schema that check-jsonschema carries: no Docker is needed."""
    command = ["-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(FILE)]
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_its_commands_are_ours(services: Services) -> None:
    found = [one["command"] for one in services.values() if one.get("command", [None])[0] == "wsoptv"]
    found += [
        line.split(">")[0].split()
        for one in services.values()
        for line in one.get("command", ())
        if isinstance(line, str) and line.startswith("wsoptv ")
    ]
    assert {command[1] for command in found} == {"migrate", "deploy", "worker", "serve", "nginx", "backup"}
    for _, name, *options in found:
        shown = CliRunner().invoke(main, [name, "--help"]).output
        assert all(option in shown for option in options if option.startswith("--")), (name, options)


def _ours(services: Services) -> Services:
    return {name: one for name, one in services.items() if _WITH_SETTINGS in one.get("environment", ())}


def _variables() -> dict[str, str]:
    """Return the variables that `compose.env.example` sets."""
    lines = [line for line in EXAMPLE.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def _interpolated(value: str, variables: dict[str, str]) -> str:
    """Return a value as Compose reads it: `${X}`, `${X:-default}`, `${X:?}`, `${X:+instead}` and `$$`."""

    def put(found: re.Match[str]) -> str:
        known, kind, other = variables.get(found[1], ""), found[2] or "", found[3] or ""
        assert known or kind != ":?", f"{found[1]} must be set"
        if kind == ":+":
            return other if known else ""
        return known or other

    return re.sub(r"\$\{([A-Z_0-9]+)(:[-?+])?([^}]*)\}", put, value).replace("$$", "$")


def test_every_setting_is_handed_on(services: Services) -> None:
    """A new setting has its line in `x-settings`: a secret as NAME_FILE, any other as NAME."""
    secrets = secret_names(Settings)
    known = {str(field.alias) for field in Settings.model_fields.values()}
    wanted = {f"{name}_FILE" if name in secrets else name for name in known}
    for name, one in _ours(services).items():
        handed = {variable for variable in one["environment"] if not variable.startswith("AWS_")}
        assert handed == {variable for variable in wanted if not variable.startswith("AWS_")}, name
        assert {"AWS_S3_BUCKET", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID"} <= set(
            one["environment"]
        )


def test_every_variable_is_in_the_example() -> None:
    asked_for = set(re.findall(r"(?<!\$)\$\{([A-Z_0-9]+)", FILE.read_text()))
    assert asked_for == set(_variables())


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """The secrets that the script makes."""
    folder = tmp_path / "secrets"
    _make_secrets(folder)
    return folder


def _make_secrets(folder: Path, **known: str) -> None:
    script = FILE.with_name("compose-secrets.sh")
    subprocess.run(["sh", script, folder], env={"PATH": os.environ["PATH"], **known}, check=True)


def test_a_fresh_example_is_valid_with_the_secrets_that_the_script_makes(
    services: Services, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each optional variable is empty there, and has its default."""
    environment = {
        name: _interpolated(str(value), _variables()).replace("/run/secrets", str(secrets))
        for name, value in services["worker"]["environment"].items()
    }
    monkeypatch.setattr(os, "environ", environment)
    settings = Settings()
    assert settings.jwt_secret is not None
    assert settings.database_url is not None
    password = (secrets / "postgres_password").read_text().strip()
    assert f":{password}@postgres/" in settings.database_url.get_secret_value()
    assert (settings.queues, settings.rate_limit) == (
        ("io", "cpu"),
        Settings.model_fields["rate_limit"].default,
    )


def test_the_script_keeps_what_is_there_and_takes_older_passwords(tmp_path: Path) -> None:
    _make_secrets(tmp_path, POSTGRES_PASSWORD="of-before", AWS_SECRET_ACCESS_KEY="a-key")
    first = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert "of-before@postgres" in first["database_url"]
    assert first["aws_secret_access_key"] == "a-key\n"
    _make_secrets(tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == first
    # Each container reads them as its own user; the folder keeps other users out.
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o444}


def test_every_secret_is_a_file(services: Services, secrets: Path) -> None:
    declared = yaml.safe_load(FILE.read_text())["secrets"]
    for name, one in services.items():
        granted = one.get("secrets", [])
        text = yaml.safe_dump(
            [one.get("environment", {}), one.get("command", []), one.get("healthcheck", {})]
        )
        used = set(re.findall(r"/run/secrets/(\w+)", text))
        assert used <= set(granted), name
        assert set(granted) <= set(declared)
        assert not re.search(r"\$\{\w*(PASSWORD|SECRET|KEY)\b", text.replace("AWS_ACCESS_KEY_ID", "")), name
    made = {Path(one["file"]).name for one in declared.values() if "AWS" not in one["file"]}
    assert made == {path.name for path in secrets.iterdir()}
    ignored = (FILE.parents[1] / ".dockerignore").read_text().split()
    assert {"deployments/secrets", "deployments/compose.env"} <= set(ignored), "the image must not hold them"


def _script(service: dict[str, Any], secrets: Path, **places: str) -> list[str]:
    """The command of a container, with files of this machine."""
    command = [_interpolated(word, {}) for word in service["command"]]
    for there, here in {"/run/secrets": str(secrets), **places}.items():
        command = [word.replace(there, here) for word in command]
    return command


def test_redis_takes_its_password_from_the_file(services: Services, secrets: Path, tmp_path: Path) -> None:
    places = {"/tmp/redis.conf": f"{tmp_path}/redis.conf", "/data": str(tmp_path)}
    command = _script(services["redis"], secrets, **places)
    command[-1] += f" --port 0 --unixsocket {tmp_path}/redis.sock"
    program = REDIS.installed() / REDIS.server
    environment = os.environ | {"PATH": f"{program.parent}:{os.environ['PATH']}"}
    password = (secrets / "redis_password").read_text().strip()
    with running(command, env=environment, stdout=subprocess.DEVNULL) as server:
        try:
            until((tmp_path / "redis.sock").exists)
            assert all(password not in word for word in psutil.Process(server.pid).cmdline())
            assert psutil.Process(server.pid).name().startswith("redis"), (
                "it gets the signals of Docker itself"
            )
            with Redis(unix_socket_path=f"{tmp_path}/redis.sock", password=password) as redis:
                assert redis.ping()
            with (
                Redis(unix_socket_path=f"{tmp_path}/redis.sock") as redis,
                pytest.raises(AuthenticationError),
            ):
                redis.ping()
        finally:
            server.send_signal(signal.SIGTERM)


def test_meilisearch_has_a_full_version_that_knows_our_ranking_rules(services: Services) -> None:
    """An image of another version cannot open the volume: it must not change on its own."""
    found = re.fullmatch(r"getmeili/meilisearch:v(\d+)\.(\d+)\.\d+", services["meilisearch"]["image"])
    assert found is not None
    assert "attributeRank" in search_settings((int(found[1]), int(found[2])))["rankingRules"]


def test_meilisearch_takes_its_key_from_the_file(services: Services, secrets: Path) -> None:
    command = _script(services["meilisearch"], secrets, **{"/bin/meilisearch": "env"})
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    key = (secrets / "meilisearch_master_key").read_text().strip()
    assert f"MEILI_MASTER_KEY={key}" in done.stdout.splitlines()


def test_its_prefect_keeps_what_the_embedded_one_keeps(services: Services, secrets: Path) -> None:
    told = {
        name: value.replace("/run/secrets", str(secrets))
        for name, value in services["prefect"]["environment"].items()
    }
    embedded = server_environment(Path("/nowhere"), "127.0.0.1", 4200)
    for name in ("DB_VACUUM_ENABLED", "DB_VACUUM_RETENTION_PERIOD"):
        assert told[f"PREFECT_SERVER_SERVICES_{name}"] == embedded[f"PREFECT_SERVER_SERVICES_{name}"]
    program = """
import os
from prefect.settings import Settings
server = Settings().server
print(server.events.messaging_broker, *sorted(server.services.db_vacuum.enabled))
print(server.database.connection_url.get_secret_value())
print(os.environ["PREFECT_REDIS_MESSAGING_PASSWORD"])
"""
    _python, *entrypoint = services["prefect"]["entrypoint"]
    done = subprocess.run(
        [sys.executable, *entrypoint, sys.executable, "-c", program],
        env=os.environ | told,
        capture_output=True,
        text=True,
        check=True,
    )
    kept, url, password = done.stdout.splitlines()
    assert kept == "prefect_redis.messaging events flow_runs"
    assert url == (secrets / "prefect_database_url").read_text().strip()
    assert password == (secrets / "redis_password").read_text().strip()


def test_a_program_without_its_secret_does_not_start(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "deployments.prefect.secret_environment", "A_KEY", "--", "true"]
    environment = os.environ | {"A_KEY_FILE": str(tmp_path / "none")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"A_KEY_FILE: cannot read the file {tmp_path / 'none'}" in done.stderr


def _volumes(service: dict[str, Any]) -> dict[str, str]:
    """Return the volume, or folder of the host, of each mount in a container."""
    mounts = [_interpolated(mount, {"ARCHIVE": "/nas"}).split(":") for mount in service.get("volumes", ())]
    return {mount[1]: mount[0] for mount in mounts}


def test_what_is_made_outlives_the_containers(services: Services) -> None:
    """Exports, backups, pictures, copies, renditions, logs and the deployment record are on volumes."""
    worker, backup = _volumes(services["worker"]), _volumes(services["backup"])
    assert worker[f"{HOME}/exports"] == backup[f"{HOME}/exports"] == "exports"
    assert backup["/backups"] == "backups"
    assert services["backup"]["command"][-1].startswith("wsoptv backup /backups/")
    assert _volumes(services["deploy"]) == {f"{HOME}/prefect": "deployed"}
    staying = [name for name, one in services.items() if {"serve", "worker"} & set(one.get("command", ()))]
    assert staying == ["worker", "worker-ssd", "api"]
    for name in staying:
        mounted = _volumes(services[name])
        assert mounted[f"{HOME}/logs"] == f"{name}-logs", "logs of one container are written by it alone"
        assert {f"{HOME}/thumbnails", "/cache", "/renditions"} <= set(mounted)
    volumes = set(yaml.safe_load(FILE.read_text())["volumes"])
    used = {place for one in services.values() for place in _volumes(one).values() if place[0] not in "/."}
    assert used == volumes


def test_the_image_gives_every_volume_to_its_user(services: Services) -> None:
    """A new volume has the owner of the folder that the image has there."""
    made = (FILE.parent / "Dockerfile").read_text()
    for one in services.values():
        if one.get("image") == "wsoptv":
            for place, source in _volumes(one).items():
                assert source.startswith("/nas") or re.search(rf"{place}(\s|$)", made), place


def test_servers_have_the_time_to_end_in_order(services: Services) -> None:
    assert all(one.get("stop_grace_period") for name, one in services.items() if name != "nginx"), (
        "Docker kills after ten seconds"
    )
    assert all(one["init"] for one in services.values() if one.get("image") == "wsoptv")
    assert all(one["logging"] == {"driver": "local"} for one in services.values())


def test_only_the_page_is_open_to_others(services: Services) -> None:
    ports = {name: one["ports"] for name, one in services.items() if "ports" in one}
    assert set(ports) == {"nginx", "prefect"}
    assert all(port.startswith("127.0.0.1:") for port in ports["prefect"]), "it has no accounts"
    asked_for = services["prefect"]["environment"]["PREFECT_SERVER_API_AUTH_STRING_FILE"]
    callers = [one for one in services.values() if "PREFECT_API_URL" in one.get("environment", ())]
    assert callers
    assert asked_for == "/run/secrets/prefect_api_auth_string"
    assert all(one["environment"]["PREFECT_API_AUTH_STRING_FILE"] == asked_for for one in callers)
    mounts = [mount for one in services.values() for mount in one.get("volumes", ()) if "/archive" in mount]
    assert mounts
    assert all(mount.endswith(":ro") for mount in mounts), "the archive is never written"
