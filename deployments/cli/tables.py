"""Text output of ingests, lists and accounts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from catalog_models.reads.overview import Listing
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
