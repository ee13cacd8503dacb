"""Promotions and copies, for people."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console

from catalog_models.values import counted
from deployments.cli.output import printable
from flows.promotion.copies import Copies
from flows.promotion.promotion import Promoted, told
from tasks.promotion.policy import Decision


def print_promoted(promoted: Promoted) -> None:
    """Every decision and its reason."""
    console, plan = Console(soft_wrap=True), promoted.plan
    _print_decisions(console, "leaves", plan.leave)
    _print_decisions(console, "copied", plan.copy)
    _print_decisions(console, "kept out", plan.kept_out)
    for failure in promoted.failed:
        console.out(f"failed    {printable(failure)}", highlight=False)
    console.out(told(promoted), highlight=False)


def _print_decisions(console: Console, what: str, decisions: Iterable[Decision]) -> None:
    for one in decisions:
        console.out(
            f"{what:9} {printable(one.name)} ({one.size:,} bytes): {printable(one.why)}", highlight=False
        )


def print_copies(found: Copies) -> None:
    """The copies, the one that leaves next first."""
    console = Console(soft_wrap=True)
    for copy in found.copies:
        now = ", is played now" if copy.played else ""
        console.out(f"{printable(copy.title)} ({copy.size:,} bytes{now})", highlight=False)
        console.out(f"    {copy.why}", highlight=False)
        console.out(
            f"    {counted(copy.hits, 'hit')} kept {copy.bytes_sent:,} bytes off the archive; last used {copy.used_at:%Y-%m-%d %H:%M}",
            highlight=False,
        )
    of = "" if found.budget is None else f" of {found.budget:,}"
    console.out(f"{found.used:,}{of} bytes in {found.folder}", highlight=False)
