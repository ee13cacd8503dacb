"""Commands that are flow runs: the option to run without Prefect, and the lines that they print last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from deployments.imports import without_collections
from deployments.terminal.notices import notice_if_slow

if TYPE_CHECKING:
    from flows.ingest.summary import Summary
    from orchestration.settings import Settings

no_prefect_option = click.option(
    "--no-prefect", is_flag=True, help="Run without Prefect: no flow run is recorded."
)


@contextmanager
def loading() -> Iterator[None]:
    """Import libraries in the block; show a notice if that takes more than a second."""
    with notice_if_slow("loading libraries"), without_collections():
        yield


class RunAddress:
    """The address of a command's flow run in Prefect's UI, once it is known."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._address: str | None = None

    def __call__(self, address: str) -> None:
        self._address = address

    def show(self) -> None:
        """Print the address, unless `quiet` or without a flow run."""
        if self._address and not self._quiet:
            click.echo(f"the run in Prefect: {self._address}")


def show_next(settings: Settings, summary: Summary) -> None:
    """Print the next steps after an ingest."""
    from deployments.instance_lock import served_address

    if summary.failed:
        click.echo(f"{summary.failed:,} failed: `wsoptv retry` tries again")
    if summary.missing or summary.quarantined:
        click.echo("`wsoptv status` lists the files that are missing or quarantined")
    if url := served_address(settings):
        click.echo(f"open {url} to watch")
    elif summary.programmes:
        click.echo("`wsoptv up` serves the titles, and Prefect's pages")
