"""What is in the way of a run that Prefect shows: somebody cancels it, or the Prefect server is killed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from deployments.stack.layout import PREFECT, Layout
from deployments.stack.prefect_server import PrefectServer
from tests.cli.conftest import Command
from tests.flows.conftest import Archive
from tests.flows.holding import held
from tests.prefect.api import Api
from tests.prefect.conftest import Ask, writes_blocked
from tests.stack.conftest import until

_CLAIMED = "select count(*) from media_files where claimed_by is not null"


def test_a_run_that_is_cancelled_in_the_ui_ends_and_the_next_one_goes_on(
    wsoptv: Command, archive: Archive, api: Api, ask: Ask
) -> None:
    files = [archive.put(f"{number}.mp4") for number in range(8)]
    with held(*files):  # each costs the one process some seconds of patience
        process = wsoptv.start("ingest", str(archive.root), "--settle", "0", "--workers", "1")
        until(lambda: ask(_CLAIMED) == [(8,)], 60)
        run = api.run(f"ingest {archive.root}")
        api.post(f"flow_runs/{run['id']}/set_state", state={"type": "CANCELLING", "name": "Cancelling"})
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert "cancelled in Prefect: the next run goes on from here" in said
    assert "Traceback" not in said
    assert ask(_CLAIMED) == [(0,)]
    assert api.state(run) == "Cancelled"
    again = wsoptv.json("ingest", str(archive.root), "--settle", "0", "--no-prefect")
    assert (again["failed"], again["programmes"]) == (0, 8)


@contextmanager
def _started(server: PrefectServer, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Prefect server that nobody keeps: when it is killed it stays so."""
    with (home / "server.log").open("ab") as log, server.start(log) as process:
        try:
            until(lambda: server.is_ready(process), 60)
            yield process
        finally:
            process.kill()


@pytest.fixture
def server(tmp_path: Path) -> PrefectServer:
    layout = Layout(tmp_path / "prefect", PREFECT)
    layout.make()
    server = PrefectServer(layout)
    server.prepare()
    return server


@pytest.mark.parametrize("returns", [False, True], ids=["for good", "for a moment"])
def test_an_ingest_ends_well_though_the_prefect_server_was_killed_under_it(
    wsoptv: Command, archive: Archive, database_url: str, ask: Ask, server: PrefectServer, returns: bool
) -> None:
    for number in range(3):
        archive.put(f"{number}.mp4")
    patience = {} if returns else {"PREFECT_CLIENT_MAX_RETRIES": "1"}  # by itself three, which take longer
    observed = Command(wsoptv.home, wsoptv.more | {"PREFECT_API_URL": server.url} | patience)
    with ExitStack() as held_open:
        with _started(server, archive.root.parent), writes_blocked(database_url, "thumbnails"):
            ingest = observed.start("ingest", str(archive.root), "--settle", "0", "--json")
            until(lambda: ask(_CLAIMED) == [(3,)], 60)
        if returns:
            held_open.enter_context(_started(server, archive.root.parent))
        answer, said = ingest.communicate(timeout=180)
    assert ingest.returncode == 0, said
    assert "Traceback" not in said
    assert '"programmes": 3' in answer
    assert ask("select count(*) from thumbnails") == [(9,)]
    assert ask(_CLAIMED) == [(0,)]
    assert ask("select count(*) from stage_failures") == [(0,)]
