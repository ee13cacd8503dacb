"""What is in the way of a run that Prefect shows: somebody cancels it, or the Prefect server is killed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deployments.stack.layout import PREFECT, Layout
from deployments.stack.prefect_server import PrefectServer
from orchestration.home import embedded_prefect_auth
from tests.cli.conftest import Command
from tests.flows.holding import held
from tests.plugins.ingest import Archive
from tests.prefect.api import Api
from tests.prefect.conftest import Ask, writes_blocked
from tests.stack.conftest import until

_CLAIMED = "select count(*) from media_files where claimed_by is not null"


def test_a_run_that_is_cancelled_in_the_ui_ends_and_the_next_one_goes_on(
    wsoptv: Command, inside: Command, archive: Archive, api: Api, ask: Ask
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
    again = inside.json("ingest", str(archive.root), "--settle", "0", "--no-prefect")
    assert (again["failed"], again["programmes"]) == (0, 8)


def test_a_plain_kill_ends_an_ingest_in_good_order(
    wsoptv: Command, inside: Command, archive: Archive, ask: Ask
) -> None:
    files = [archive.put(f"{number}.mp4") for number in range(8)]
    with held(*files):
        process = wsoptv.start("ingest", str(archive.root), "--settle", "0", "--workers", "1")
        until(lambda: ask(_CLAIMED) == [(8,)], 60)
        process.terminate()
        assert "ended by a signal" in process.communicate(timeout=60)[1]
    assert process.returncode == 143
    assert ask(_CLAIMED) == [(0,)]
    again = inside.json("ingest", str(archive.root), "--settle", "0", "--no-prefect")
    assert (again["unchanged"], again["failed"], again["programmes"]) == (8, 0, 8)


@dataclass
class Mortal:
    """A Prefect server that nobody keeps: when it is killed it stays so."""

    server: PrefectServer
    home: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def variables(self) -> dict[str, str]:
        auth = embedded_prefect_auth(self.home) or ""
        return {"PREFECT_API_URL": self.server.url, "PREFECT_API_AUTH_STRING": auth}

    def live(self) -> None:
        """Start it, unless it runs."""
        if self.process is None:
            with (self.home / "server.log").open("ab") as log:
                self.process = process = self.server.start(log)
            until(lambda: self.server.is_ready(process), 60)

    def die(self, for_good: bool = False) -> None:
        """Kill it; `for_good`: with the listener, which its keeper holds open until the next server takes over."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
        if for_good and self.server._listener is not None:
            self.server._listener.close()


@pytest.fixture(scope="module")
def mortal(with_tables: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mortal]:
    home = with_tables(tmp_path_factory.mktemp("mortal"))
    server = PrefectServer(Layout(home, PREFECT))
    server.prepare()
    mortal = Mortal(server, home)
    yield mortal
    mortal.die(for_good=True)


@pytest.mark.parametrize("returns", [True, False], ids=["for a moment", "for good"])
def test_an_ingest_ends_well_though_the_prefect_server_was_killed_under_it(
    wsoptv: Command, archive: Archive, database_url: str, ask: Ask, mortal: Mortal, returns: bool
) -> None:
    for number in range(3):
        archive.put(f"{number}.mp4")
    patience = {} if returns else {"PREFECT_CLIENT_MAX_RETRIES": "1"}  # by itself three, which take longer
    observed = Command(wsoptv.home, wsoptv.more | mortal.variables | patience)
    mortal.live()
    with writes_blocked(database_url, "thumbnails"):
        ingest = observed.start("ingest", str(archive.root), "--settle", "0", "--json")
        until(lambda: ask(_CLAIMED) == [(3,)], 60)
        mortal.die(for_good=not returns)
    if returns:
        mortal.live()
    answer, said = ingest.communicate(timeout=180)
    assert ingest.returncode == 0, said
    assert "Traceback" not in said
    assert '"programmes": 3' in answer
    assert ask("select count(*) from thumbnails") == [(9,)]
    assert ask(_CLAIMED) == [(0,)]
    assert ask("select count(*) from stage_failures") == [(0,)]
