"""Jobs of the command line as flow runs: in this process, and seen in Prefect."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty
from typing import TYPE_CHECKING, Any, TypeVar

from catalog_models.errors import ExpectedError
from deployments.stack import prefect_auth, use_prefect
from deployments.stack.layout import PREFECT, Layout
from deployments.stack.prefect_environment import client_environment
from deployments.stack.prefect_server import answers
from flows.job.context import CancelledRunError, JobContext

if TYPE_CHECKING:
    from prefect import State

    from orchestration.settings import Settings

log = logging.getLogger(__name__)

T = TypeVar("T")

_PATIENCE_SECONDS = 5.0


class PrefectAwayError(ExpectedError):
    """The Prefect server that the settings name does not answer."""

    code = "prefect_away"


@contextmanager
def prefect_in_use(settings: Settings, purpose: str) -> Iterator[str]:
    """Have this process speak to the Prefect server in use; yields the address of its UI.

    Prefect reads its settings when it is first imported: nothing may have done that before. Raises `StackError` and
    `PrefectAwayError`.
    """
    with use_prefect(settings, purpose) as api_url:
        if not answers(api_url, _PATIENCE_SECONDS):
            raise PrefectAwayError(
                f"the Prefect server at {api_url} does not answer: start it, correct PREFECT_API_URL, or do without "
                "it with --no-prefect"
            )
        layout = Layout(settings.home, PREFECT)
        layout.make()  # for whoever brought a server of their own
        quiet = {"PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL"}  # the command line speaks for itself
        with _environment(client_environment(layout.base, api_url, prefect_auth(settings)) | quiet):
            try:
                yield api_url.removesuffix("/api")
            finally:
                _send_what_is_left(api_url)


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Set variables for a while: processes that are started later must not take our server for the user's own."""
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


def _send_what_is_left(api_url: str) -> None:
    """Logs and events wait in queues that Prefect empties as Python ends: the server may be gone by then, and each
    try to reach it takes seconds. When it is gone already, nothing waits for it."""
    if "prefect" not in sys.modules:
        return
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    there = answers(api_url, _PATIENCE_SECONDS)
    for queue in (EventsWorker, APILogWorker):
        if not there:
            _forget(queue)
        queue.drain_all(timeout=_PATIENCE_SECONDS)


def _forget(queue: Any) -> None:
    """Python's end has no patience to set: it would try to send one after the other."""
    for service in tuple(queue._instances.values()):
        with suppress(Empty):
            while True:
                service._queue.get_nowait()


def run_observed(
    flow: Callable[..., Any], context: JobContext, without: Callable[[], T], **parameters: Any
) -> T:
    """Run a flow in a context and return what its body returned, or raise what it raised.

    `without` runs the body alone, if the Prefect server goes away in the middle: our tables know what is done.
    """
    from httpx import HTTPError
    from prefect.exceptions import PrefectException

    from flows.prefect_runs.run import of_command

    try:
        with of_command(context):
            state: State[T] = _run_flow(flow, parameters)
    except (HTTPError, PrefectException, RuntimeError) as error:
        if answers(os.environ["PREFECT_API_URL"]) and not isinstance(error, HTTPError):
            raise
        log.warning("Prefect went away: %s", error)
        context.progress.warn("the Prefect server is away: going on without it")
        return without()
    return _outcome(state)


def _run_flow(flow: Callable[..., Any], given: dict[str, Any]) -> Any:
    """Run a flow as a call of it would, but create its flow run only once."""
    from prefect import Flow
    from prefect.client.orchestration import get_client
    from prefect.flow_engine import run_flow
    from prefect.utilities.callables import get_call_parameters

    from flows.prefect_runs.flow_runs import create_flow_run

    assert isinstance(flow, Flow)  # noqa: S101
    parameters = get_call_parameters(flow.fn, (), given)
    with get_client(sync_client=True) as client:
        flow_run = create_flow_run(client, flow, parameters)
    return run_flow(flow, flow_run=flow_run, parameters=parameters, return_type="state")


def _outcome(state: State[T]) -> T:
    if state.is_cancelled() or state.is_cancelling():
        raise CancelledRunError(state.message or "cancelled in Prefect")
    return state.result(raise_on_failure=True)
