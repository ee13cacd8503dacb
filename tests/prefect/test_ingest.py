"""An ingest of the command line in Prefect."""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path
from typing import Any

import pytest

from flows.ingest import batch
from tests.buckets import EXPIRED, S3
from tests.cli.conftest import Command
from tests.flows.file_leases import held
from tests.plugins.ingest import Archive
from tests.prefect.api import Api
from tests.prefect.conftest import Ask

CHAIN = ("metadata", "quality", "catalogue", "thumbnails", "index")


def counts_of(artifact: dict[str, Any], column: int = 1) -> dict[str, str]:
    """Return a column of the summary, by the name of the count."""
    lines = artifact["data"].partition("\n\n")[0].splitlines()[2:]
    rows = [[cell.strip().lstrip("\\") for cell in line.strip("|").split("|")] for line in lines]
    assert all(row[-1] for row in rows), "each count is explained"
    return {row[0]: row[column] for row in rows}


def _flow_of(api: Api, run: dict[str, Any]) -> str:
    return str(api.get(f"flows/{run['flow_id']}")["name"])


def test_a_run_reports_its_work_and_the_next_one_that_nothing_is_new(
    wsoptv: Command, inside: Command, archive: Archive, api: Api
) -> None:
    archive.put("WSOP 2031/WSOP 2031 Main Event Day 1A.mp4")
    archive.put("WSOP 2031/WSOP 2031 Main Event Day 2.mp4")
    archive.put("WSOP 2031/notes.mp4", b"no video")
    name = f"ingest {archive.root}"
    named = "3 files from WSOP 2031/WSOP 2031 Main Event Day 1A.mp4 on"
    first = wsoptv.json("ingest", str(archive.root), "--settle", "0")
    assert (first["new"], first["programmes"], first["quarantined"]) == (3, 2, 1)
    run = api.run(name)
    assert (_flow_of(api, run), run["state"]["name"]) == (
        "ingest-archive",
        "Completed, 1 quarantined",
    )
    assert run["state"]["message"].startswith("3 files: 3 new, 0 changed, 0 moved, 0 missing, 1 quarantined")
    assert {step["name"] for step in api.steps(run, least=5)} >= {
        f"scan: {archive.root}",
        f"title: {archive.root}",
        *(f"{stage}: {named}" for stage in CHAIN),
        f"summary: {archive.root}",
    }
    _shows_what_came_of_it(api.artifacts(run), first)

    second = inside.json("ingest", str(archive.root), "--settle", "0")
    again = api.run(name)
    assert (again["id"] != run["id"], again["state"]["name"]) == (True, "Nothing new, 1 quarantined")
    # The progress of a longer run is an artifact without a key.
    reports = {key for key in api.artifacts(again) if key}
    assert reports == {"ingest-summary"}
    plain = inside.json("ingest", str(archive.root), "--settle", "0", "--no-prefect")
    assert list(plain) == list(first) == list(second)
    assert len(api.runs(name)) == 2


def test_a_run_is_one_graph_from_the_scan_to_the_summary(
    inside: Command, archive: Archive, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "_SMALLEST", 2)
    for day in range(1, 6):
        archive.put(f"WSOP 2031 Main Event Day {day}.mp4")
    inside.json("ingest", str(archive.root), "--settle", "0")
    graph = api.graph(api.run(f"ingest {archive.root}"), least=22)
    assert graph.roots == [f"scan: {archive.root}"]
    assert sum(label.startswith("metadata: ") for label in graph.labels.values()) == 3
    (last,) = [key for key, label in graph.labels.items() if label.startswith("summary: ")]
    assert graph.before(last) == set(graph.labels) - {last}, "the summary depends on all task runs"
    rest = [stage for stage in CHAIN if stage != "metadata"]
    assert graph.stages() == ["scan", "title", *CHAIN, *rest, "summary"]


