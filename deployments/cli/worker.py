"""`wsoptv worker`."""

from __future__ import annotations

import threading

import click

from deployments.cli.errors import reported_errors


@click.command(short_help="Run a Prefect worker, in the foreground.")
def worker() -> None:
    """Run a Prefect worker on this host; Ctrl-C or SIGTERM ends it.

    `wsoptv up` includes one. On another host, set DATABASE_URL, REDIS_URL and PREFECT_API_URL, and mount the
    archive at the same path.
    """
    with reported_errors():
        from deployments.runtime import open_runtime
        from deployments.stack import use_prefect, use_worker

        with (
            open_runtime("worker") as runtime,
            use_prefect(runtime.settings, "worker"),
            use_worker(runtime.settings, "worker"),
        ):
            click.echo("READY a worker waits for flow runs")
            threading.Event().wait()
