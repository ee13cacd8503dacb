"""Runs that somebody starts in the Prefect UI: a worker does them, and another one takes over when it is killed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from orchestration.home import embedded_prefect_auth
from tests.cli.conftest import Command, Inside
from tests.folders import open_folder
from tests.plugins.ingest import Archive
from tests.prefect.api import LOOK_SECONDS, Api
from tests.prefect.conftest import Ask, writes_blocked
from tests.stack.conftest import processes, until


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


def test_up_does_what_the_ui_asks_for_and_leaves_nothing(archive: Archive, folder: Path) -> None:
    """Everything embedded, as a user has it."""
    archive.put("WSOP 2031/WSOP 2031 Main Event Day 1A.mp4")
    wsoptv = Command(folder / "home")
    up = wsoptv.start("up", "--port", "0")
    try:
        assert up.stdout is not None
        said = dict(up.stdout.readline().split() for _line in range(2))
        api = Api(f"{said['PREFECT']}/api", embedded_prefect_auth(wsoptv.home) or "")
        run = api.start("ingest-archive", root=str(archive.root), settle=0, workers=1)
        assert api.ended(run) == "Completed"
        assert api.get(f"flow_runs/{run['id']}")["name"] == f"ingest {archive.root}"
        listed = Inside(wsoptv.home).json("list")["items"]
        assert [item["title"] for item in listed] == ["WSOP 2031 Main Event – Day 1A"]
        assert processes(wsoptv.home) != []
    finally:
        assert wsoptv.end(up) == 0
    assert processes(wsoptv.home) == []


@contextmanager
def running_worker(command: Command) -> Iterator[psutil.Process]:
    """A worker that waits for runs; yields the process of Prefect's that starts them."""
    with command.start("worker") as process:
        try:
            assert process.stdout is not None
            ready = process.stdout.readline().startswith("READY")
            assert ready, process.communicate()[1]
            yield next(
                found for found in processes(command.home) if {"worker", "start"} <= {*found.cmdline()}
            )
        finally:
            for found in processes(command.home):
                found.resume()  # what a test that failed had stopped
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)


@pytest.mark.usefixtures("deployed")
def test_what_a_killed_worker_was_at_is_finished_by_another_and_runs_that_need_what_both_hosts_lack_are_left_alone(
    wsoptv: Command, archive: Archive, api: Api, ask: Ask, database_url: str, tmp_path: Path
) -> None:
    for number in range(4):
        archive.put(f"{number}.mp4")
    host = wsoptv.more | {"WSOPTV_LEASE": "3", "WSOPTV_QUEUES": "io"}
    one, other = (Command(tmp_path / name, host) for name in ("one", "other"))
    titling = api.start("generate-titles")
    with running_worker(one) as first, running_worker(other) as second:
        with writes_blocked(database_url, "thumbnails"):
            second.suspend()
            api.start("ingest-archive", root=str(archive.root), settle=0, workers=1)
            until(lambda: ask("select count(*) from media_files where claimed_by is not null") == [(4,)], 60)
            second.resume()
            first.suspend()
            helping = api.start("ingest-batch", root=str(archive.root), workers=1)
            until(lambda: api.state(helping) == "Running", 60, LOOK_SECONDS)
            ((claimant,),) = ask("select distinct claimed_by from media_files")
            for process in (first, psutil.Process(int(str(claimant).split(":")[-2]))):
                process.kill()
        assert api.ended(helping) == "Completed"
        assert api.state(titling) in ("Scheduled", "Late")
    assert ask("select count(*) from contents where is_visible") == [(4,)]
    assert ask("select count(*) from media_files where content_id is not null and claimed_by is null") == [
        (4,)
    ]
    assert ask("select count(*) from thumbnails") == [(12,)]
    assert ask("select count(*) from stage_failures") == [(0,)]
