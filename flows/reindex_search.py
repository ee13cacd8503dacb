"""The flow `reindex-search`."""

from __future__ import annotations

from prefect import State, flow

from catalog_models.values import counted
from flows.prefect_runs.bench import batch_runner
from flows.prefect_runs.context import at_work
from flows.prefect_runs.states import done, ended
from flows.search.index import Reindexed, reindex


@flow(name="reindex-search", flow_run_name="build the search index anew", task_runner=batch_runner())
def reindex_search() -> State[Reindexed]:
    """Fill a fresh search index with all titles, swap it in, and look how well it fits; searches go on all the time.

    Without a Meilisearch there is no index to build: PostgreSQL's own search is fed together with the titles. What it holds
    is compared with what the titles say now, and mended, and the vocabulary that typing errors are corrected by loses the
    words that no title has any more.
    """
    with at_work(reads=False) as place:

        def job() -> Reindexed:
            return place.bench.do(
                "index",
                "index: all titles",
                lambda: reindex(place.settings, place.transactions, place.progress),
            )

        return ended(job, _told)


def _told(made: Reindexed) -> State[Reindexed]:
    words = f"{counted(made.words, 'unused word')} forgotten"
    if made.mended or made.learned:
        words = f"{counted(made.mended, 'title')} described anew, {counted(made.learned, 'word')} learned, {words}"
    if not made.configured:
        name = "Drift mended" if made.mended or made.learned else "Nothing to build"
        return done(made, f"PostgreSQL searches: {words}", name=name)
    if made.drift is not None and not made.drift.none:
        says = f"{made.drift.missing} missing, {made.drift.surplus} too many, {made.drift.stale} old"
        return done(made, f"{counted(made.titles, 'title')}, {words}; {says}", name="Completed with drift")
    return done(made, f"{counted(made.titles, 'title')}, {words}")
