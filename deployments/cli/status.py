"""`wsoptv status`."""

from __future__ import annotations

import click

from deployments.cli.errors import REFUSED, fail, reported_errors
from deployments.cli.output import as_json_option, emit


@click.command(short_help="What runs, what there is, what went wrong.")
@as_json_option
def status(as_json: bool) -> None:
    """Say what runs, what the catalogue holds, what waits and what went wrong."""
    with reported_errors(as_json):
        from catalog_models.reads.overview import RunningProcess, overview
        from deployments.cli.tables import print_overview
        from deployments.instance_lock import served_address
        from deployments.runtime import open_runtime
        from deployments.stack import describe_stack, is_own_prefect, prefect_auth
        from orchestration.settings import Settings

        settings = Settings()
        if not settings.home.is_dir():
            fail(
                REFUSED,
                "no_home",
                f"there is nothing at {settings.home} yet: `wsoptv ingest FOLDER` begins",
                as_json,
            )
        stack = describe_stack(settings)
        running = [RunningProcess(user.pid, user.purpose) for user in stack.users]
        api = stack.prefect_url if is_own_prefect(settings) else settings.prefect_api_url
        addresses = (served_address(settings), api and api.removesuffix("/api"))
        with open_runtime("status") as runtime:
            found = runtime.transactions.run(
                lambda work: overview(work.session, str(settings.home), running, addresses)
            )
        # Not in the JSON, which often ends up in logs. Programs that need the string use `wsoptv env`.
        login = prefect_auth(settings) if is_own_prefect(settings) else None
        emit(found, as_json, lambda overview: print_overview(overview, login))
