"""The flow `promote-hot`."""

from __future__ import annotations

import uuid

from prefect import State, flow

from flows.prefect_runs.bench import batch_runner
from flows.prefect_runs.promotion import run_promotion
from flows.promotion.promotion import Promoted


def _name() -> str:
    from prefect.runtime import flow_run

    return "what would be promoted" if flow_run.parameters.get("dry_run") else "promote what is hot"


@flow(name="promote-hot", flow_run_name=_name, task_runner=batch_runner())
def promote_hot(
    content_id: uuid.UUID | None = None, dry_run: bool = False, accept_missing: bool = False
) -> State[Promoted]:
    """Copy to the SSD what was viewed five times in seven days; what was not used for the longest time leaves for it.

    Args:
        content_id: A title to copy as well, however seldom it is viewed.
        dry_run: Only say what would be done, and why.
        accept_missing: Yes, the many copies that are gone are really gone.
    """
    ids = [content_id] if content_id else []
    return run_promotion(ids, dry_run=dry_run, accept_missing=accept_missing)
