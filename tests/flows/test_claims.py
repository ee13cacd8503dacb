"""Claims: renewed while a run lives, free again after it was killed."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from catalog_models.tables import MediaFile
from flows.job.claims import claims_kept, process_name, release_dead_claims
from flows.job.context import JobContext
from flows.job.executor import run_in_threads
from orchestration.transactions import Transactions
from tests.plugins.ingest import Archive, Ingest
from tests.processes import running
from tests.stack.conftest import until

_LIVE = "import sys; from flows.job.claims import process_name; print(process_name(), flush=True); sys.stdin.read()"


@pytest.fixture
def transactions(ingest: Ingest) -> Transactions:
    return Transactions(ingest.engine, ingest.events.append)


@pytest.fixture
def known(archive: Archive, ingest: Ingest) -> MediaFile:
    archive.put("a.mp4", b"no video")
    ingest(archive.root)
    return ingest.file("a.mp4")


def _claim(transactions: Transactions, owner: str, lease: timedelta) -> None:
    until_then: dict[str, Any] = {"claimed_by": owner, "claimed_until": dt.datetime.now(dt.UTC) + lease}
    transactions.run(lambda work: work.session.execute(update(MediaFile).values(until_then)))


def test_a_lease_is_renewed_during_its_run_and_released_at_the_end(
    known: MediaFile, ingest: Ingest, transactions: Transactions
) -> None:
    me, lease = process_name(), timedelta(seconds=2)
    _claim(transactions, me, lease)
    first = ingest.file("a.mp4").claimed_until
    assert first is not None
    with claims_kept(transactions, me, lease):
        # The claim has passed its first end.
        until(lambda: (ingest.file("a.mp4").claimed_until or first) > first + lease)
        assert ingest.file("a.mp4").claimed_by == me
    after = ingest.file("a.mp4")
    assert (after.claimed_by, after.claimed_until) == (None, None)


def test_a_lease_is_released_when_the_run_fails(
    known: MediaFile, ingest: Ingest, transactions: Transactions
) -> None:
    _claim(transactions, process_name(), timedelta(hours=1))
    with pytest.raises(OSError, match="mine"), claims_kept(transactions, process_name(), timedelta(hours=1)):
        raise OSError("mine")
    assert ingest.file("a.mp4").claimed_by is None


def test_claims_of_this_host_are_released_only_after_their_process_was_killed(
    known: MediaFile, ingest: Ingest, transactions: Transactions
) -> None:
    command = [sys.executable, "-c", _LIVE]
    repository = Path(__file__).parents[2]
    with running(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=repository) as run:
        assert run.stdout is not None
        name = run.stdout.readline().strip()
        _claim(transactions, name, timedelta(hours=1))
        release_dead_claims(transactions)
        assert ingest.file("a.mp4").claimed_by == name
        run.kill()
    release_dead_claims(transactions)
    assert ingest.file("a.mp4").claimed_by is None


def test_claims_of_other_hosts_are_kept(known: MediaFile, ingest: Ingest, transactions: Transactions) -> None:
    """Whether a process lives on another host is unknown here: its lease must expire."""
    _claim(transactions, "elsewhere:pid:[1]:1:1", timedelta(hours=1))
    release_dead_claims(transactions)
    assert ingest.file("a.mp4").claimed_by == "elsewhere:pid:[1]:1:1"


def test_pictures_that_another_run_makes_are_awaited_without_steps(
    archive: Archive, ingest: Ingest, transactions: Transactions, caplog: pytest.LogCaptureFixture
) -> None:
    """Each step is a task run in Prefect: waiting must not fill the graph with empty steps."""
    from flows.make_thumbnails import make_pictures

    archive.put("WSOP 2031 Main Event Day 1.mp4")
    ingest(archive.root)
    _claim(transactions, "elsewhere:pid:[1]:1:1", timedelta(seconds=2))
    context = JobContext(ingest.settings, transactions, ingest.pool)
    with caplog.at_level("INFO", "flows.job.executor"):
        made = run_in_threads(context, lambda steps: make_pictures(steps, None, again=True))
    assert made.made == 1
    assert len([line for line in caplog.messages if line.startswith("thumbnails:")]) == 2
