"""`wsoptv cache`."""

from __future__ import annotations

import click

from deployments.cli.errors import reported_errors
from deployments.cli.output import as_json_option, emit


@click.command(short_help="List the copies on the SSD.")
@as_json_option
def cache(as_json: bool) -> None:
    """List the copies on the SSD, the next to be evicted first.

    Show for each why it was made, how often it was played, and how many bytes were not read from the archive.
    """
    with reported_errors(as_json):
        from catalog_models.reads.copies import list_copies
        from deployments.cli.cache_tables import CopiesOnSSD, print_copies
        from deployments.runtime import open_runtime
        from tasks.promotion.folder import budget_of
        from tasks.promotion.policy import HOT_DAYS

        with open_runtime("cache") as runtime:
            copies = runtime.transactions.in_session(list_copies, HOT_DAYS)
        settings, used = runtime.settings, sum(copy.size for copy in copies)
        budget = budget_of(settings.cache_folder, used, settings.cache_bytes)
        found = CopiesOnSSD(str(settings.cache_folder), used, budget, copies)
        emit(found, as_json, print_copies)
