"""What makes a job a flow run: how it ends, and how far it is."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from catalog_models.errors import ExpectedError, RefusedError
from flows.job.context import NoProgress

pytestmark = pytest.mark.usefixtures("observed")


def _ended(error: Exception | None) -> Any:
    from flows.prefect_runs.states import done, ended

    def job() -> int:
        if error is not None:
            raise error
        return 3

    return ended(job, lambda made: done(made, f"{made} made", name="Made"))


def test_an_end_has_a_name_and_a_message_for_people() -> None:
    state = _ended(None)
    assert (state.type.value, state.name, state.message) == ("COMPLETED", "Made", "3 made")
    assert state.result() == 3


def test_what_was_expected_of_the_world_is_said_without_a_traceback() -> None:
    from flows.prefect_runs.cancellation import CancelledInPrefectError

    refused, failed = RefusedError("the folder is empty"), ExpectedError("the disk is full")
    states = [_ended(refused), _ended(failed), _ended(CancelledInPrefectError("enough"))]
    assert [(state.type.value, state.name, state.message) for state in states] == [
        ("FAILED", "Refused", "the folder is empty"),
        ("FAILED", "Failed", "the disk is full"),
        ("CANCELLED", "Cancelled", "enough"),
    ]
    assert states[0].result(raise_on_failure=False) is refused
    with pytest.raises(ExpectedError, match="the disk is full"):
        states[1].result()


def test_bugs_pass() -> None:
    with pytest.raises(ZeroDivisionError):
        _ended(ZeroDivisionError())


class _Told(NoProgress):
    """Progress that remembers what it was told."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str, int | None]] = []

    def begin(self, stage: str, total: int | None, unit: str = "files") -> None:
        self.said.append(("begin", stage, total))

    def advance(self, stage: str, done: int) -> None:
        self.said.append(("advance", stage, done))


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, str]]:
    """What the artifact says, one after the other."""
    from flows.prefect_runs import progress

    says: list[tuple[float, str]] = []
    artifact = uuid.uuid4()

    def create(progress: float, description: str) -> uuid.UUID:
        says.append((progress, description))
        return artifact

    def update(known: uuid.UUID, progress: float, description: str) -> None:
        assert known == artifact
        says.append((progress, description))

    monkeypatch.setattr(progress, "create_progress_artifact", create)
    monkeypatch.setattr(progress, "update_progress_artifact", update)
    return says


def test_progress_counts_what_is_done_of_all_stages(shown: list[tuple[float, str]]) -> None:
    from flows.prefect_runs.progress import ObservedProgress

    inner = _Told()
    progress = ObservedProgress(inner, lambda: None)
    progress.tell()
    progress.begin("metadata", 1500)
    progress.begin("thumbnails", 500)
    progress.advance("metadata", 1000)
    progress.tell()
    progress.tell()  # no news
    progress.advance("metadata", 500)
    progress.advance("thumbnails", 700)  # more than was known of
    progress.tell()
    progress.finish()
    assert shown == [
        (50.0, "metadata: 1,000 of 1,500 files"),
        (99.0, "thumbnails: 700 of 500 files"),
        (100.0, "done"),
    ]
    assert inner.said[0] == ("begin", "metadata", 1500)
    assert inner.said[-1] == ("advance", "thumbnails", 700)


def test_progress_without_a_total_divides_by_nothing(shown: list[tuple[float, str]]) -> None:
    from flows.prefect_runs.progress import ObservedProgress

    progress = ObservedProgress(NoProgress(), lambda: None)
    progress.begin("scan", None)
    progress.advance("scan", 3)
    progress.tell()
    assert shown == [(0.0, "scan: 3 of 0 files")]


def test_a_short_run_has_no_progress_to_show(shown: list[tuple[float, str]]) -> None:
    from flows.prefect_runs.progress import ObservedProgress

    progress = ObservedProgress(NoProgress(), lambda: None)
    progress.begin("metadata", 1)
    progress.advance("metadata", 1)
    progress.finish()
    assert shown == []


def test_a_cancelled_run_ends_at_its_next_step(shown: list[tuple[float, str]]) -> None:
    from flows.prefect_runs.cancellation import CancelledInPrefectError, Cancelling
    from flows.prefect_runs.progress import ObservedProgress

    cancelling = Cancelling()
    progress = ObservedProgress(NoProgress(), cancelling.check)
    progress.advance("metadata", 1)
    cancelling._asked.set()
    with pytest.raises(CancelledInPrefectError, match="the next run goes on"):
        progress.advance("metadata", 1)