def _shows_what_came_of_it(artifacts: dict[str, dict[str, Any]], summary: dict[str, Any]) -> None:
    assert set(artifacts) - {None} >= {"ingest-summary", "quality-report", "new-posters"}
    assert "failures" not in artifacts
    counts = counts_of(artifacts["ingest-summary"])
    states = ("seen", "new", "unchanged", "missing", "quarantined", "failed", "programmes")
    assert {name: counts[name] for name in states} == {name: f"{summary[name]:,}" for name in states}
    assert "## 2 new titles\n\n- WSOP 2031 Main Event – Day 1A" in artifacts["ingest-summary"]["data"]
    assert "notes.mp4" in artifacts["quality-report"]["data"]
    picture = re.search(r"data:image/jpeg;base64,([^)]+)", artifacts["new-posters"]["data"])
    assert picture is not None
    assert base64.b64decode(picture[1]).startswith(b"\xff\xd8")
    assert artifacts["new-posters"]["description"] == "2 of the 2 posters that this run made"


def test_a_failure_links_to_the_log_of_its_batch(inside: Command, archive: Archive, api: Api) -> None:
    archive.put("good.mp4")
    with held(archive.put("Shoebox/stuck.mp4")):
        said = inside.json("ingest", str(archive.root), "--settle", "0", code=1)
    assert (said["failed"], said["programmes"]) == (1, 1)
    run = api.run(f"ingest {archive.root}")
    assert run["state"]["name"] == "Completed, 1 failed"
    table = api.artifacts(run)["failures"]["data"]
    assert "stuck.mp4" in table
    assert "retry-failures" in table
    link = re.search(r"\[task run\]\((.+)/runs/task-run/([0-9a-f-]+)\)", table)
    assert link is not None
    assert link[1] == api.url.removesuffix("/api")
    (step,) = [step for step in api.steps(run) if step["id"] == link[2]]
    assert step["name"].startswith("metadata: 2 files")
    logs = api.post("logs/filter", logs={"task_run_id": {"any_": [step["id"]]}})
    assert any("stuck.mp4: " in line["message"] for line in logs)


def test_the_state_of_a_run_names_a_root_that_goes_down(
    inside: Command, s3: S3, archive: Archive, api: Api
) -> None:
    """The root can be listed, but not read; the next run continues."""
    for name in ("WSOP 2031 Event 1.mp4", "WSOP 2031 Event 2.mp4"):
        s3.put(name, archive.video())
        archive.made += 1
    s3.weather.refuses = lambda path: EXPIRED if path.endswith(".mp4") else None
    said = inside.json("ingest", s3.location, code=1)
    assert (said["failed"], said["waiting"]) == (0, 2)
    run = api.run(f"ingest {s3.location}")
    assert run["state"]["name"] == "Root down"
    assert f"{s3.location} is down" in run["state"]["message"]
    assert "2 files wait for the next run" in run["state"]["message"]
    assert "failures" not in api.artifacts(run)
    s3.weather.clear()
    assert inside.json("ingest", s3.location)["programmes"] == 2


def test_an_empty_root_is_refused_and_prefect_shows_it(
    inside: Command, archive: Archive, api: Api, ask: Ask
) -> None:
    path = archive.put("only.mp4")
    inside.json("ingest", str(archive.root), "--settle", "0", "--no-prefect")
    path.unlink()
    refused = inside.json("ingest", str(archive.root), "--settle", "0", code=3)
    state = api.run(f"ingest {archive.root}")["state"]
    assert (state["type"], state["name"]) == ("FAILED", "Refused")
    said = refused["error"]["message"].replace("confirm it with --accept-missing", "set `accept_missing`")
    assert state["message"] == said
    assert ask("select count(*) from media_files where missing_since is null") == [(1,)]


def test_a_root_whose_name_is_not_utf_8_is_ingested_without_prefect(
    inside: Command, archive: Archive, tmp_path: Path
) -> None:
    root = os.fsencode(tmp_path) + b"/caf\xe9"
    archive.put(root + b"/a.mp4")
    done = inside("ingest", root, "--settle", "0", "--json")
    assert done.returncode == 0, done.stderr
    assert "which Prefect cannot store" in done.stderr
    assert '"programmes": 1' in done.stdout


def test_an_unavailable_server_is_reported_before_the_job_starts(
    inside: Command, archive: Archive, ask: Ask
) -> None:
    url = "http://127.0.0.1:1/api"
    archive.put("a.mp4")
    done = inside("ingest", str(archive.root), "--settle", "0", PREFECT_API_URL=url)
    assert done.returncode == 1
    assert "--no-prefect" in done.stderr
    assert url in done.stderr
    assert ask("select count(*) from roots") == [(0,)]
