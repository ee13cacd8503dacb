"""`wsoptv ingest`."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

import click

from deployments.cli.errors import FAILED, USAGE, fail, reported_errors
from deployments.cli.flow_runs import RunAddress, loading, no_prefect_option, show_next
from deployments.cli.output import as_json_option, emit

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command(short_help="Update the catalogue from the archive.")
@click.argument("root", required=False, type=click.Path(readable=False))
@no_prefect_option
@click.option(
    "--dry-run",
    is_flag=True,
    help="Only walk and compare: show what an ingest would find, and change nothing.",
)
@click.option("--full", is_flag=True, help="Read every file again, also unchanged ones.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="Processes that open files.  [default: one per processor, at most 4]",
)
@click.option(
    "--settle",
    type=click.FloatRange(min=0),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="Skip files that were written, copied or renamed (mtime, ctime) in the last SECONDS until the next run; 0 "
    "skips none.",
)
@click.option(
    "--exclude",
    multiple=True,
    metavar="GLOB",
    help="Ignore paths below ROOT that match (`*/Trash/*`; `*` also matches a slash). Repeatable. A pattern that "
    "ends in a slash excludes the whole folder. Known files in it stay as they are.",
)
@click.option(
    "--accept-missing",
    is_flag=True,
    help="Confirm that the many missing files were deleted: mark them missing.",
)
@as_json_option
def ingest(
    root: str | None,
    no_prefect: bool,
    dry_run: bool,
    full: bool,
    workers: int | None,
    settle: float,
    exclude: tuple[str, ...],
    accept_missing: bool,
    as_json: bool,
) -> None:
    """Update the catalogue from the archive at ROOT.

    ROOT is a folder or s3://bucket/prefix (default: NAS_MOUNT_PATH and AWS_S3_BUCKET). Find files that are
    new, changed, moved or missing, read them, group them into titles, and make their pictures. A second run
    over an unchanged archive opens no file. WSOPTV never writes to the archive. The run is a flow run of this
    process, shown in the Prefect UI.
    """
    if not math.isfinite(settle):
        fail(USAGE, "usage", "--settle takes a number of seconds", as_json)
    with reported_errors(as_json):
        with loading():
            from catalog_models.locations import absolute
            from deployments.cli.tables import print_summary
            from deployments.prefect.jobs import RunOptions
            from deployments.prefect.jobs import ingest as run
            from flows.ingest.roots import refuse_home_inside
            from flows.ingest.scan import ScanOptions
            from orchestration.settings import Settings

        settings = Settings()
        roots = [absolute(each) for each in ([root] if root else settings.archives)]
        if not roots:
            fail(USAGE, "usage", "name the folder to ingest, or set NAS_MOUNT_PATH or AWS_S3_BUCKET", as_json)
        for each in roots:
            refuse_home_inside(each, settings.home)
        _expect_one_listable(roots)
        options = ScanOptions(settle, exclude, accept_missing, full, dry_run)
        address = RunAddress(quiet=as_json)
        # A dry run needs no record.
        plain = no_prefect or dry_run
        how = RunOptions(plain, quiet=as_json, workers=workers, on_run=address)
        summary = run(roots, options, how)
        emit(summary, as_json, print_summary)
        address.show()
        if dry_run and not as_json:
            click.echo("a dry run: nothing was changed")
        elif not as_json:
            show_next(settings, summary)
        if summary.failed or summary.unreadable or summary.down:
            sys.exit(FAILED)


def _expect_one_listable(roots: Sequence[bytes]) -> None:
    """Raise `RootUnavailableError` if none of the roots can be listed, before servers start."""
    from catalog_models.values import path_as_text
    from deployments.terminal.notices import notice_if_slow
    from tasks.scan import RootUnavailableError, expect_listable

    refused: RootUnavailableError | None = None
    for root in roots:
        try:
            with notice_if_slow(f"listing {path_as_text(root)}"):
                expect_listable(root)
        except RootUnavailableError as error:
            refused = refused or error
        else:
            return
    if refused is not None:
        raise refused
