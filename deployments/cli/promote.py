"""`wsoptv promote`."""

from __future__ import annotations

import sys
import uuid

import click

from deployments.cli.errors import FAILED, reported_errors
from deployments.cli.flow_runs import RunAddress, loading, no_prefect_option
from deployments.cli.output import as_json_option, emit


@click.command(short_help="Copy hot titles to the SSD.")
@click.argument("content_ids", metavar="[ID]...", nargs=-1, type=click.UUID)
@click.option("--dry-run", is_flag=True, help="Only show what would be done, and why.")
@click.option("--accept-missing", is_flag=True, help="Confirm that the many missing copies were deleted.")
@no_prefect_option
@as_json_option
def promote(
    content_ids: tuple[uuid.UUID, ...], dry_run: bool, accept_missing: bool, no_prefect: bool, as_json: bool
) -> None:
    """Copy titles that were viewed five times in seven days, and those with these IDs, to the SSD.

    The least recently used copies are evicted. Copies are stored in WSOPTV_CACHE and use at most
    WSOPTV_CACHE_BYTES. The flow `promote-hot` does the same every five minutes, `warm-cache` at night. The
    run is a flow run of this process, shown in the Prefect UI, unless it is a dry run.
    """
    with reported_errors(as_json):
        with loading():
            from deployments.cli.cache_tables import print_promoted
            from deployments.prefect.jobs import RunOptions
            from deployments.prefect.title_jobs import promote as run
            from flows.promotion.plan import PromotionRequest

        address = RunAddress(quiet=as_json)
        how = RunOptions(no_prefect or dry_run, quiet=as_json, reads=False, on_run=address)
        promoted = run(PromotionRequest(content_ids, dry_run, accept_missing), how)
        emit(promoted, as_json, print_promoted)
        address.show()
        if promoted.failed or promoted.down:
            sys.exit(FAILED)
