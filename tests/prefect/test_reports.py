"""The output for operators in Prefect: the log of a run and its artifacts."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tests.cli.conftest import Command
from tests.plugins.ingest import Archive
from tests.prefect.api import Api
from tests.prefect.test_ingest import counts_of


def log_of(api: Api, run: dict[str, Any]) -> list[dict[str, Any]]:
    logs = api.post("logs/filter", logs={"flow_run_id": {"any_": [run["id"]]}}, sort="TIMESTAMP_ASC")
    return [line for line in logs if line["level"] >= logging.INFO]


def of_the_flow(lines: list[dict[str, Any]]) -> list[str]:
    return [line["message"] for line in lines if line["task_run_id"] is None]


@pytest.fixture
def two_runs(inside: Command, archive: Archive, api: Api) -> tuple[dict[str, Any], str]:
    """Return the second of two runs, before which a folder was removed, and the root."""
    gone = [archive.put(f"2009/Show 11/WSOP 2009 Event {number}.mp4") for number in (1, 2)]
    archive.put("2010/WSOP 2010 Event 3.mp4")
    inside.json("ingest", str(archive.root), "--settle", "0", "--no-prefect")
    for file in gone:
        file.unlink()
    archive.put("2010/WSOP 2010 Event 4.mp4")
    archive.put("2010/broken.mp4", b"no video")
    inside.json("ingest", str(archive.root), "--settle", "0")
    return api.run(f"ingest {archive.root}"), str(archive.root)


def test_the_log_of_a_run_has_a_line_for_each_step_and_a_summary_of_the_run(
    two_runs: tuple[dict[str, Any], str], api: Api
) -> None:
    run, root = two_runs
    assert run["state"]["name"] == "Completed, 2 missing, 1 quarantined"
    lines = log_of(api, run)
    flow, steps = of_the_flow(lines), [line for line in lines if line["task_run_id"]]
    assert not [line for line in lines if "Finished in state" in line["message"]]
    assert len(steps) == len({line["task_run_id"] for line in steps}), "one line for each step"
    said = [line["message"] for line in steps]
    assert said[0].startswith("scan: 3 videos, 2 new in ")
    assert said[0].endswith("; 2 missing since the last scan: 2009/Show 11/ — 2 files")
    assert any(line.endswith("; 1 quarantined: broken.mp4") for line in said)
    assert flow[0].startswith("Beginning flow run")
    assert flow[1].startswith("stages: scan 3 files, title 2 files, metadata 2 files")
    assert flow[2:-1] == [
        f"missing: {root}/2009/Show 11/ — 2 files",
        f"quarantined: {root}/2010/broken.mp4",
    ]
    assert flow[-1].startswith("Completed, 2 missing, 1 quarantined: 3 files: 2 new")


def test_the_artifacts_list_new_changed_and_missing_files(
    two_runs: tuple[dict[str, Any], str], api: Api
) -> None:
    run, root = two_runs
    artifacts = api.artifacts(run)
    summary = artifacts["ingest-summary"]
    changes = counts_of(summary, 2)
    assert (changes["seen"], changes["missing"], changes["quarantined"]) == ("=", "+2", "+1")
    assert (changes["failed"], changes["programmes"], changes["new"]) == ("=", "-1", "")
    assert summary["data"].endswith("## 1 new title\n\n- WSOP 2010 Event #4")
    missing = artifacts["missing"]
    assert f"| 2 | 2 | {root}/2009/Show 11/ |" in missing["data"].replace("\\", "")
    assert missing["description"] == "2 files known, but not in the archive now"


def test_a_refused_run_names_folders_and_the_parameter_and_has_no_traceback(
    inside: Command, archive: Archive, api: Api
) -> None:
    files = [archive.put(f"2009/Show 11/{number}.mp4", b"%d" % number) for number in range(21)]
    archive.put("2010/stays.mp4", b"here")
    inside.json("ingest", str(archive.root), "--settle", "0", "--no-prefect")
    for file in files:
        file.unlink()
    said = inside.json("ingest", str(archive.root), "--settle", "0", code=3)["error"]["message"]
    assert said.endswith("confirm it with --accept-missing.")
    run = api.run(f"ingest {archive.root}")
    assert "2009/Show 11/ — 21 files" in run["state"]["message"]
    assert run["state"]["message"].endswith("set `accept_missing`.")
    lines = [line["message"] for line in log_of(api, run)]
    assert lines[-1] == f"Refused: {run['state']['message']}"
    assert not [line for line in lines if "Traceback" in line or "NoneType" in line or "Crash" in line]


def test_a_sheet_samples_all_new_posters_evenly(inside: Command, archive: Archive, api: Api) -> None:
    for number in range(1, 31):
        archive.put(f"WSOP 2031 Event {number}.mp4")
    inside.json("ingest", str(archive.root), "--settle", "0")
    artifacts = api.artifacts(api.run(f"ingest {archive.root}"))
    description = artifacts["new-posters"]["description"]
    assert description == "24 of the 30 posters that this run made, evenly sampled"
