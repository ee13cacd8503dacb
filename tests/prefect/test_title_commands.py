"""`wsoptv promote` and `wsoptv renditions` as flow runs, and without Prefect."""

from __future__ import annotations

from typing import Any

from tasks.media.pool import MediaPool
from tests.cli.conftest import Command, Inside
from tests.plugins.ingest import Archive
from tests.prefect.api import Api

PROMOTE, RENDER = "promote hot titles", "make renditions"


def test_commands_are_flow_runs_unless_they_run_without_prefect(
    inside: Command, archive: Archive, api: Api, pool: MediaPool
) -> None:
    inside = Inside(inside.home, inside.more, pool)
    for name in ("Day 1.mp4", "Day 2.mp4", "Day 3.mkv"):
        archive.put(f"WSOP 2031 Main Event {name}")
    inside.json("ingest", "--no-prefect", str(archive.root), "--settle", "0")
    titles = {title["title"][-1]: title["id"] for title in inside.json("list", "--ids")["items"]}
    known = {run["id"] for name in (PROMOTE, RENDER) for run in api.runs(name)}

    def new_run(name: str) -> dict[str, Any]:
        """Return the only new run of this name; other tests leave runs that are scheduled for later."""
        (run,) = [run for run in api.runs(name) if run["id"] not in known]
        known.add(run["id"])
        return run

    promoted = inside.json("promote", titles["1"])
    assert (promoted["copied"], promoted["failed"], len(promoted["copies"])) == (1, [], 1)
    run = new_run(PROMOTE)
    assert (run["state_name"], run["parameters"]["content_id"]) == ("Completed", titles["1"])
    assert "copied" in inside("promote", titles["1"], titles["2"]).stdout
    assert new_run(PROMOTE)["parameters"]["content_ids"] == [titles["1"], titles["2"]]

    waiting = "1 title to remux (`wsoptv renditions`)"
    assert waiting in inside("status").stdout
    rendered = inside.json("renditions", titles["3"])
    assert (rendered["made"], rendered["failed"], rendered["renditions"][0]["kind"]) == (1, [], "remux")
    run = new_run(RENDER)
    assert (run["state_name"], run["parameters"]["content_id"]) == ("Completed", titles["3"])
    assert inside.json("status")["renditions"] == {"remux": 0, "transcode": 0}

    inside.json("promote", "--no-prefect")
    inside.json("promote", "--dry-run")
    inside.json("renditions", "--no-prefect")
    made = {run["id"] for name in (PROMOTE, RENDER) for run in api.runs(name)} - known
    assert made == set()
