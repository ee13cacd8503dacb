"""`wsoptv nginx`: nginx accepts the printed configuration, and wrong options are refused."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from catalog_models.engine import make_engine
from catalog_models.tables import Root
from deployments.cli.nginx import nginx
from tests.cli.conftest import Command, Inside
from tests.serving.nginx import NEEDS_NGINX, NGINX

# The account `nobody` instead of root.
ORDINARY = 65534 if os.geteuid() == 0 else None


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return Command(tmp_path / "home")


@pytest.fixture
def prefix() -> Iterator[Path]:
    """Yield a folder of an unprivileged user, also if root runs pytest."""
    with tempfile.TemporaryDirectory(prefix="wsoptv-nginx-") as folder:
        if ORDINARY is not None:
            os.chown(folder, ORDINARY, ORDINARY)
        yield Path(folder)


def check(config: str, prefix: Path) -> None:
    """Let nginx check the configuration as an unprivileged user."""
    assert NGINX is not None
    (prefix / "nginx.conf").write_text(config)
    arguments = [NGINX, "-t", "-p", str(prefix), "-c", "nginx.conf", "-e", "stderr"]
    done = subprocess.run(arguments, user=ORDINARY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


@NEEDS_NGINX
def test_the_configuration_is_complete_for_several_processes_and_any_roots(
    command: Command, tmp_path: Path, prefix: Path
) -> None:
    roots = [tmp_path / name for name in ("plain", 'a "b" \\ $c;{}\n#é', "plain/within")]
    for root in roots:
        root.mkdir()
    options = [part for root in roots for part in ("--root", str(root))]
    options += [
        "--app",
        "http://127.0.0.1:8001",
        "--app",
        "http://[::1]:8002",
        "--server-name",
        "tv.example.com",
    ]
    done = command("nginx", "--listen", "[::1]:8443", *options)
    assert (done.returncode, done.stderr) == (0, "")
    for expected in (
        "listen [::1]:8443;",
        "server 127.0.0.1:8001 ",
        "server [::1]:8002 ",
        "serve --port 8002",
    ):
        assert expected in done.stdout
    assert "WSOPTV_ACCEL=true WSOPTV_TRUSTED_PROXIES=127.0.0.1 wsoptv serve" in done.stdout
    check(done.stdout, prefix)
    assert not command.home.exists(), "the command creates no home"


@NEEDS_NGINX
@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl on the PATH")
def test_the_configuration_serves_tls(command: Command, prefix: Path) -> None:
    key, certificate = prefix / "key.pem", prefix / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=tv.example.com"]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    key.chmod(0o644)
    done = command("nginx", "--root", "/", "--certificate", str(certificate), "--key", str(key))
    assert "listen 127.0.0.1:8080 ssl;" in done.stdout
    check(done.stdout, prefix)
    half = CliRunner().invoke(nginx, ["--root", "/", "--key", str(key)])
    assert (half.exit_code, "--certificate" in half.stderr) == (2, True)


def test_roots_come_from_the_catalogue_and_the_settings(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    command = Inside(tmp_path / "home")
    none = command("nginx")
    assert (none.returncode, none.stdout, "--root" in none.stderr) == (3, "", True)
    command.more["NAS_MOUNT_PATH"] = str(tmp_path)
    assert f'"/_files{tmp_path}/"' in command("nginx").stdout
    engine = make_engine(database_url)
    with Session(engine) as session:
        session.add(Root(path=b"/mnt/nas", path_text="/mnt/nas"))
        session.commit()
    engine.dispose()
    both = command("nginx", DATABASE_URL=database_url, REDIS_URL=redis_url).stdout
    assert '"/_files/mnt/nas/"' in both
    assert f'"/_files{tmp_path}/"' in both


@pytest.mark.parametrize(
    "options",
    [
        ["--listen", "8080; evil"],
        ["--listen", "host"],
        ["--app", "ftp://127.0.0.1:21"],
        ["--app", "http://127.0.0.1"],
        ["--app", "http://127.0.0.1:8000/api"],
        ["--app", "http://user@127.0.0.1:8000"],
        ["--app", "http://127.0.0.1:x"],
        ["--server-name", "a b"],
        ["--root", "/nowhere/at/all"],
    ],
)
def test_invalid_options_are_refused(options: list[str]) -> None:
    done = CliRunner().invoke(nginx, options)
    assert (done.exit_code, done.stdout) == (2, "")
    assert options[0] in done.stderr
