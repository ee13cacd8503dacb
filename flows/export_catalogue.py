"""The flow `export-catalogue`: write everything that no ingest could restore."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from prefect import State, flow

from catalog_models.errors import RefusedError
from flows.job.executor import Executor
from flows.prefect_runs.ending import Ending
from flows.prefect_runs.parameters import Folder
from flows.prefect_runs.run import is_of_command, run_in_prefect, threads
from flows.upkeep.export import Destination, Exported, choose_folder, remove_old_exports, write_catalogue


def export(steps: Executor, folder: Path | None = None) -> Exported:
    """Write an export to a folder, which must be new or empty.

    None: a new folder in `exports` of the home.
    """
    chosen = steps.submit(choose_folder, Destination(folder, dt.datetime.now(dt.UTC)))
    written = steps.submit(write_catalogue, chosen)
    steps.submit(remove_old_exports, written).result()
    return written.result().exported


class FolderNotAllowedError(RefusedError):
    """A run in a worker may not choose where it writes on the worker's host."""

    code = "folder_not_allowed"


@flow(name="export-catalogue", flow_run_name="export the catalogue", task_runner=threads())
def export_catalogue(folder: Folder | None = None) -> State[Exported]:
    """Write everything that no ingest could restore: users, titles, edits, hands, watch positions, views.

    The files are JSON Lines and WebVTT, which name videos by their fingerprints. The last seven exports are
    kept.

    Args:
        folder: Only for `wsoptv export FOLDER`. Empty: a new folder in `exports` of the worker's home.
    """

    def body(steps: Executor) -> Exported:
        if folder is not None and not is_of_command():
            raise FolderNotAllowedError(
                "a run in a worker writes to `exports` in its home: leave `folder` empty, or run "
                "`wsoptv export FOLDER` on that host"
            )
        return export(steps, None if folder is None else Path(folder))

    return run_in_prefect(body, _ending, reads=False)


def _ending(exported: Exported) -> Ending:
    counts = ", ".join(f"{count:,} {name}" for name, count in exported.rows.items() if count)
    return Ending("Completed", f"{exported.folder}: {counts or 'nothing'}")
