"""`wsoptv titles` and `review`: what paths say, and of what the reader was unsure."""

from __future__ import annotations

import click

from deployments.cli.errors import USAGE, explained, fail
from deployments.cli.output import as_json_option, emit, encodable


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
        with explained(as_json):
            _diff(apply_diff, as_json)
        return
    from deployments.cli.reading import explain_path, read_stream  # which loads nothing heavy

    if explain is not None:
        explain_path(encodable(explain), as_json)
    else:
        read_stream(null)


def _diff(apply: bool, as_json: bool) -> None:
    from deployments.cli.progress import shown_progress
    from deployments.cli.title_tables import print_diff
    from deployments.runtime import enter
    from flows.generate_titles import retitle
    from flows.job.executor import run_in_threads

    with enter("titles") as runtime, shown_progress(quiet=as_json) as progress:
        found = run_in_threads(runtime.context(progress), lambda steps: retitle(steps, apply=apply))
    emit(found, as_json, print_diff)


@click.command(short_help="List the titles that a person should look at.")
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000_000),
    default=100,
    show_default=True,
    help="The most titles to show.",
)
@click.option("--offset", type=click.IntRange(0, 2**31 - 1), default=0, help="Skip this many titles.")
@as_json_option
def review(limit: int, offset: int, as_json: bool) -> None:
    """List the titles that were read with little confidence (under 0.5), the least sure first. `wsoptv edit`
    and `wsoptv confirm` settle one."""
    with explained(as_json):
        from catalog_models.attention import list_unsure
        from deployments.cli.title_tables import print_review
        from deployments.runtime import enter

        with enter("review") as runtime:
            found = runtime.transactions.run(lambda work: list_unsure(work.session, limit, offset))
        emit(found, as_json, print_review)
