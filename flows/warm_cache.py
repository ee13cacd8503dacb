"""The flow `warm-cache`."""

from __future__ import annotations

from prefect import State, flow

from flows.prefect_runs.bench import batch_runner
from flows.prefect_runs.promotion import run_promotion
from flows.promotion.promotion import Promoted


@flow(name="warm-cache", flow_run_name="warm the cache", task_runner=batch_runner())
def warm_cache(dry_run: bool = False) -> State[Promoted]:
    """Bring the whole hot set to the SSD while few people watch: what keeps most bytes off the archive first.

    Args:
        dry_run: Only say what would be done, and why.
    """
    return run_promotion([], dry_run=dry_run)
