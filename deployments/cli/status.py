"""`wsoptv status`."""

from __future__ import annotations

import click

from deployments.cli.errors import REFUSED, fail, reported_errors
from deployments.cli.output import as_json_option, emit


@click.command(short_help="Show servers, titles and problems.")
@as_json_option
def status(as_json: bool) -> None:
    """Show the running processes, the contents of the catalogue, pending work and problems."""
    with reported_errors(as_json):
        from catalog_models.reads.overview import RunningProcess, overview
        from deployments.cli.status_tables import print_overview
        from deployments.instance_lock import served_address
        from deployments.runtime import open_runtime
        from deployments.stack import describe_stack, is_own_prefect, prefect_auth
        from deployments.web.health import web_state
        from orchestration.settings import Settings

        settings = Settings()
        if not settings.home.is_dir():
            fail(
                REFUSED,
                "no_home",
                f"the home {settings.home} does not exist yet: start with `wsoptv ingest FOLDER`",
                as_json,
            )
        stack = describe_stack(settings)
        running = [RunningProcess(user.pid, user.purpose) for user in stack.users]
        api = stack.prefect_url if is_own_prefect(settings) else settings.prefect_api_url
        address = served_address(settings)
        web = web_state(address) if address else None
        addresses = (address, api and api.removesuffix("/api"), str(web) if web else None)
        with open_runtime("status") as runtime:
            found = runtime.transactions.in_session(overview, str(settings.home), running, addresses)
        # The JSON, which often ends up in logs, does not include it. Programs use `wsoptv env`.
        login = prefect_auth(settings) if is_own_prefect(settings) else None
        emit(found, as_json, lambda overview: print_overview(overview, login))
