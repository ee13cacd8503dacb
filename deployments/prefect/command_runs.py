"""Flow runs of commands: they run in the process of the command, and Prefect shows them."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from queue import Empty
from typing import TYPE_CHECKING, Any, TypeVar

from catalog_models.errors import ExpectedError
from deployments.signals import SignalCancellation
from deployments.stack import prefect_auth, use_prefect
from deployments.stack.layout import PREFECT, Layout
from deployments.stack.prefect_environment import client_environment
from deployments.stack.prefect_server import is_healthy
from deployments.terminal.notices import notice_if_slow
from flows.job.context import CancelledRunError, JobContext

if TYPE_CHECKING:
    from prefect import State

    from orchestration.settings import Settings

log = logging.getLogger(__name__)

T = TypeVar("T")

_PATIENCE_SECONDS = 5.0


class PrefectUnavailableError(ExpectedError):
    """The configured Prefect server does not respond."""

    code = "prefect_away"


@contextmanager
def prefect_in_use(settings: Settings, purpose: str) -> Iterator[str]:
    """Connect this process to the Prefect server in use; yield the address of its UI.

    Raises `StackError` and `PrefectUnavailableError`.
    """
    with use_prefect(settings, purpose) as api_url:
        with notice_if_slow(f"waiting for the Prefect server at {api_url}"):
            healthy = is_healthy(api_url, _PATIENCE_SECONDS)
        if not healthy:
            raise PrefectUnavailableError(
                f"the Prefect server at {api_url} does not respond: start it, correct PREFECT_API_URL, or add "
                "--no-prefect"
            )
        layout = Layout(settings.home, PREFECT)
        # With an external server it may not exist yet.
        layout.make()
        # The command prints its own messages.
        quiet = {"PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL"}
        with _environment(client_environment(layout.base, api_url, prefect_auth(settings)) | quiet):
            _refresh_settings()
            try:
                yield api_url.removesuffix("/api")
            finally:
                with notice_if_slow("sending the log of the run to Prefect"):
                    _send_queues(api_url)


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Set variables during the block only: later processes must not take the server for an external one."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _refresh_settings() -> None:
    """Make Prefect read its settings again, if it was imported before."""
    if "prefect" in sys.modules:
        from prefect.context import refresh_global_settings_context

        refresh_global_settings_context()


def _send_queues(api_url: str) -> None:
    """Send the logs and events in Prefect's queues, or drop them if the server does not respond.

    Prefect would send them when Python exits. The embedded server may have stopped by then, and each attempt
    takes seconds.
    """
    if "prefect" not in sys.modules:
        return
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    healthy = is_healthy(api_url, _PATIENCE_SECONDS)
    for queue in (EventsWorker, APILogWorker):
        if not healthy:
            _drop(queue)
        queue.drain_all(timeout=_PATIENCE_SECONDS)


def _drop(queue: Any) -> None:
    """Empty a queue, which at exit would send its items one by one, each with a fixed timeout."""
    for service in tuple(queue._instances.values()):
        with suppress(Empty):
            while True:
                service._queue.get_nowait()


def run_as_flow(
    flow: Callable[..., Any],
    context: JobContext,
    without: Callable[[], T],
    parameters: Mapping[str, Any],
    on_run: Callable[[str], None] = lambda _address: None,
) -> T:
    """Run a flow in a context; return the result of its body, or raise its error.

    If the Prefect server fails meanwhile, `without` runs the body without Prefect; the database records which
    work is done. `on_run` gets the address of the flow run in Prefect's UI. Ctrl-C and SIGTERM cancel the
    flow run.
    """
    from httpx import HTTPError
    from prefect.exceptions import PrefectException

    from flows.prefect_runs.run import of_command

    end = SignalCancellation(context.cancellation.request)
    try:
        # Prefect's engine sets a handler for SIGTERM, so ours is set inside the flow run.
        with end.on(signal.SIGINT), of_command(context, lambda: end.on(signal.SIGTERM)):
            state: State[T] = _run_flow(flow, dict(parameters), on_run)
    except (HTTPError, PrefectException, RuntimeError) as error:
        if not isinstance(error, HTTPError) and is_healthy(os.environ["PREFECT_API_URL"]):
            raise
        log.warning("the Prefect server does not respond: %s", error)
        # A signal may have interrupted the command at the same time.
        end.reraise()
        context.progress.warn("the Prefect server does not respond: the job continues without it")
        return without()
    if state.is_cancelled() or state.is_cancelling():
        end.reraise()
    return _outcome(state)


def _run_flow(flow: Callable[..., Any], given: dict[str, Any], on_run: Callable[[str], None]) -> Any:
    """Run a flow as a call would, but create its flow run only once."""
    from prefect import Flow
    from prefect.client.orchestration import get_client
    from prefect.flow_engine import run_flow
    from prefect.utilities.callables import get_call_parameters
    from prefect.utilities.urls import url_for

    from flows.prefect_runs.flow_runs import create_flow_run
    from flows.prefect_runs.heartbeat import sent_by_us

    assert isinstance(flow, Flow)  # noqa: S101
    parameters = get_call_parameters(flow.fn, (), given)
    with notice_if_slow("waiting for the Prefect server"), get_client(sync_client=True) as client:
        flow_run = create_flow_run(client, flow, parameters)
    if address := url_for(flow_run):
        on_run(address)
    with sent_by_us():
        return run_flow(flow, flow_run=flow_run, parameters=parameters, return_type="state")


def _outcome(state: State[T]) -> T:
    if state.is_cancelled() or state.is_cancelling():
        raise CancelledRunError(state.message or "cancelled in Prefect")
    return state.result(raise_on_failure=True)
