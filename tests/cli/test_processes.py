"""Commands that keep running, that run at the same time, or that are killed."""

from __future__ import annotations

import json
import signal
import urllib.request

import psycopg
import pytest

from deployments.stack import describe_stack
from orchestration.settings import Settings
from tests.cli.conftest import Command, Inside
from tests.plugins.ingest import Archive
from tests.stack.conftest import until


@pytest.fixture
def beside(wsoptv: Command) -> Command:
    """Return the command in separate processes, on the same home and servers."""
    return Command(wsoptv.home, wsoptv.more)


def test_an_ingest_prints_one_object_and_leaves_no_process(cold: Command, archive: Archive) -> None:
    archive.put("WSOP 2031/a.mp4")
    archive.put("WSOP 2031/.DS_Store", b"")
    said = cold.json("ingest", str(archive.root), "--settle", "0", "--no-prefect")
    assert (said["seen"], said["new"], said["ignored"], said["failed"]) == (2, 1, 1, 0)
    assert not describe_stack(Settings(WSOPTV_HOME=cold.home)).keeper


def test_up_serves_once_starts_after_a_kill_and_ends_by_down(cold: Command) -> None:
    inside = Inside(cold.home)
    killed, _url = cold.up()
    cold.end(killed, signal.SIGKILL)
    process, url = cold.up()
    try:
        with urllib.request.urlopen(f"{url}/api/health") as answer:
            assert json.load(answer)["status"] == "healthy"
        second = inside("up", "--port", "0")
        assert second.returncode == 3
        assert url in second.stderr
        taken = inside("serve", "--port", url.rpartition(":")[2])
        assert taken.returncode == 1
        assert "--port" in taken.stderr
        assert inside("list").returncode == 0
        assert inside.json("status")["address"] == url
    finally:
        assert "ended up" in inside("down").stdout
    assert process.wait(30) == 0
    process.communicate()
    assert not describe_stack(Settings(WSOPTV_HOME=cold.home)).keeper


@pytest.mark.parametrize(
    "behind",
    [
        "select from media_files where metadata_at is not null",
        "select from media_files where quality_at is not null",
        "select from media_files where thumbnails_at is not null",
    ],
    ids=["metadata", "quality", "thumbnails"],
)
def test_the_next_ingest_completes_a_killed_one(
    wsoptv: Command, beside: Command, archive: Archive, database_url: str, behind: str
) -> None:
    """The first is killed when one file has passed a stage."""
    for number in range(6):
        archive.put(f"{number}.mp4")
    with psycopg.connect(database_url, autocommit=True) as connection:
        process = beside.start("ingest", "--no-prefect", str(archive.root), "--settle", "0", "--workers", "1")
        until(lambda: connection.execute(behind.encode()).rowcount > 0)
        process.kill()
        process.communicate()
    said = wsoptv.json("ingest", "--no-prefect", str(archive.root), "--settle", "0")
    assert (said["failed"], said["quarantined"], said["seen"], said["programmes"]) == (0, 0, 6, 6)
    waiting = wsoptv.json("status")["waiting"]
    assert waiting == dict.fromkeys(waiting, 0)


def test_two_ingests_of_one_root_share_the_work(wsoptv: Command, beside: Command, archive: Archive) -> None:
    for number in range(8):
        archive.put(f"shared {number}.mp4")
    ingest = ("ingest", "--no-prefect", str(archive.root), "--settle", "0", "--json")
    pair = [beside.start(*ingest) for _ in range(2)]
    said = [json.loads(process.communicate(timeout=120)[0].splitlines()[-1]) for process in pair]
    assert [process.returncode for process in pair] == [0, 0]
    assert sum(one["new"] for one in said) == 8
    listed = wsoptv.json("list", "shared ")
    assert listed["total"] == 8
    assert {item["files"] for item in listed["items"]} == {1}


def test_a_command_names_the_servers_that_it_starts_but_not_with_json(cold: Command) -> None:
    assert "wsoptv: starting PostgreSQL and Redis" in cold("list").stderr.splitlines()
    done = cold("list", "--json")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_command_on_running_servers_prints_no_notice(beside: Command) -> None:
    assert "starting" not in beside("list").stderr
