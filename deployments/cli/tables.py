"""Text output of ingests, lists, accounts and the status."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from os.path import join
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from catalog_models.reads.overview import Listing, MissingFiles, Overview
from catalog_models.values import counted
from deployments.terminal.text import printable
from flows.ingest.summary import Summary

if TYPE_CHECKING:
    # Loads the serving layer.
    from deployments.accounts import Accounts
    from flows.retry_failures import Retried


def print_summary(summary: Summary) -> None:
    """Print the counts of an ingest, with hints."""
    rows = [
        ("seen", summary.seen, "files below the folder"),
        ("  ignored", summary.ignored, "not videos, links, or excluded"),
        ("  new", summary.new, ""),
        ("  changed", summary.changed, ""),
        ("  moved", summary.moved, "renamed, with their history"),
        ("  unchanged", summary.unchanged, ""),
        ("  pending", summary.pending, "still being written: the next run reads them"),
        ("missing", summary.missing, "no longer in the archive: `wsoptv missing` lists them"),
        ("quarantined", summary.quarantined, "bad files: `wsoptv status` shows why"),
        ("failed", summary.failed, "`wsoptv status` shows why, `wsoptv retry` tries again"),
        ("programmes", summary.programmes, "titles in the catalogue"),
    ]
    if summary.waiting:
        rows.append(("waiting", summary.waiting, "their root is down: the next run continues"))
    shown = [(name, f"{count:,}", note if count else "") for name, count, note in rows]
    _print(("", "files", ""), shown, right=(1,))
    if summary.unindexed:
        Console(soft_wrap=True).print(
            f"the search index is out of date; the next ingest tries again: {summary.unindexed}",
            highlight=False,
            markup=False,
        )
    Console().print(f"done in {summary.seconds:.1f} s", highlight=False)


def print_retry(outcome: Retried) -> None:
    """Print the result of a retry."""
    if not outcome.tried:
        Console().print("no file to try again")
        return
    Console().print(f"{outcome.tried} tried again, {outcome.failed} failed", highlight=False)


def print_listing(listing: Listing, ids: bool = False) -> None:
    """Print titles, with `ids` in the last column: a table on a terminal, tab-separated lines elsewhere."""
    rows = [
        (
            str(item.year or ""),
            item.title,
            _length(item.duration_seconds),
            item.status,
            str(item.files),
            item.id,
        )
        for item in listing.items
    ]
    header = ("year", "title", "length", "status", "files", "id")
    _print_rows(header if ids else header[:-1], rows if ids else [row[:-1] for row in rows], right=(2, 4))
    first, last = listing.offset + 1, listing.offset + len(listing.items)
    if rows and last < listing.total and Console().is_terminal:
        Console().print(
            f"{first} to {last} of {listing.total} titles; --limit and --offset show others", highlight=False
        )


def print_titles(titles: Sequence[tuple[int | None, str, float | None, str]]) -> None:
    """Print titles that were found (year, name, seconds, status), as `print_listing` does."""
    rows = [(str(year or ""), title, _length(seconds), status) for year, title, seconds, status in titles]
    _print_rows(("year", "title", "length", "status"), rows, right=(2,))


def print_accounts(accounts: Accounts) -> None:
    """Print the accounts: a table on a terminal, tab-separated lines elsewhere."""
    rows = [
        (
            one.email,
            one.username,
            one.role,
            one.status,
            f"{one.last_login_at:%Y-%m-%d}" if one.last_login_at else "",
        )
        for one in accounts.items
    ]
    _print_rows(
        ("e-mail", "name", "role", "status", "last sign-in"),
        rows,
        right=(),
        nothing="there are no accounts yet",
    )


def _print_rows(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[int],
    nothing: str = "no title matches",
) -> None:
    console = Console()
    if not rows:
        Console(stderr=True).print(nothing)
    elif console.is_terminal:
        _print(header, rows, right)
    else:
        for row in rows:
            # The console would replace tabs by blanks.
            click.echo("\t".join(printable(cell) for cell in row))


def print_overview(overview: Overview, prefect_login: str | None = None) -> None:
    """Print the overview, and the string for Prefect's login page if it is given."""
    console = Console(soft_wrap=True)
    console.print(f"home       {printable(overview.home)}", highlight=False, markup=False)
    served = f"; served at {overview.address}" if overview.address else ""
    console.print(f"running    {_users(overview)}{served}", highlight=False, markup=False)
    if overview.prefect:
        console.print(f"flows      shown at {overview.prefect}", highlight=False, markup=False)
    if prefect_login:
        line = f"login      {prefect_login} (for the login page of Prefect; keep it secret)"
        console.print(line, highlight=False, markup=False)
    console.print(
        f"titles     {overview.programmes:,} shown, {overview.playable:,} of them playable", highlight=False
    )
    for root in overview.roots:
        console.print(
            f"archive    {printable(root.path)}: {root.present:,} videos, {root.missing:,} missing, "
            f"{root.quarantined:,} quarantined; last scan {root.scanned_at:%Y-%m-%d %H:%M}"
            if root.scanned_at
            else f"archive    {printable(root.path)}: never scanned completely",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    waiting = ", ".join(f"{stage} {count:,}" for stage, count in overview.waiting.items() if count)
    console.print(f"waiting    {waiting or 'nothing'}", highlight=False)
    renditions = ", ".join(
        f"{counted(count, 'title')} {_RENDITIONS[kind]}"
        for kind, count in overview.renditions.items()
        if count
    )
    console.print(f"renditions {renditions or 'none missing'}", highlight=False, markup=False)
    _print_missing(overview.missing)
    _print_problems(
        "quarantined (repair or replace the file and ingest again, or confirm it: `wsoptv accept`):",
        [(join(row.root, row.path), row.message) for row in overview.quarantined],
    )
    _print_problems(
        "failed (`wsoptv retry` tries again):",
        [(join(row.root, row.path), f"{row.stage}: {row.error}") for row in overview.failures],
    )

    _print_problems(
        "damaged (restore the file; `wsoptv fixity` checks it again):",
        [(join(row.root, row.path), row.message) for row in overview.damaged],
    )
    _print_problems(
        "alerts:",
        [
            (f"{row.kind} {row.subject}, {row.raised_at:%Y-%m-%d %H:%M}", row.message)
            for row in overview.alerts
        ],
    )


_RENDITIONS = {
    "remux": "to remux (`wsoptv renditions`)",
    "transcode": "to transcode (`wsoptv renditions --transcode`; --dry-run estimates the hours)",
}


def _print_missing(missing: MissingFiles) -> None:
    """Print the latest missing files and folders, with a hint."""
    console = Console(soft_wrap=True)
    if not missing.files:
        return
    console.print(
        f"\nmissing: {counted(missing.files, 'file')} (restore them, or forget those deleted on purpose: "
        "`wsoptv forget PATH`):",
        highlight=False,
    )
    for line in missing.lines:
        since = f", since {line.since:%Y-%m-%d %H:%M}" if line.since else ""
        console.out(f"  {printable(line.text)}{since}", highlight=False)
    if sum(line.files for line in missing.lines) < missing.files:
        console.print("  … `wsoptv missing` lists all", highlight=False)


def _print_problems(heading: str, rows: Sequence[tuple[str, str]]) -> None:
    """Print each path unbroken on its own line, for copying, and the problem below it."""
    console = Console(soft_wrap=True)
    if rows:
        console.print(f"\n{heading}")
    for path, message in rows:
        console.out(f"  {printable(path)}\n      {printable(message)}", highlight=False)


def _users(overview: Overview) -> str:
    return ", ".join(f"{user.purpose} (pid {user.pid})" for user in overview.running) or "nothing"


def _length(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def _print(header: Sequence[str], rows: Iterable[Sequence[Any]], right: Sequence[int] = ()) -> None:
    table = Table(box=None, header_style="dim", pad_edge=False)
    for number, name in enumerate(header):
        table.add_column(name, justify="right" if number in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    Console().print(table)
