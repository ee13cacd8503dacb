"""The flow `reindex-search`: compare the searched text with the titles, and rebuild the search index."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prefect import State, flow

from catalog_models.values import format_count
from flows.job.executor import Executor, Later, in_flight
from flows.prefect_runs.ending import Ending
from flows.prefect_runs.run import run_in_prefect, threads
from flows.search.descriptions import AllTitles, WordsForgotten, describe_titles, forget_words
from flows.search.index import IndexCompared, compare_index, send_changes
from flows.search.rebuild import IndexFilled, fill_index, make_index, swap_index

if TYPE_CHECKING:
    from tasks.search.index import Drift


@dataclass(frozen=True)
class Reindexed:
    """The result of a rebuild.

    `configured`: whether there is a Meilisearch. Its new index has `titles`, and `drift` is how it differs
    from the tables now. In PostgreSQL's search, `corrected` titles had a wrong text, `added` words were
    added and `words` unused ones removed.
    """

    configured: bool
    titles: int
    drift: Drift | None
    words: int
    seconds: float
    corrected: int = 0
    added: int = 0


def reindex(steps: Executor) -> Reindexed:
    """Correct the text that PostgreSQL searches; with a Meilisearch, fill a new index and swap it in."""
    began = time.monotonic()
    described = steps.submit(describe_titles, AllTitles())
    forgotten = steps.submit(forget_words, described)
    titles, drift = 0, None
    if steps.context.settings.meilisearch_url is not None:
        compared, titles = rebuild_index(steps, forgotten)
        drift = compared.result().drift
    corrected, added, words = (
        described.result().corrected,
        described.result().added,
        forgotten.result().words,
    )
    seconds = round(time.monotonic() - began, 3)
    return Reindexed(drift is not None, titles, drift, words, seconds, corrected, added)


def rebuild_index(steps: Executor, forgotten: Later[WordsForgotten]) -> tuple[Later[IndexCompared], int]:
    """Fill a new index, a range of titles at a time, and swap it in.

    Return its comparison and its number of titles.
    """
    made = steps.submit(make_index, forgotten)
    filled = list(in_flight(steps.submit(fill_index, titles, made) for titles in made.result().ranges))
    pushed = {key: version for part in filled for key, version in part.result().pushed.items()}
    swapped = steps.submit(swap_index, IndexFilled(pushed=pushed), *filled)
    updated = steps.submit(send_changes, swapped)
    return steps.submit(compare_index, updated), swapped.result().titles


@flow(name="reindex-search", flow_run_name="rebuild the search index", task_runner=threads())
def reindex_search() -> State[Reindexed]:
    """Correct the text that PostgreSQL searches, and rebuild the index of Meilisearch.

    Words that no title has any more are removed from the vocabulary for typing errors. With a
    Meilisearch, fill a new index with all titles, swap it in, and compare it with the tables. Searches work
    meanwhile.
    """
    return run_in_prefect(reindex, _ending, reads=False)


def _ending(made: Reindexed) -> Ending:
    words = f"{format_count(made.words, 'unused word')} removed"
    if made.corrected or made.added:
        words = f"{format_count(made.corrected, 'title')} corrected, {format_count(made.added, 'word')} added, {words}"
    if made.drift is None:
        name = "Drift corrected" if made.corrected or made.added else "Nothing to build"
        return Ending(name, f"PostgreSQL searches: {words}")
    found = made.drift
    says = f"{found.missing:,} missing, {found.surplus:,} surplus, {found.stale:,} outdated in the index"
    return Ending.of(
        "Completed",
        f"{format_count(made.titles, 'title')}, {words}; {says}",
        {"titles differ": found.missing + found.surplus + found.stale},
    )
