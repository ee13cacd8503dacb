"""Text output of title changes and of the review list."""

from __future__ import annotations

from os.path import join

from rich.console import Console

from catalog_models.reads.review_lists import Page, UncertainTitle
from deployments.terminal.text import printable
from flows.ingest.player_names import Proposals
from flows.ingest.titles import TitleDiff


def print_diff(diff: TitleDiff) -> None:
    """Print the number of changes, and samples, the worst first."""
    console = Console(soft_wrap=True)
    done = "changed" if diff.applied else "would change"
    console.print(
        f"{diff.changed:,} of {diff.files:,} files {done}: {diff.retitled:,} with another name, "
        f"{diff.regrouped:,} with another title",
        highlight=False,
    )
    for row in diff.samples:
        console.out(f"  {printable(row.path)}", highlight=False)
        if row.before != row.after:
            console.out(f"    - {printable(row.before)}\n    + {printable(row.after)}", highlight=False)
        console.out(f"      {', '.join(row.fields)}", highlight=False)
    if diff.changed > len(diff.samples):
        console.print(f"  … and {diff.changed - len(diff.samples):,} more", highlight=False)
    if diff.changed and not diff.applied:
        console.print("apply the changes: `wsoptv titles --diff --apply`", highlight=False)


def print_review(review: Page[UncertainTitle]) -> None:
    """Print each title with its path, its id and its rule."""
    console = Console(soft_wrap=True)
    for row in review.items:
        path = join(row.root or "", row.path or "")
        console.out(f"{printable(row.title)}\n    {printable(path)}", highlight=False)
        console.out(f"    {row.id}  {row.rule}, confidence {row.confidence:g}", highlight=False)
    last = review.offset + len(review.items)
    if last < review.total:
        console.print(f"{last} of {review.total}; --limit and --offset show others", highlight=False)
    elif not review.total:
        Console(stderr=True).print("no title needs a review")


def print_proposals(found: Proposals) -> None:
    """Print each proposed name with the number of its files, and the path of one."""
    console = Console(soft_wrap=True)
    for row in found.items:
        console.out(f"{row.files:6,}  {printable(row.name)}\n        {printable(row.path)}", highlight=False)
    if found.items:
        console.print("confirm a player: `wsoptv titles --learn --confirm NAME`", highlight=False)
    else:
        Console(stderr=True).print("no name needs a confirmation")
