"""The flow `export-catalogue`."""

from __future__ import annotations

import datetime as dt

from prefect import State, flow

from flows.prefect_runs.bench import batch_runner
from flows.prefect_runs.context import at_work
from flows.prefect_runs.states import done, ended
from flows.upkeep.export import Exported, export_into


@flow(name="export-catalogue", flow_run_name="export the catalogue", task_runner=batch_runner())
def export_catalogue() -> State[Exported]:
    """Write down what no ingest could make again (people, titles, edits, hands, progress, views), as JSON Lines and WebVTT that
    name files by their fingerprints, to `exports` in the worker's home; the last seven are kept.
    """
    with at_work(reads=False) as place:

        def job() -> Exported:
            folder = place.settings.home / "exports"
            now = dt.datetime.now(dt.UTC)
            return place.bench.do(
                "export",
                "write the export",
                lambda: export_into(place.transactions, folder, now, place.settings.home),
            )

        return ended(job, _told)


def _told(exported: Exported) -> State[Exported]:
    counts = ", ".join(f"{count:,} {name}" for name, count in exported.rows.items() if count)
    return done(exported, f"{exported.folder}: {counts or 'nothing'}")
