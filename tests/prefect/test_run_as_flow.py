"""Jobs as flow runs: their progress and their final states."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from catalog_models.errors import ExpectedError, RefusedError
from flows.job.context import Cancellation, CancelledRunError, JobContext, NoProgress
from flows.job.executor import Executor
from orchestration.transactions import Transactions
from tests.plugins.ingest import Ingest

pytestmark = pytest.mark.usefixtures("prefect_connection")


@pytest.fixture
def ended(ingest: Ingest) -> Callable[[Exception | None], Any]:
    """Return a function that runs a flow whose body raises an error; it returns the final state."""
    from prefect import State, flow

    from flows.prefect_runs.ending import Ending
    from flows.prefect_runs.run import of_command, run_in_prefect, threads

    def run(error: Exception | None) -> Any:
        def body(_steps: Executor) -> int:
            if error is not None:
                raise error
            return 3

        def ending(made: int) -> Ending:
            return Ending.of("Made", f"{made} made", {"missing": 1_200, "failed": 0})

        @flow(name="ends", task_runner=threads(), validate_parameters=False)
        def ends() -> State[int]:
            return run_in_prefect(body, ending)

        transactions = Transactions(ingest.engine, ingest.events.append)
        with of_command(JobContext(ingest.settings, transactions, ingest.pool)):
            return ends(return_state=True)

    return run


def test_the_final_state_names_the_problem(ended: Callable[..., Any]) -> None:
    state = ended(None)
    assert (state.type.value, state.name, state.message) == ("COMPLETED", "Made, 1,200 missing", "3 made")
    assert state.result() == 3


def test_the_final_state_names_a_root_that_is_down() -> None:
    from flows.prefect_runs.ending import Ending

    made = Ending.of(
        "Completed", "2 files", {"failed": 1}, unindexed="it hangs", down="/nas is down", waiting=3
    )
    assert made.name == "Root down, 1 failed, search index not updated"
    assert made.message == "/nas is down. 3 files wait for the next run; 2 files; it hangs"


@pytest.mark.parametrize(
    ("error", "type_", "name"),
    [
        (RefusedError("the folder is empty"), "FAILED", "Refused"),
        (ExpectedError("the disk is full"), "FAILED", "Failed"),
        (CancelledRunError("enough"), "CANCELLED", "Cancelled"),
    ],
)
def test_an_expected_error_has_its_own_state(
    ended: Callable[..., Any], caplog: pytest.LogCaptureFixture, error: Exception, type_: str, name: str
) -> None:
    state = ended(error)
    assert (state.type.value, state.name, state.message) == (type_, name, str(error))
    assert "Traceback" not in caplog.text
    if type_ == "FAILED":
        assert state.result(raise_on_failure=False) is error


def test_unexpected_errors_are_raised(ended: Callable[..., Any]) -> None:
    state = ended(ZeroDivisionError())
    assert state.type.value == "FAILED"
    assert isinstance(state.result(raise_on_failure=False), ZeroDivisionError)


class _Recorded(NoProgress):
    """Progress that records its calls."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str, int | None]] = []

    def begin(self, stage: str, total: int | None, unit: str = "files") -> None:
        self.said.append(("begin", stage, total))

    def advance(self, stage: str, done: int) -> None:
        self.said.append(("advance", stage, done))


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, str]]:
    """Return the states of the progress artifact, in order."""
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


def test_progress_counts_the_work_of_all_stages(shown: list[tuple[float, str]]) -> None:
    from flows.prefect_runs.progress import ObservedProgress

    inner = _Recorded()
    progress = ObservedProgress(inner)
    progress.send()
    progress.begin("metadata", 1500)
    progress.begin("thumbnails", 500)
    progress.advance("metadata", 1000)
    progress.send()
    # A stage without work.
    progress.send()
    progress.advance("metadata", 500)
    # More work than expected.
    progress.advance("thumbnails", 700)
    progress.send()
    progress.finish()
    assert shown == [
        (50.0, "metadata: 1,000 of 1,500 files"),
        (99.0, "thumbnails: 700 of 700 files"),
        (100.0, "done"),
    ]
    assert inner.said[0] == ("begin", "metadata", 1500)
    assert inner.said[-1] == ("advance", "thumbnails", 700)


