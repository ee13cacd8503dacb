"""The flow `verify-fixity`."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from prefect import State, flow
from pydantic import Field

from flows.prefect_runs.artifacts import show_fixity
from flows.prefect_runs.bench import batch_runner
from flows.prefect_runs.context import at_work
from flows.prefect_runs.states import done, ended, root_down
from flows.upkeep.fixity import Verified, told, verify

Bytes = Annotated[int, Field(ge=0, le=1 << 60)]


@flow(name="verify-fixity", flow_run_name="read files whole", task_runner=batch_runner())
def verify_fixity(budget: Bytes | None = None, dry_run: bool = False) -> State[Verified]:
    """Read files whole, what was not read for longest first, and compare them with what they were.

    Args:
        budget: Bytes that are read, the last file included. Empty: WSOPTV_FIXITY_BYTES of the worker.
        dry_run: Only say how much would be read.
    """
    with at_work(reads=False) as place:
        state = ended(partial(verify, place, budget, dry=dry_run), _told)
        outcome = state.result(raise_on_failure=False)
        if isinstance(outcome, Verified):
            show_fixity([*outcome.damaged, *outcome.unread], told(outcome))
        return state


def _told(verified: Verified) -> State[Verified]:
    if verified.damaged:
        said = "; ".join(verified.damaged)[:500]
        return done(verified, f"{told(verified)}: {said}", name="Damage found")
    if verified.down:
        return root_down(verified, "; ".join(verified.down), told(verified))
    name = "Completed with failures" if verified.unread else "Completed" if verified.files else "Nothing read"
    return done(verified, told(verified), name=name)
