"""How a flow run ends: in a state whose name and message say what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from prefect import State
from prefect.states import Cancelled, Completed, Failed

from catalog_models.errors import ExpectedError, RefusedError
from catalog_models.values import counted
from flows.prefect_runs.cancellation import CancelledInPrefectError

T = TypeVar("T")


def ended(job: Callable[[], T], told: Callable[[T], State[Any]]) -> State[Any]:
    """Do the job; `told` makes a state of what it answers. What we expect of the world ends in a state, too: its message
    says what happened and what to do, without a traceback. Bugs pass."""
    try:
        outcome = job()
    except CancelledInPrefectError as error:
        return Cancelled(message=str(error))
    except RefusedError as error:
        return Failed(name="Refused", message=str(error), data=error)
    except ExpectedError as error:
        return Failed(message=str(error), data=error)
    return told(outcome)


def root_down(outcome: Any, down: str, message: str) -> State[Any]:
    """Return the state of a run that left files because their roots went down. The next run goes on."""
    return done(outcome, f"{down}. {message}", name="Root down")


def files_wait(waiting: int) -> str:
    """Return the message about files that were left."""
    return f"{counted(waiting, 'file')} wait for the next run"


def done(outcome: Any, message: str, *, name: str = "Completed") -> State[Any]:
    """All went well enough; `name` says how well."""
    return Completed(name=name, message=message, data=outcome)
