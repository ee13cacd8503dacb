"""`wsoptv renditions`."""

from __future__ import annotations

import sys
import uuid
from typing import TYPE_CHECKING

import click

from deployments.cli.errors import FAILED, reported_errors
from deployments.cli.flow_runs import RunAddress, loading, no_prefect_option
from deployments.cli.output import as_json_option, emit
from deployments.terminal.text import printable

if TYPE_CHECKING:
    from flows.renditions.summary import Rendered


@click.command(short_help="Make renditions of files that do not play.")
@click.argument("content_ids", metavar="[ID]...", nargs=-1, type=click.UUID)
@click.option("--faststart", is_flag=True, help="Also for files that play, but have their index at the end.")
@click.option(
    "--transcode",
    is_flag=True,
    help="Also for files that must be encoded again (ProRes, MXF). This takes hours.",
)
@click.option(
    "--deinterlace",
    is_flag=True,
    help="Also for interlaced files that play, but show combs in motion. This takes hours.",
)
@click.option("--dry-run", is_flag=True, help="Only show what would be made, and the estimated cost.")
@click.option("--accept-missing", is_flag=True, help="Confirm that the many missing renditions were deleted.")
@no_prefect_option
@as_json_option
def renditions(
    content_ids: tuple[uuid.UUID, ...],
    faststart: bool,
    transcode: bool,
    deinterlace: bool,
    dry_run: bool,
    accept_missing: bool,
    no_prefect: bool,
    as_json: bool,
) -> None:
    """Make renditions that browsers play, for all titles or those with these IDs, the most viewed first.

    Without options, only copy the streams to another container; with --transcode, also encode the other
    files. Renditions are written to WSOPTV_RENDITIONS, never to the archive. For a title that is named by its
    ID, a failed rendition is tried again. The run is a flow run of this process, shown in the Prefect UI,
    unless it is a dry run.
    """
    with reported_errors(as_json):
        with loading():
            from deployments.prefect.jobs import RunOptions
            from deployments.prefect.title_jobs import make_renditions
            from flows.renditions.plan import RenditionRequest
            from flows.renditions.selection import RenditionOptions

        options = RenditionOptions(faststart, transcode, content_ids, deinterlace)
        address = RunAddress(quiet=as_json)
        how = RunOptions(no_prefect or dry_run, quiet=as_json, on_run=address)
        rendered = make_renditions(RenditionRequest(options, dry_run, accept_missing), how)
        emit(rendered, as_json, _show)
        address.show()
        if rendered.failed or rendered.down:
            sys.exit(FAILED)


def _show(rendered: Rendered) -> None:
    from catalog_models.values import format_bytes, format_duration

    for plan in rendered.plans if rendered.dry else ():
        cost = f"{format_bytes(plan.estimate.size)}, {format_duration(plan.estimate.seconds)}"
        click.echo(f"{plan.recipe.kind:11} {printable(plan.name)} (estimated {cost})")
    for made in rendered.renditions:
        click.echo(
            f"{made.kind:11} {printable(made.name)} ({format_bytes(made.size)} in {format_duration(made.seconds)})"
        )
    for name in rendered.waits:
        click.echo(f"waits       {printable(name)}")
    for note in rendered.needless:
        click.echo(f"none        {printable(note)}")
    for failure in rendered.failed:
        click.echo(f"failed      {printable(failure)}")
    for reason in rendered.down:
        click.echo(f"down        {printable(reason)}")
    click.echo(rendered.summary)
