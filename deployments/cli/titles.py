"""`wsoptv titles`."""

from __future__ import annotations

import click

from deployments.cli.errors import USAGE, fail, reported_errors
from deployments.cli.output import as_json_option, emit
from deployments.terminal.text import encodable


@click.command(short_help="Read titles from paths, or show what new rules change.")
@click.option("-0", "--null", is_flag=True, help="Paths end with NUL instead of a line end.")
@click.option("--explain", metavar="PATH", help="Show which rule read which part of PATH.")
@click.option(
    "--diff", is_flag=True, help="Show what the rules of this version would change in the catalogue."
)
@click.option("--apply", "apply_diff", is_flag=True, help="With --diff: apply the changes. Edits stay.")
@click.option("--learn", is_flag=True, help="Propose names of players in the catalogue's files.")
@click.option("--confirm", multiple=True, metavar="NAME", help="With --learn: NAME is a player.")
@as_json_option
def titles(
    null: bool,
    explain: str | None,
    diff: bool,
    apply_diff: bool,
    learn: bool,
    confirm: tuple[str, ...],
    as_json: bool,
) -> None:
    """Read paths, relative to an archive's root, from standard input; print the fields of each as JSON.

    This needs no database. With --diff, compare the catalogue with the rules of this version instead: show
    how many titles change, the largest changes first. With --learn, list names in the catalogue's files that
    may be players. A name that you --confirm is found in the names of files from then on.
    """
    if apply_diff and not diff:
        fail(USAGE, "usage", "--apply requires --diff: first check what would change", as_json)
    if confirm and not learn:
        fail(USAGE, "usage", "--confirm requires --learn: first check the proposed names", as_json)
    if learn:
        with reported_errors(as_json):
            _learn([encodable(name) for name in confirm], as_json)
        return
    if diff:
        with reported_errors(as_json):
            _diff(apply_diff, as_json)
        return
    from deployments.cli.title_reader import explain_path, read_stream

    if explain is not None:
        explain_path(encodable(explain), as_json)
    else:
        read_stream(null)


def _diff(apply: bool, as_json: bool) -> None:
    from deployments.cli.title_tables import print_diff
    from deployments.runtime import open_runtime
    from deployments.terminal.progress import shown_progress
    from flows.generate_titles import retitle
    from flows.job.executor import run_in_threads

    with open_runtime("titles") as runtime, shown_progress(quiet=as_json) as progress:
        found = run_in_threads(runtime.context(progress), lambda steps: retitle(steps, apply=apply))
    emit(found, as_json, print_diff)


def _learn(confirmed: list[str], as_json: bool) -> None:
    from deployments.cli.actor import operator
    from deployments.cli.title_tables import print_proposals
    from deployments.runtime import open_runtime
    from flows.ingest.player_names import InvalidNameError, check_name, confirm_players, find_proposals

    try:
        names = [check_name(name) for name in confirmed]
    except InvalidNameError as error:
        fail(USAGE, error.code, str(error), as_json)
    with open_runtime("titles") as runtime:
        if names:
            actor = operator()
            runtime.transactions.run(lambda work: confirm_players(work.session, names, actor))
        found = runtime.transactions.run(lambda work: find_proposals(work.session))
    emit(found, as_json, print_proposals)
