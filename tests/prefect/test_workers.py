"""Runs from the Prefect UI: a worker runs them, and another one continues if it is killed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from orchestration.home import embedded_prefect_auth, running_servers
from tests.cli.conftest import Command, Inside
from tests.folders import open_folder
from tests.plugins.ingest import Archive
from tests.plugins.prefect_server import WITHOUT_BLOCKS
from tests.prefect.api import LOOK_SECONDS, Api
from tests.prefect.conftest import writes_blocked
from tests.stack.conftest import processes, until


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


@contextmanager
def running_worker(command: Command) -> Iterator[psutil.Process]:
    """Run a worker; yield Prefect's process, which starts the flow runs."""
    with command.start("worker") as process:
        try:
            assert process.stdout is not None
            ready = process.stdout.readline().startswith("READY")
            assert ready, process.communicate()[1]
            yield _starter(command)
        finally:
            for found in processes(command.home):
                # A failed test may have stopped it.
                found.resume()
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)


@contextmanager
def _up(command: Command) -> Iterator[Api]:
    """Run `up` with all embedded servers; yield the API of its Prefect. No process remains."""
    up = command.start("up", "--port", "0")
    try:
        assert up.stdout is not None
        said = dict(up.stdout.readline().split() for _line in range(2))
        yield Api(f"{said['PREFECT']}/api", embedded_prefect_auth(command.home) or "")
        assert processes(command.home) != []
    finally:
        for found in processes(command.home):
            found.resume()
        assert command.end(up) == 0
    assert processes(command.home) == []


def _starter(command: Command) -> psutil.Process:
    """Return Prefect's process that starts the flow runs of a home."""
    return next(found for found in processes(command.home) if {"worker", "start"} <= {*found.cmdline()})


_OTHER = {"WSOPTV_LEASE": "3", "WSOPTV_QUEUES": "io"}
_CLAIMED = "select count(*) from media_files where claimed_by is not null"
_SETTLED = "select count(*) from media_files where content_id is not null and claimed_by is null"


def test_up_completes_the_run_of_a_killed_worker_and_skips_queues_that_it_does_not_serve(
    archive: Archive, folder: Path
) -> None:
    archive.put("WSOP 2031/WSOP 2031 Main Event Day 1A.mp4")
    for number in range(3):
        archive.put(f"{number}.mp4")
    here = Command(folder / "home", _OTHER | WITHOUT_BLOCKS)
    with _up(here) as api:
        servers = running_servers(here.home)
        shared = {"DATABASE_URL": servers["postgres"], "REDIS_URL": servers["redis"]}
        access = {"PREFECT_API_URL": api.url, "PREFECT_API_AUTH_STRING": api.auth}
        there = Command(folder / "other", _OTHER | shared | access)
        titling = api.start("generate-titles")
        with (
            running_worker(there) as first,
            psycopg.connect(servers["postgres"], autocommit=True) as connection,
        ):

            def ask(query: str) -> list[tuple[object, ...]]:
                return connection.execute(query.encode()).fetchall()

            with writes_blocked(servers["postgres"], "thumbnails"):
                second = _starter(here)
                second.suspend()
                run = api.start("ingest-archive", root=str(archive.root), settle=0, workers=1)
                until(lambda: ask(_CLAIMED) == [(4,)], 60)
                second.resume()
                first.suspend()
                helping = api.start("ingest-batch", root=str(archive.root), workers=1)
                until(lambda: api.state(helping) == "Running", 60, LOOK_SECONDS)
                ((claimant,),) = ask("select distinct claimed_by from media_files")
                for process in (first, psutil.Process(int(str(claimant).split(":")[-2]))):
                    process.kill()
            assert api.ended(helping) == "Completed"
            assert api.state(titling) in ("Scheduled", "Late")
            assert api.get(f"flow_runs/{run['id']}")["name"] == f"ingest {archive.root}"
            assert ask("select count(*) from contents where is_visible") == [(4,)]
            assert ask(_SETTLED) == [(4,)]
            assert ask("select count(*) from thumbnails") == [(16,)]
            assert ask("select count(*) from stage_failures") == [(0,)]
        listed = Inside(here.home).json("list", "Main Event")["items"]
        assert [item["title"] for item in listed] == ["WSOP 2031 Main Event – Day 1A"]
