"""`wsoptv list` and `wsoptv status`: what the catalogue holds."""

from __future__ import annotations

import click

from deployments.cli.errors import REFUSED, explained, fail
from deployments.cli.output import as_json_option, emit, encodable


@click.command("list", short_help="List the titles.")
@click.argument("search", required=False)
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000_000),
    default=100,
    show_default=True,
    help="The most titles to show.",
)
@click.option("--offset", type=click.IntRange(0, 2**31 - 1), default=0, help="Skip this many titles.")
@click.option("--ids", is_flag=True, help="With the ids that other commands take.")
@as_json_option
def list_contents(search: str | None, limit: int, offset: int, ids: bool, as_json: bool) -> None:
    """List the titles of the catalogue, or those with SEARCH in their name."""
    with explained(as_json):
        from unicodedata import normalize

        from catalog_models.reads.overview import list_titles
        from deployments.cli.tables import print_listing
        from deployments.runtime import enter

        with enter("list") as runtime:
            listing = runtime.transactions.run(
                lambda work: list_titles(
                    work.session, limit, offset, normalize("NFC", encodable(search or ""))
                )
            )
        emit(listing, as_json, lambda found: print_listing(found, ids))


@click.command(short_help="What runs, what there is, what went wrong.")
@as_json_option
def status(as_json: bool) -> None:
    """Say what runs, what the catalogue holds, what waits and what went wrong."""
    with explained(as_json):
        from catalog_models.reads.overview import User, overview
        from deployments.cli.tables import print_overview
        from deployments.runtime import enter
        from deployments.stack import describe_stack, is_own_prefect, prefect_auth
        from deployments.standing import address
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
        running = [User(user.pid, user.purpose) for user in stack.users]
        api = stack.prefect_url if is_own_prefect(settings) else settings.prefect_api_url
        addresses = (address(settings), api and api.removesuffix("/api"))
        with enter("status") as runtime:
            found = runtime.transactions.run(
                lambda work: overview(work.session, str(settings.home), running, addresses)
            )
        # Not in the JSON, which often ends up in logs. Programs that need the string use `wsoptv env`.
        login = prefect_auth(settings) if is_own_prefect(settings) else None
        emit(found, as_json, lambda overview: print_overview(overview, login))
