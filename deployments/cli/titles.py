"""`wsoptv titles`."""

from __future__ import annotations

import click

from deployments.cli.errors import USAGE, fail, reported_errors
from deployments.cli.output import as_json_option, emit
from deployments.terminal.text import encodable


@click.command(short_help="Read titles from paths, or see what new rules change.")
@click.option("-0", "--null", is_flag=True, help="Paths end with a NUL instead of a line end.")
@click.option("--explain", metavar="PATH", help="Show which rule read which part of PATH into which field.")
@click.option("--diff", is_flag=True, help="What would the rules of this version change in the catalogue?")
@click.option("--apply", "apply_diff", is_flag=True, help="With --diff: change it. What people edited stays.")
@as_json_option
def titles(null: bool, explain: str | None, diff: bool, apply_diff: bool, as_json: bool) -> None:
    """Read paths, relative to an archive's root, from standard input and print one JSON object a line: the fields that
    each path says. Needs no database.

    With --diff, compare the catalogue with what the rules read now instead: how many titles change, and the worst of
    them first.
    """
    if apply_diff and not diff:
        fail(USAGE, "usage", "--apply goes with --diff: see what would change first", as_json)
    if diff:
        with reported_errors(as_json):
            _diff(apply_diff, as_json)
        return
    from deployments.cli.title_reader import explain_path, read_stream  # which loads nothing heavy

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
