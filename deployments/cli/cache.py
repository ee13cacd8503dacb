"""`wsoptv promote` and `wsoptv cache`: what is copied to the SSD, and why."""

from __future__ import annotations

import sys
import uuid

import click

from deployments.cli.errors import FAILED, explained
from deployments.cli.output import as_json_option, emit


@click.command(short_help="Copy hot titles to the SSD.")
@click.argument("content_ids", metavar="[ID]...", nargs=-1, type=click.UUID)
@click.option("--dry-run", is_flag=True, help="Only say what would be done, and why.")
@click.option("--accept-missing", is_flag=True, help="Yes, the many copies that are gone are really gone.")
@as_json_option
def promote(content_ids: tuple[uuid.UUID, ...], dry_run: bool, accept_missing: bool, as_json: bool) -> None:
    """Copy to the SSD what was viewed five times in seven days, and titles with these IDs; what was not used for the longest
    time leaves for it. `promote-hot` does it every five minutes, `warm-cache` at night.

    Copies lie in WSOPTV_CACHE and fill WSOPTV_CACHE_BYTES at the most.
    """
    with explained(as_json):
        from deployments.cli.cache_tables import print_promoted
        from deployments.cli.progress import shown_progress
        from deployments.runtime import enter
        from flows.promotion.promotion import promote as run

        with enter("promote") as runtime, shown_progress(quiet=as_json) as progress:
            promoted = run(runtime.context(progress), content_ids, dry=dry_run, accept_missing=accept_missing)
        emit(promoted, as_json, print_promoted)
        if promoted.failed:
            sys.exit(FAILED)


@click.command(short_help="Say what is on the SSD, and what leaves next.")
@as_json_option
def cache(as_json: bool) -> None:
    """List the copies on the SSD, the one that leaves next first: why each is there, how often it was played, and how many bytes
    it kept off the archive."""
    with explained(as_json):
        from deployments.cli.cache_tables import print_copies
        from deployments.runtime import enter
        from flows.promotion.copies import look

        with enter("cache") as runtime:
            found = look(runtime.settings, runtime.transactions)
        emit(found, as_json, print_copies)
