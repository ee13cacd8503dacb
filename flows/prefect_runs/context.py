"""What a flow run works with: what the command line hands over, else what the environment of its process says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import replace

from catalog_models.engine import make_engine
from flows.job.context import JobContext
from flows.prefect_runs.background import beside
from flows.prefect_runs.bench import ObservedBench
from flows.prefect_runs.best_effort import best_effort
from flows.prefect_runs.cancellation import Cancelling
from flows.prefect_runs.progress import ObservedProgress
from orchestration.home import running_servers
from orchestration.publishing import redis_publisher
from orchestration.settings import Settings
from orchestration.transactions import Transactions
from tasks.media.pool import MediaPool
from tasks.quality import Gate

_handed_over: ContextVar[JobContext | None] = ContextVar("workplace", default=None)


@contextmanager
def handed_over(place: JobContext) -> Iterator[None]:
    """Have the flows that are called inside work here."""
    token = _handed_over.set(place)
    try:
        yield
    finally:
        _handed_over.reset(token)


def is_handed_over() -> bool:
    """Return whether the flow runs in the process of a command, for the operator of this machine."""
    return _handed_over.get() is not None


@contextmanager
def at_work(workers: int | None = None, *, reads: bool = True, judges: bool = True) -> Iterator[JobContext]:
    """A place whose work can be watched, and cancelled, in Prefect. `workers`: processes that open files; nothing `reads`
    them, or nothing that it reads is `judged`: none is started, nor is the gate, which take seconds of processor time."""
    with ExitStack() as held:
        place = _handed_over.get() or held.enter_context(_own(workers, reads=reads, judges=reads and judges))
        cancelling = Cancelling()
        progress = ObservedProgress(place.progress, cancelling.check)
        held.callback(cancelling.end)
        with beside([cancelling.look, progress.tell]):
            yield replace(place, progress=progress, bench=ObservedBench(cancelling.check))
        best_effort(progress.finish)()


@contextmanager
def _own(workers: int | None, *, reads: bool, judges: bool) -> Iterator[JobContext]:
    settings = Settings()
    database_url, redis_url = _servers(settings)
    pool, gate = MediaPool(workers), Gate()
    with ExitStack() as held:
        if reads:
            held.enter_context(pool)
        if judges:
            held.enter_context(gate)
        engine = make_engine(database_url)
        held.callback(engine.dispose)
        yield JobContext(settings, Transactions(engine, redis_publisher(redis_url)), pool, gate=gate)


def _servers(settings: Settings) -> tuple[str, str]:
    """The addresses of PostgreSQL and Redis. Raises `NotUpError`."""
    named = (settings.database_url, settings.redis_url)
    if named[0] and named[1]:
        return named[0].get_secret_value(), named[1].get_secret_value()
    running = running_servers(settings.home)
    own = [secret.get_secret_value() if secret else None for secret in named]
    return own[0] or running["postgres"], own[1] or running["redis"]
