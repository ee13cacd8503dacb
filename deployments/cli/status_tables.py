"""Text output of the status."""

from __future__ import annotations

from collections.abc import Sequence
from os.path import join

from rich.console import Console

from catalog_models.reads.overview import MissingFiles, Overview
from catalog_models.values import format_count
from deployments.terminal.text import printable


def print_overview(overview: Overview, prefect_login: str | None = None) -> None:
    """Print the overview, and the string for Prefect's login page if it is given."""
    _print_servers(overview, prefect_login)
    _print_catalogue(overview)
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


def _print_servers(overview: Overview, prefect_login: str | None) -> None:
    console = Console(soft_wrap=True)
    console.print(f"home       {printable(overview.home)}", highlight=False, markup=False)
    served = f"; served at {overview.address}" if overview.address else ""
    console.print(f"running    {_users(overview)}{served}", highlight=False, markup=False)
    if overview.web:
        console.print(f"web app    {overview.web}", highlight=False, markup=False)
    if overview.prefect:
        console.print(f"flows      shown at {overview.prefect}", highlight=False, markup=False)
    if prefect_login:
        line = f"login      {prefect_login} (for the login page of Prefect; keep it secret)"
        console.print(line, highlight=False, markup=False)


def _print_catalogue(overview: Overview) -> None:
    console = Console(soft_wrap=True)
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
    if overview.registrations:
        people = format_count(overview.registrations, "person", "people")
        console.print(
            f"accounts   {people} waiting for approval (`wsoptv user approve EMAIL`)", highlight=False
        )
    renditions = ", ".join(
        f"{format_count(count, 'title')} {_RENDITIONS[kind]}"
        for kind, count in overview.renditions.items()
        if count
    )
    console.print(f"renditions {renditions or 'none missing'}", highlight=False, markup=False)


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
        f"\nmissing: {format_count(missing.files, 'file')} (restore them, or forget those deleted on purpose: "
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
