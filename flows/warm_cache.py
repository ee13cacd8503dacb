"""The flow `warm-cache`: copy the whole hot set to the SSD at night."""

from __future__ import annotations

from prefect import State, flow

from flows.prefect_runs.run import run_in_prefect, threads
from flows.promote_hot import ending_of, promote, report
from flows.promotion.plan import PromotionRequest
from flows.promotion.summary import Promoted


@flow(name="warm-cache", flow_run_name="warm the cache", task_runner=threads())
def warm_cache(dry_run: bool = False) -> State[Promoted]:
    """Copy the whole hot set to the SSD at night, first the titles that save the archive most reads.

    Args:
        dry_run: Only show what would be done, and why.
    """
    wanted = PromotionRequest(is_dry=dry_run)
    return run_in_prefect(lambda steps: promote(steps, wanted), ending_of, report, reads=False)
