"""`wsoptv demo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from deployments.cli.errors import REFUSED, fail, reported_errors
from deployments.cli.server_options import port_option

if TYPE_CHECKING:
    from pathlib import Path

    from orchestration.transactions import Transactions


@click.command(short_help="Try WSOPTV on a small sample archive.")
@port_option
def demo(port: int) -> None:
    """Create a small sample archive, ingest it with Prefect, and serve it, in about a minute."""
    with reported_errors():
        from deployments.accounts import demo_account
        from deployments.api.foreground import ServeOptions, run_api
        from deployments.instance_lock import hold_instance_lock
        from deployments.prefect.background import prefect_in_background
        from deployments.runtime import open_runtime
        from deployments.stack import use_prefect
        from orchestration.settings import Settings

        configured = Settings()
        archive = configured.home / "demo-archive"
        with (
            hold_instance_lock(configured) as note,
            open_runtime("demo", serving=True) as runtime,
            # For the ingest and afterwards, because it takes long to start.
            use_prefect(configured, "demo") as prefect_url,
        ):
            _expect_no_other(runtime.transactions, archive)
            _ingest(archive)
            email, password = demo_account(runtime)

            def show(url: str) -> None:
                note(url)
                click.echo(
                    f"\n  the page    {url}/\n  sign in as  {email}   password {password}\n  the API     {url}/docs\n"
                    f"  Prefect     {prefect_url.removesuffix('/api')}   `wsoptv status` shows its login\n"
                    f"  archive     {archive}\n"
                    f"  to end it   Ctrl-C, or `wsoptv down` with WSOPTV_HOME={configured.home}\n"
                )

            with prefect_in_background(configured, lambda _ui: click.echo("a worker waits for flow runs")):
                run_api(runtime.settings, ServeOptions(port), on_ready=show)


def _expect_no_other(transactions: Transactions, archive: Path) -> None:
    """Exit if the home holds another archive than the demo's."""
    from sqlalchemy import select

    from catalog_models.locations import absolute
    from catalog_models.tables import Root
    from catalog_models.values import path_as_text

    roots = transactions.run(lambda work: list(work.session.scalars(select(Root.path_text))))
    if others := [root for root in roots if root != path_as_text(absolute(archive))]:
        message = f"this home already holds {others[0]}: set WSOPTV_HOME to another folder"
        fail(REFUSED, "in_use", message, False)


def _ingest(archive: Path) -> None:
    from catalog_models.locations import absolute
    from deployments.cli.tables import print_summary
    from deployments.demo_archive import make_demo_archive
    from deployments.prefect.jobs import RunOptions, ingest
    from deployments.terminal.progress import shown_progress
    from flows.ingest.scan import ScanOptions

    with shown_progress(quiet=False) as progress:
        make_demo_archive(archive, progress)
    print_summary(ingest([absolute(archive)], ScanOptions(settle=0), RunOptions(plain=False)))
