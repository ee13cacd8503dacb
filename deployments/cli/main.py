"""The group of all commands. Exit codes: 0 done, 1 failed, 2 usage, 3 refused."""

from __future__ import annotations

import signal
import sys
from typing import Any, NoReturn

import click

from deployments.cli.accept import accept
from deployments.cli.backup import backup
from deployments.cli.cache import cache
from deployments.cli.confirm import confirm
from deployments.cli.demo import demo
from deployments.cli.deploy import deploy
from deployments.cli.doctor import doctor
from deployments.cli.down import down
from deployments.cli.edit import edit
from deployments.cli.env import env
from deployments.cli.errors import USAGE, fail
from deployments.cli.export import export
from deployments.cli.fixity import fixity
from deployments.cli.forget import forget
from deployments.cli.hide import hide
from deployments.cli.ingest import ingest
from deployments.cli.list import list_contents
from deployments.cli.merge import merge
from deployments.cli.migrate import migrate
from deployments.cli.missing import missing
from deployments.cli.nginx import nginx
from deployments.cli.playability import playability
from deployments.cli.promote import promote
from deployments.cli.reindex import reindex
from deployments.cli.renditions import renditions
from deployments.cli.restore import restore
from deployments.cli.retry import retry
from deployments.cli.review import review
from deployments.cli.search import search
from deployments.cli.serve import serve
from deployments.cli.show import show
from deployments.cli.split import split
from deployments.cli.status import status
from deployments.cli.titles import titles
from deployments.cli.up import up
from deployments.cli.user import user
from deployments.cli.worker import worker
from deployments.signals import (
    EXIT_CODE,
    INTERRUPTED,
    TERMINATED,
    Terminated,
    ignore_sigterm,
    unwind_on_sigterm,
)
from deployments.terminal.notices import shown_notices

_INTERRUPTED = 128 + signal.SIGINT


class _Commands(click.Group):
    """Ends every command with one of our exit codes and, with `--json`, with an object on standard output."""

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:
        as_json = "--json" in sys.argv
        try:
            sys.exit(super().main(*args, **{**kwargs, "standalone_mode": False}))
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message(), err=True)
            sys.exit(USAGE)
        except click.UsageError as error:
            if error.ctx is not None:
                click.echo(error.ctx.get_usage(), err=True)
            fail(USAGE, "usage", error.format_message(), as_json)
        except click.Abort as error:
            # click raises this for a KeyboardInterrupt.
            if isinstance(error.__cause__, Terminated):
                fail(EXIT_CODE, "terminated", TERMINATED, as_json)
            fail(_INTERRUPTED, "interrupted", INTERRUPTED, as_json)
        finally:
            ignore_sigterm()


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="wsoptv", message="%(prog)s %(version)s")
def main() -> None:
    """Turn an archive of poker videos into a private video-on-demand service.

    State lives in WSOPTV_HOME (default ~/.wsoptv). Start with `wsoptv demo`, or with `wsoptv ingest FOLDER`
    and `wsoptv up`. Exit codes: 0 done, 1 something failed, 2 wrong usage, 3 refused.
    """
    unwind_on_sigterm()
    click.get_current_context().with_resource(shown_notices(quiet="--json" in sys.argv))


for command in (
    ingest,
    list_contents,
    search,
    reindex,
    status,
    retry,
    accept,
    missing,
    forget,
    titles,
    review,
    edit,
    confirm,
    hide,
    show,
    merge,
    split,
    promote,
    renditions,
    fixity,
    export,
    restore,
    backup,
    cache,
    playability,
    up,
    down,
    serve,
    nginx,
    user,
    deploy,
    worker,
    env,
    migrate,
    doctor,
    demo,
):
    main.add_command(command)
