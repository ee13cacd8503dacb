"""The life of the embedded servers: their start with the first user, their stop after the last, and kills."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import psycopg
import pytest
from pydantic import SecretStr

from deployments.stack import StackError, describe_stack, embedded_versions, shut_down, use_stack
from deployments.stack.layout import Layout
from deployments.stack.state import read_note
from orchestration.settings import Settings
from tests.stack.conftest import (
    REPOSITORY,
    accepts_queries,
    is_in,
    kill,
    leave,
    pings,
    processes,
    settings,
    start_user,
    until,
)


def keeper_of(home: Path) -> int:
    keeper = describe_stack(settings(home)).keeper
    assert keeper is not None
    return keeper


def server_of(home: Path, name: str) -> int:
    note = read_note(Layout(home))
    assert note is not None
    return note.pids[name]


def test_both_servers_respond_and_stop_afterwards(home: Path) -> None:
    with use_stack(settings(home), "test") as stack:
        assert accepts_queries(stack.database_url)
        assert pings(stack.redis_url)
        state = describe_stack(settings(home))
        assert (state.parts, state.data) == (("postgres", "redis"), home)
        assert [(user.pid, user.purpose) for user in state.users] == [(os.getpid(), "test")]
    assert processes(home) == []
    assert describe_stack(settings(home)).users == ()


def test_two_users_share_the_servers_and_the_last_one_stops_them(home: Path) -> None:
    other = start_user(home, "other")
    assert is_in(other)
    keeper = keeper_of(home)
    with use_stack(settings(home), "test") as stack, psycopg.connect(stack.database_url) as connection:
        assert keeper_of(home) == keeper
        connection.execute("create table kept (x int)")
    assert keeper_of(home) == keeper, "the other user remains"
    assert leave(other) == ""
    assert processes(home) == []
    with use_stack(settings(home), "test") as stack, psycopg.connect(stack.database_url) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (0,)
        connection.execute("drop table kept")


def test_many_users_that_enter_at_once_share_one_keeper(home: Path) -> None:
    crowd = [start_user(home) for _ in range(4)]
    assert [is_in(user) for user in crowd] == [True] * 4
    keepers = [found for found in processes(home) if "deployments.stack.keeper" in found.cmdline()]
    assert [found.pid for found in keepers] == [keeper_of(home)]
    assert len(describe_stack(settings(home)).users) == 4
    assert [leave(user) for user in crowd] == [""] * 4
    assert processes(home) == []


def test_an_error_of_the_user_stops_the_servers_and_is_raised(home: Path) -> None:
    with pytest.raises(OSError, match="mine"), use_stack(settings(home), "test"):
        raise OSError("mine")
    assert processes(home) == []


def test_all_servers_stop_after_a_kill_of_the_only_user(home: Path) -> None:
    user = start_user(home, "serve")
    assert is_in(user)
    kill(user.pid)
    user.communicate()
    shut_down(settings(home))
    assert processes(home) == []
    assert describe_stack(settings(home)).users == ()


@pytest.mark.parametrize("victim", ["postgres", "redis"])
def test_a_killed_server_is_restarted_at_its_address(home: Path, victim: str) -> None:
    with use_stack(settings(home), "test") as stack:
        keeper, killed = keeper_of(home), server_of(home, victim)
        kill(killed)
        until(lambda: (note := read_note(Layout(home))) is not None and note.pids[victim] != killed)
        # Waits until the server is ready again.
        with use_stack(settings(home), "another"):
            assert accepts_queries(stack.database_url)
            assert pings(stack.redis_url)
        assert keeper_of(home) == keeper


def test_a_busy_session_does_not_prevent_a_restart(home: Path) -> None:
    with use_stack(settings(home), "test") as stack:
        connection = psycopg.connect(stack.database_url)
        computing = threading.Thread(target=_compute, args=(connection,))
        computing.start()
        until(lambda: psutil.Process(connection.info.backend_pid).cpu_times().user > 0.1)
        kill(server_of(home, "postgres"))
        computing.join()
        connection.close()
        until(lambda: accepts_queries(stack.database_url))


def _compute(connection: psycopg.Connection) -> None:
    # A busy session does not notice that its server has ended.
    with pytest.raises(psycopg.OperationalError):
        connection.execute("select repeat('a', 100000000) ~ '(a|b|ab)*c'")


def test_users_continue_after_a_kill_of_the_keeper(home: Path) -> None:
    with use_stack(settings(home), "test") as stack:
        killed = processes(home)
        with psycopg.connect(stack.database_url) as connection:
            connection.execute("create table survives (x int)")
        kill(keeper_of(home))
        psutil.wait_procs(killed)
        until(lambda: describe_stack(settings(home)).parts != () and accepts_queries(stack.database_url))
        assert pings(stack.redis_url)
        with psycopg.connect(stack.database_url) as connection:
            connection.execute("drop table survives")


def test_the_next_user_starts_the_servers_after_a_kill_of_all(home: Path) -> None:
    user = start_user(home)
    assert is_in(user)
    killed = [psutil.Process(user.pid), *processes(home)]
    for process in killed:
        kill(process.pid)
    user.communicate()
    psutil.wait_procs(killed)
    with use_stack(settings(home), "test") as stack:
        assert accepts_queries(stack.database_url)
        assert pings(stack.redis_url)
        assert [found.purpose for found in describe_stack(settings(home)).users] == ["test"]


def test_a_keeper_stops_its_servers_in_order_on_sigterm(home: Path) -> None:
    with use_stack(settings(home), "test"):
        database = psutil.Process(server_of(home, "postgres"))
        os.kill(keeper_of(home), signal.SIGTERM)
        database.wait(30)
    assert "received fast shutdown request" in (home / "logs" / "postgres.log").read_text()


def test_down_ends_servers_but_no_ingest(home: Path) -> None:
    serving, ingesting = start_user(home, "serve"), start_user(home, "ingest")
    assert is_in(serving)
    assert is_in(ingesting)
    ended = shut_down(settings(home))
    assert [user.pid for user in ended.ended] == [serving.pid]
    assert [user.pid for user in ended.remaining] == [ingesting.pid]
    serving.communicate()
    assert leave(ingesting) == ""
    assert shut_down(settings(home)).ended == ()


def test_external_servers_are_used_and_none_is_started(home: Path) -> None:
    own = Settings(
        WSOPTV_HOME=home, DATABASE_URL=SecretStr("postgresql://x@h/d"), REDIS_URL=SecretStr("redis://h")
    )
    with use_stack(own, "test") as stack:
        assert (stack.database_url, stack.redis_url) == ("postgresql://x@h/d", "redis://h")
        assert processes(home) == []
        assert [user.purpose for user in describe_stack(own).users] == ["test"]


def test_only_servers_without_an_address_are_started(home: Path) -> None:
    own_redis = Settings(WSOPTV_HOME=home, DATABASE_URL=None, REDIS_URL=SecretStr("redis://h"))
    with use_stack(own_redis, "up") as stack:
        assert stack.redis_url == "redis://h"
        assert accepts_queries(stack.database_url)
        assert describe_stack(own_redis).parts == ("postgres",)
        with pytest.raises(StackError, match=rf"without the embedded redis, by up \(pid {os.getpid()}\)"):
            _enter(home)


def _enter(home: Path) -> None:
    with use_stack(settings(home), "test"):
        pass


def test_the_keeper_loads_no_heavy_library() -> None:
    code = (
        "import sys, deployments.stack.keeper\n"
        "print([name for name in ('pydantic', 'sqlalchemy', 'psycopg', 'redis') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_describing_a_home_creates_no_files(tmp_path: Path) -> None:
    state = describe_stack(settings(tmp_path / "home"))
    assert (state.keeper, state.parts, state.users) == (None, (), ())
    assert shut_down(settings(tmp_path / "home")).ended == ()
    assert not (tmp_path / "home").exists()


def test_the_programs_report_their_versions() -> None:
    versions = embedded_versions()
    assert versions["postgres"].startswith("postgres (PostgreSQL) 16.")
    assert "v=6.2." in versions["redis-server"]
