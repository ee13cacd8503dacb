"""`wsoptv user`: account administration for the operator of this machine."""

from __future__ import annotations

import click

from deployments.cli.actor import operator
from deployments.cli.errors import reported_errors
from deployments.cli.output import as_json_option, emit, one_line
from deployments.terminal.text import printable


@click.group(short_help="Add people, list them, set their passwords.")
def user() -> None:
    """Add people, list them and set their passwords from the command line."""


@user.command(short_help="Add a person.")
@click.option("--email", required=True, help="What the person signs in with.")
@click.option("--username", required=True, help="The name that others see.")
@click.option("--password", required=True, help="At least 8 characters, small, capital, digit.")
@click.option(
    "--role",
    type=click.Choice(["user", "moderator", "admin"]),
    default="user",
    show_default=True,
    help="A moderator edits titles, an admin does everything.",
)
@click.option("--admin", "role", flag_value="admin", help="The same as --role admin.")
@as_json_option
def create(email: str, username: str, password: str, role: str, as_json: bool) -> None:
    """Add a person, who may sign in at once."""
    with reported_errors(as_json):
        from deployments.accounts import create_account
        from deployments.runtime import open_runtime

        with open_runtime("user create") as runtime:
            user_id = create_account(runtime, (email, username, password), role, operator())
        if as_json:
            click.echo(one_line({"id": str(user_id), "email": email, "username": username, "role": role}))
        else:
            click.echo(f"{printable(username)} may sign in as {printable(email)} ({role})")


@user.command("list", short_help="List the people.")
@as_json_option
def list_users(as_json: bool) -> None:
    """List the people: who they are, what they may, whether they wait for approval."""
    with reported_errors(as_json):
        from deployments.accounts import list_accounts
        from deployments.cli.tables import print_accounts
        from deployments.runtime import open_runtime

        with open_runtime("user list") as runtime:
            found = list_accounts(runtime)
        emit(found, as_json, print_accounts)


@user.command(short_help="Give a person another password.")
@click.option("--email", required=True, help="Whose.")
@click.option("--password", required=True, help="At least 8 characters, small, capital, digit.")
@as_json_option
def reset_password(email: str, password: str, as_json: bool) -> None:
    """Give a person another password, and end all sign-ins of theirs."""
    with reported_errors(as_json):
        from deployments.accounts import reset_password as reset
        from deployments.runtime import open_runtime

        with open_runtime("user reset-password") as runtime:
            reset(runtime, email, password, operator())
        if as_json:
            click.echo(one_line({"email": email}))
        else:
            click.echo(f"{printable(email)} signs in with the new password from now on")
