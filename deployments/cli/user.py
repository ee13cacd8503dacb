"""`wsoptv user`: account administration for the operator of this machine."""

from __future__ import annotations

import click

from deployments.cli.actor import operator
from deployments.cli.errors import reported_errors
from deployments.cli.output import as_json_option, emit, one_line
from deployments.terminal.text import printable


@click.group(short_help="Create, approve and list accounts, set passwords.")
def user() -> None:
    """Create, approve and list accounts, and set passwords."""


@user.command(short_help="Create an account.")
@click.option("--email", required=True, help="The e-mail for signing in.")
@click.option("--username", required=True, help="The name that other users see.")
@click.option(
    "--password",
    required=True,
    help="At least 8 characters, with a lower-case letter, an upper-case letter and a digit.",
)
@click.option(
    "--role",
    type=click.Choice(["user", "moderator", "admin"]),
    default="user",
    show_default=True,
    help="A moderator can edit titles, an admin can do everything.",
)
@click.option("--admin", "role", flag_value="admin", help="The same as --role admin.")
@as_json_option
def create(email: str, username: str, password: str, role: str, as_json: bool) -> None:
    """Create an account, which can sign in at once."""
    with reported_errors(as_json):
        from deployments.accounts import create_account
        from deployments.runtime import open_runtime

        with open_runtime("user create") as runtime:
            user_id = create_account(runtime, (email, username, password), role, operator())
        if as_json:
            click.echo(one_line({"id": str(user_id), "email": email, "username": username, "role": role}))
        else:
            click.echo(f"{printable(username)} can sign in as {printable(email)} ({role})")


@user.command(short_help="Approve people who have registered.")
@click.argument("emails", metavar="EMAIL...", nargs=-1, required=True)
@as_json_option
def approve(emails: tuple[str, ...], as_json: bool) -> None:
    """Approve the registrations of these e-mails. `wsoptv user list` shows which are pending."""
    with reported_errors(as_json):
        from deployments.accounts import approve_accounts
        from deployments.runtime import open_runtime

        with open_runtime("user approve") as runtime:
            approve_accounts(runtime, emails, operator())
        if as_json:
            click.echo(one_line({"emails": list(emails)}))
        else:
            click.echo(f"{printable(', '.join(emails))} can sign in")


@user.command("list", short_help="List the accounts.")
@as_json_option
def list_users(as_json: bool) -> None:
    """List the accounts with their role and status."""
    with reported_errors(as_json):
        from deployments.accounts import list_accounts
        from deployments.cli.tables import print_accounts
        from deployments.runtime import open_runtime

        with open_runtime("user list") as runtime:
            found = list_accounts(runtime)
        emit(found, as_json, print_accounts)


@user.command(short_help="Set the password of an account.")
@click.option("--email", required=True, help="The e-mail of the account.")
@click.option(
    "--password",
    required=True,
    help="At least 8 characters, with a lower-case letter, an upper-case letter and a digit.",
)
@as_json_option
def reset_password(email: str, password: str, as_json: bool) -> None:
    """Set the password of an account, and end its sign-in sessions."""
    with reported_errors(as_json):
        from deployments.accounts import reset_password as reset
        from deployments.runtime import open_runtime

        with open_runtime("user reset-password") as runtime:
            reset(runtime, email, password, operator())
        if as_json:
            click.echo(one_line({"email": email}))
        else:
            click.echo(f"{printable(email)} has a new password; its sign-in sessions have ended")
