"""`wsoptv demo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from deployments.cli.errors import REFUSED, explained, fail
from deployments.cli.servers import port_option

if TYPE_CHECKING:
    from orchestration.transactions import Transactions


@click.command(short_help="Try it on a small sample archive.")
@port_option
def demo(port: int) -> None:
    """Make a small sample archive, ingest it and serve it: the whole system in a minute."""
    with explained():
        from catalog_models.values import text_of
        from catalog_models.writes.roots import absolute
        from deployments.api import run_api
        from deployments.cli.progress import shown_progress
        from deployments.cli.tables import print_summary
        from deployments.demo_archive import make_demo_archive
        from deployments.runtime import enter
        from deployments.standing import alone
        from flows.jobs.ingest import ingest_archive
        from flows.jobs.scanning import ScanOptions
        from orchestration.settings import Settings
        from tasks.media.pool import MediaPool

        with alone(Settings()) as note, enter("demo") as runtime:
            archive = runtime.settings.home / "demo-archive"
            if others := [
                root for root in _roots(runtime.transactions) if root != text_of(absolute(archive))
            ]:
                fail(
                    REFUSED,
                    "in_use",
                    f"this home holds {others[0]} already: set WSOPTV_HOME to another folder",
                    False,
                )
            with shown_progress(quiet=False) as progress:
                make_demo_archive(archive, progress)
                with MediaPool() as pool:
                    options = ScanOptions(settle=0)
                    summary = ingest_archive(absolute(archive), options, runtime.place(progress, pool))
            print_summary(summary)

            def say(url: str) -> None:
                note(url)
                click.echo(
                    f"\n  the page   {url}/\n  the API    {url}/api/openapi.json\n  archive    {archive}\n"
                    f"  to end it  Ctrl-C, or `wsoptv down` with WSOPTV_HOME={runtime.settings.home}\n"
                )

            run_api(runtime.settings, port, on_ready=say)


def _roots(transactions: Transactions) -> list[str]:
    from sqlalchemy import select

    from catalog_models.archive import Root

    return transactions.run(lambda work: list(work.session.scalars(select(Root.path_text))))
