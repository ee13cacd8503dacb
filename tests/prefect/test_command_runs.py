"""Commands that are flow runs: what Prefect shows of them, and what they print at the end."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Command
from tests.plugins.ingest import Archive
from tests.prefect.api import Api


@pytest.fixture
def ingested(inside: Command, archive: Archive) -> Command:
    """Return the command after an ingest of one title without Prefect."""
    archive.put("WSOP 2031 Main Event Day 1.mp4")
    inside.json("ingest", "--no-prefect", str(archive.root), "--settle", "0")
    return inside


@pytest.mark.parametrize(
    ("words", "name", "flow", "steps"),
    [
        (["fixity"], "read whole files", "verify-fixity", 3),
        (["export"], "export the catalogue", "export-catalogue", 3),
        (["reindex"], "rebuild the search index", "reindex-search", 2),
    ],
)
def test_a_command_is_a_flow_run_unless_it_runs_without_prefect(
    ingested: Command, api: Api, words: list[str], name: str, flow: str, steps: int
) -> None:
    before = len(api.runs(name))
    plain = ingested.json(*words, "--no-prefect")
    assert len(api.runs(name)) == before
    done = ingested(*words)
    assert done.returncode == 0, done.stderr
    run = api.run(name)
    assert len(api.runs(name)) == before + 1
    assert f"/runs/flow-run/{run['id']}" in done.stdout
    assert run["state"]["type"] == "COMPLETED"
    # A deployment's limit would release the slot of another run: docs/decisions/0032-runs-of-commands.md.
    assert (run["deployment_id"], run["tags"]) == (None, ["command-line"])
    assert api.get(f"flows/{run['flow_id']}")["name"] == flow
    graph = api.graph(run, steps)
    assert (len(graph.labels), len(graph.roots)) == (steps, 1)
    again = ingested.json(*words)
    assert set(again) == set(plain)
    assert len(api.runs(name)) == before + 2


def test_an_export_is_written_to_the_named_folder(ingested: Command, api: Api, archive: Archive) -> None:
    folder = ingested.home / "out"
    made = ingested.json("export", str(folder))
    assert (made["folder"], made["rows"]["titles"]) == (str(folder), 1)
    assert api.run("export the catalogue")["parameters"] == {"folder": str(folder)}
    refused = ingested("export", str(archive.root / "export"))
    assert refused.returncode == 3
    assert "which is read-only" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert api.state(api.run("export the catalogue")) == "Refused"


def test_a_dry_run_of_fixity_leaves_no_record(ingested: Command, api: Api) -> None:
    before = len(api.runs("read whole files"))
    assert ingested.json("fixity", "--dry-run")["files"] == 1
    assert len(api.runs("read whole files")) == before


def test_an_ingest_prints_the_address_of_its_run_and_the_next_step(
    inside: Command, archive: Archive, api: Api
) -> None:
    archive.put("a.mp4")
    done = inside("ingest", str(archive.root), "--settle", "0")
    run = api.run(f"ingest {archive.root}")
    assert f"/runs/flow-run/{run['id']}" in done.stdout
    assert "`wsoptv up`" in done.stdout
    quiet = inside("ingest", str(archive.root), "--settle", "0", "--json")
    assert len(quiet.stdout.splitlines()) == 1
    assert quiet.stderr == ""


def test_a_missing_folder_is_refused_before_servers_start(inside: Command) -> None:
    inside.more = {}
    for name, says in (("nowhere", "there is no folder at"), ("file", "is not a folder")):
        (inside.home.parent / "file").touch()
        refused = inside("ingest", str(inside.home.parent / name))
        assert (refused.returncode, says in refused.stderr) == (3, True), refused.stderr
    assert not (inside.home / "stack.json").exists()
    assert not (inside.home / "users.lock").exists(), "no server was used"
