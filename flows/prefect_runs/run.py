"""Run the body of a job as a flow run: its context, its artifacts, and the state in which it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from prefect import State
from prefect.futures import PrefectFuture
from prefect.logging import get_run_logger
from prefect.states import Cancelled, Completed, Failed
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from catalog_models.engine import make_engine
from catalog_models.errors import ExpectedError, RefusedError
from flows.job.context import Cancellation, CancelledRunError, JobContext
from flows.job.executor import THREADS, Executor
from flows.prefect_runs.background import in_background
from flows.prefect_runs.best_effort import best_effort
from flows.prefect_runs.cancellation import request_if_cancelled
from flows.prefect_runs.ending import Ending
from flows.prefect_runs.executor import PrefectExecutor
from flows.prefect_runs.heartbeat import Heartbeat
from flows.prefect_runs.progress import ObservedProgress
from flows.prefect_runs.run_log import leave_out_repetition
from orchestration.home import running_servers
from orchestration.redis_publisher import redis_publisher
from orchestration.settings import Settings
from orchestration.transactions import Transactions
from tasks.media.pool import MediaPool
from tasks.quality import Gate

T = TypeVar("T")


@dataclass(frozen=True)
class Command:
    """The context of a command, and the contexts that it enters in the flow run, such as signal handlers."""

    context: JobContext
    inside: Callable[[], AbstractContextManager[object]]


Report = Callable[[PrefectExecutor, T | None], None]

_of_command: ContextVar[Command | None] = ContextVar("command", default=None)


def threads() -> TaskRunner[PrefectFuture[Any]]:
    """Return a bounded task runner: without a bound, each waiting task run would hold a thread."""
    runner: Any = ThreadPoolTaskRunner(max_workers=THREADS)
    bounded: TaskRunner[PrefectFuture[Any]] = runner
    return bounded


def run_in_prefect(
    body: Callable[[Executor], T],
    ending: Callable[[T], Ending],
    report: Report[T] = lambda _steps, _outcome: None,
    *,
    workers: int | None = None,
    reads: bool = True,
) -> State[T]:
    """Run the body of a job in the flow run that this thread is in.

    Return the state in which the flow run ends.

    An expected error ends in a state, too: its message says what happened and what to do. Other errors are
    raised. `report` shows artifacts; after an expected error it gets None. `workers`: processes that open
    files; none are started for a flow that `reads` no files.
    """
    leave_out_repetition()
    with _context(workers, reads=reads) as context, PrefectExecutor(context) as steps:
        try:
            outcome = body(steps)
        except ExpectedError as error:
            context.cancellation.request(str(error))
            report(steps, None)
            ended = _unsuccessful(error)
            get_run_logger().error("%s: %s", ended.name, ended.message)
            return ended
        report(steps, outcome)
        said = ending(outcome)
        get_run_logger().info("%s: %s", said.name, said.message)
        return Completed(name=said.name, message=said.message, data=outcome)


def _unsuccessful(error: ExpectedError) -> State[Any]:
    if isinstance(error, CancelledRunError):
        return Cancelled(message=str(error))
    return Failed(
        name="Refused" if isinstance(error, RefusedError) else "Failed", message=str(error), data=error
    )


@contextmanager
def of_command(
    context: JobContext, inside: Callable[[], AbstractContextManager[object]] = nullcontext
) -> Iterator[None]:
    """Give flows that are called in the block the context of a command; enter `inside` within their runs."""
    token = _of_command.set(Command(context, inside))
    try:
        yield
    finally:
        _of_command.reset(token)


def is_of_command() -> bool:
    """Return whether a command runs the flow in its own process, for the operator of this machine."""
    return _of_command.get() is not None


@contextmanager
def _context(workers: int | None, *, reads: bool) -> Iterator[JobContext]:
    """Yield the context of the command or of this process, with progress and cancellation from Prefect."""
    with ExitStack() as held:
        beside: list[Callable[[], None]] = []
        if command := _of_command.get():
            context = command.context
            beside.append(Heartbeat().send)
            held.enter_context(command.inside())
        else:
            context = held.enter_context(_own_context(workers, reads=reads))
        progress = ObservedProgress(context.progress)
        # A flow run that fails cancels its own steps. The command may continue without Prefect.
        own = Cancellation(context.cancellation)
        watched = replace(context, progress=progress, cancellation=own)
        beside += [lambda: request_if_cancelled(watched.cancellation), progress.send]
        with in_background(beside):
            yield watched
        # A run that failed or was cancelled keeps the percentage that it reached.
        if not watched.cancellation.is_requested:
            best_effort(progress.finish)()


@contextmanager
def _own_context(workers: int | None, *, reads: bool) -> Iterator[JobContext]:
    settings = Settings()
    database_url, redis_url = _servers(settings)
    pool = MediaPool(workers)
    with ExitStack() as held:
        if reads:
            held.enter_context(pool)
        # Its process starts when there is something to judge.
        gate = held.enter_context(Gate())
        engine = make_engine(database_url)
        held.callback(engine.dispose)
        yield JobContext(settings, Transactions(engine, redis_publisher(redis_url)), pool, gate=gate)


def _servers(settings: Settings) -> tuple[str, str]:
    """Return the addresses of PostgreSQL and Redis. Raise `NotUpError`."""
    named = (settings.database_url, settings.redis_url)
    if named[0] and named[1]:
        return named[0].get_secret_value(), named[1].get_secret_value()
    running = running_servers(settings.home)
    own = [secret.get_secret_value() if secret else None for secret in named]
    return own[0] or running["postgres"], own[1] or running["redis"]