def test_progress_without_a_total_divides_by_nothing(shown: list[tuple[float, str]]) -> None:
    from flows.prefect_runs.progress import ObservedProgress

    progress = ObservedProgress(NoProgress())
    progress.begin("scan", None)
    progress.advance("scan", 3)
    progress.send()
    assert shown == [(99.0, "scan: 3 of 3 files")]


def test_a_short_run_shows_no_progress(shown: list[tuple[float, str]]) -> None:
    from flows.prefect_runs.progress import ObservedProgress

    progress = ObservedProgress(NoProgress())
    progress.begin("metadata", 1)
    progress.advance("metadata", 1)
    progress.finish()
    assert shown == []


def test_progress_never_falls(shown: list[tuple[float, str]]) -> None:
    from flows.prefect_runs.progress import ObservedProgress

    progress = ObservedProgress(NoProgress())
    progress.begin("metadata", 10)
    progress.advance("metadata", 9)
    progress.send()
    progress.begin("thumbnails", 1_000)
    progress.advance("thumbnails", 1)
    progress.send()
    assert [percent for percent, _line in shown] == [90.0, 90.0]


def test_a_cancelled_run_ends_at_its_next_step(ingest: Ingest) -> None:
    cancellation = Cancellation()
    transactions = Transactions(ingest.engine, ingest.events.append)
    context = JobContext(ingest.settings, transactions, ingest.pool, cancellation=cancellation)
    context.advance("metadata", 1)
    cancellation.request("enough")
    cancellation.request("another reason")
    with pytest.raises(CancelledRunError, match="enough"):
        context.advance("metadata", 1)


def test_a_job_continues_without_prefect_after_the_error_of_its_server(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error cancels the steps of the flow run, but not those without Prefect."""
    from httpx import ConnectError

    from deployments.prefect import command_runs
    from deployments.prefect.jobs import RunOptions, run_job
    from flows.prefect_runs.run import _context, of_command
    from flows.upkeep.statistics import Now, find_days

    context = JobContext(ingest.settings, Transactions(ingest.engine, ingest.events.append), ingest.pool)

    def away(*_: Any) -> None:
        with of_command(context), _context(None, reads=False) as watched:
            watched.cancellation.request("another step of the run failed")
            raise ConnectError("refused")

    def body(steps: Executor) -> int:
        return steps.submit(find_days, Now()).result().wanted.days

    monkeypatch.setattr(command_runs, "_run_flow", away)
    assert run_job(context, RunOptions(plain=False), body, lambda: away, {}) == 0


def test_the_run_of_a_command_sends_its_heartbeats_itself(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prefect's own thread would make each command wait for up to a second at its end."""
    from prefect import State, flow
    from prefect.runtime import flow_run
    from prefect.settings import get_current_settings

    from deployments.prefect.command_runs import run_as_flow
    from flows.prefect_runs import background, heartbeat
    from flows.prefect_runs.ending import Ending
    from flows.prefect_runs.run import run_in_prefect, threads

    sent: list[tuple[str, str]] = []
    beaten = threading.Event()

    def emit(event: str, resource: dict[str, str]) -> None:
        sent.append((event, resource["prefect.resource.id"]))
        beaten.set()

    monkeypatch.setattr(background, "_SECONDS", 0.01)
    monkeypatch.setattr(heartbeat, "emit_event", emit)

    def body(_steps: Executor) -> str:
        assert beaten.wait(10)
        assert get_current_settings().flows.heartbeat_frequency is None
        return str(flow_run.id)

    @flow(name="beats", task_runner=threads(), validate_parameters=False)
    def beats() -> State[str]:
        return run_in_prefect(body, lambda _run: Ending.of("Beaten", "", {}), reads=False)

    context = JobContext(ingest.settings, Transactions(ingest.engine, ingest.events.append), ingest.pool)
    run: str = run_as_flow(beats, context, lambda: "", {})
    assert sent == [("prefect.flow-run.heartbeat", f"prefect.flow-run.{run}")]
