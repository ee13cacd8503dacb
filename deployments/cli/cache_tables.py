"""Text output of promotions and copies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console

from catalog_models.reads.copies import CopyLine
from catalog_models.values import format_bytes, format_count, format_duration
from deployments.terminal.text import printable
from flows.promotion.summary import Promoted
from tasks.promotion.policy import Decision


@dataclass(frozen=True)
class CopiesOnSSD:
    """All copies, the next to be evicted first, the bytes that they use, and their budget.

    `budget` is None if the folder cannot be read.
    """

    folder: str
    used: int
    budget: int | None
    copies: Sequence[CopyLine]


def print_promoted(promoted: Promoted) -> None:
    """Print the copies that were made or would be made, and the reasons."""
    console, plan = Console(soft_wrap=True), promoted.plan
    _print_decisions(
        console, "to evict" if promoted.dry else "evicted", plan.evict if promoted.dry else promoted.evicted
    )
    if promoted.dry:
        _print_decisions(console, "to copy", plan.copy)
    for copy in promoted.copies:
        line = f"copied    {printable(copy.name)} ({format_bytes(copy.size)} in {format_duration(copy.seconds)}): {printable(copy.why)}"
        console.out(line, highlight=False)
    _print_decisions(console, "waits", promoted.waits)
    _print_decisions(console, "kept out", plan.kept_out)
    for failure in promoted.failed:
        console.out(f"failed    {printable(failure)}", highlight=False)
    for reason in promoted.down:
        console.out(f"down      {printable(reason)}", highlight=False)
    console.out(promoted.summary, highlight=False)


def _print_decisions(console: Console, what: str, decisions: Iterable[Decision]) -> None:
    for one in decisions:
        console.out(
            f"{what:9} {printable(one.name)} ({one.size:,} bytes): {printable(one.why)}", highlight=False
        )


def print_copies(found: CopiesOnSSD) -> None:
    """Print the copies, the next to be evicted first."""
    console = Console(soft_wrap=True)
    for copy in found.copies:
        now = ", playing now" if copy.played else ""
        console.out(f"{printable(copy.title)} ({copy.size:,} bytes{now})", highlight=False)
        console.out(f"    {copy.why}", highlight=False)
        console.out(
            f"    {format_count(copy.hits, 'hit')} sent {copy.bytes_sent:,} bytes instead of the archive; last used {copy.used_at:%Y-%m-%d %H:%M}",
            highlight=False,
        )
    of = "" if found.budget is None else f" of {found.budget:,}"
    console.out(f"{found.used:,}{of} bytes in {found.folder}", highlight=False)
