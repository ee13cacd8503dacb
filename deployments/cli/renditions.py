"""`wsoptv renditions`: files that do not play as they are get renditions that do."""

from __future__ import annotations

import sys
import uuid
from typing import TYPE_CHECKING

import click

from deployments.cli.errors import FAILED, explained
from deployments.cli.output import as_json_option, emit, printable

if TYPE_CHECKING:
    from flows.renditions.plan import Rendered


@click.command(short_help="Make playable renditions of what does not play.")
@click.argument("content_ids", metavar="[ID]...", nargs=-1, type=click.UUID)
@click.option("--faststart", is_flag=True, help="Also of files that play, but have their index at the end.")
@click.option(
    "--transcode", is_flag=True, help="Also of what has to be encoded anew (ProRes, MXF). This takes hours."
)
@click.option(
    "--deinterlace",
    is_flag=True,
    help="Also of interlaced pictures that play, but show combs where something moves. This takes hours.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be made, and what it costs by estimate.")
@click.option(
    "--accept-missing", is_flag=True, help="Yes, the many renditions that are gone are really gone."
)
@as_json_option
def renditions(
    content_ids: tuple[uuid.UUID, ...],
    faststart: bool,
    transcode: bool,
    deinterlace: bool,
    dry_run: bool,
    accept_missing: bool,
    as_json: bool,
) -> None:
    """Put what browsers play into a container that they take, for all titles or those with these IDs, without encoding it anew;
    with --transcode encode the rest, too. Titles that are watched most come first.

    Renditions lie in WSOPTV_RENDITIONS; the archive is not written. A title with IDs is tried again also when it failed.
    """
    with explained(as_json):
        from deployments.cli.progress import shown_progress
        from deployments.runtime import enter
        from flows.renditions.plan import Asked, make_renditions
        from tasks.media.pool import MediaPool

        asked = Asked(faststart, transcode, content_ids, deinterlace)
        with MediaPool() as pool, enter("renditions") as runtime, shown_progress(quiet=as_json) as progress:
            place = runtime.context(progress, pool)
            rendered = make_renditions(place, asked, dry=dry_run, accept_missing=accept_missing)
        emit(rendered, as_json, _show)
        if rendered.failed:
            sys.exit(FAILED)


def _show(rendered: Rendered) -> None:
    from catalog_models.values import lasting, sized
    from flows.renditions.plan import told

    for wish in rendered.wishes:
        cost = f"{sized(wish.estimate.size)}, {lasting(wish.estimate.seconds)}"
        click.echo(f"{wish.recipe.kind:11} {printable(wish.name)} (by estimate {cost})")
    for note in rendered.needless:
        click.echo(f"none        {printable(note)}")
    for failure in rendered.failed:
        click.echo(f"failed      {printable(failure)}")
    click.echo(told(rendered))
