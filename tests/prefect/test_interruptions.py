"""Interrupted runs: cancelled in Prefect, or ended by a signal."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.cli.conftest import Command
from tests.flows.file_leases import held
from tests.plugins.ingest import Archive
from tests.prefect.api import Api
from tests.prefect.conftest import Ask
from tests.stack.conftest import until

_CLAIMED = "select count(*) from media_files where claimed_by is not null"


def test_a_run_cancelled_in_the_ui_ends_and_the_next_one_continues(
    inside: Command, archive: Archive, api: Api, ask: Ask
) -> None:
    files = [archive.put(f"{number}.mp4") for number in range(8)]
    name = f"ingest {archive.root}"

    def cancel() -> None:
        until(lambda: ask(_CLAIMED) == [(8,)], 120)
        state = {"type": "CANCELLING", "name": "Cancelling"}
        api.post(f"flow_runs/{api.run(name)['id']}/set_state", state=state)

    # The only process waits some seconds for each locked file.
    with held(*files), ThreadPoolExecutor(1) as another:
        cancelled = another.submit(cancel)
        done = inside("ingest", str(archive.root), "--settle", "0", "--workers", "1")
        cancelled.result()
    assert done.returncode == 1
    assert "cancelled in Prefect: the next run continues from here" in done.stderr
    assert "Traceback" not in done.stderr
    assert ask(_CLAIMED) == [(0,)]
    assert api.state(api.run(name)) == "Cancelled"
    again = inside.json("ingest", str(archive.root), "--settle", "0", "--no-prefect")
    assert (again["failed"], again["programmes"]) == (0, 8)


@pytest.mark.parametrize(
    ("number", "code", "reason"),
    [
        (signal.SIGTERM, 143, "ended by a signal: the next run continues from here"),
        (signal.SIGINT, 130, "interrupted: the next run continues from here"),
    ],
)
def test_a_signal_cancels_an_ingest_and_the_next_one_continues(  # noqa: PLR0917 - fixtures and parameters
    wsoptv: Command,
    inside: Command,
    archive: Archive,
    ask: Ask,
    api: Api,
    number: int,
    code: int,
    reason: str,
) -> None:
    files = [archive.put(f"{number}.mp4") for number in range(8)]
    with held(*files):
        process = wsoptv.start("ingest", str(archive.root), "--settle", "0", "--workers", "1")
        until(lambda: ask(_CLAIMED) == [(8,)], 120)
        process.send_signal(number)
        said = process.communicate(timeout=120)[1]
    assert reason in said
    assert "Traceback" not in said
    assert process.returncode == code
    assert ask(_CLAIMED) == [(0,)]
    run = api.run(f"ingest {archive.root}")
    assert (run["state"]["name"], run["state"]["message"]) == ("Cancelled", reason)
    log = "\n".join(api.log(run))
    assert "Beginning flow run" in log
    assert "Traceback" not in log
    assert "Crash detected" not in log
    again = inside.json("ingest", str(archive.root), "--settle", "0", "--no-prefect")
    assert (again["unchanged"], again["failed"], again["programmes"]) == (8, 0, 8)
