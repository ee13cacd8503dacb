"""What data ops see of a run beside its states: tables, reports and pictures, as Prefect artifacts."""

from __future__ import annotations

import base64
import os
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.settings import get_current_settings

from catalog_models.attention import Failure
from flows.ingest.summary import Summary
from flows.ingest.titles import TitleDiff
from flows.job.result_table import COLUMNS, Row
from flows.prefect_runs.best_effort import best_effort
from flows.promotion.report import copies_table
from flows.promotion.summary import Promoted
from flows.renditions.report import renditions_table
from flows.renditions.summary import Rendered
from orchestration.markdown import Markdown, cell, table
from tasks.quality import Judgement, report

# Characters; a table artifact has room for more than a table on a page.
_LONGEST_CELL = 1_000

_ROWS = 500

_MEANINGS = {
    "seen": "files below the root, of this run",
    "ignored": "no videos",
    "new": "never seen before",
    "changed": "another content than before",
    "moved": "known content under another path",
    "unchanged": "as they were; not opened",
    "pending": "still being written; the next run takes them",
    "missing": "known, and gone now",
    "quarantined": "bad, and kept out; see the quality report",
    "failed": "a stage gave up; see the failures",
    "programmes": "titles that the whole catalogue shows",
    "unreadable": "folders that could not be listed",
    "seconds": "of this run",
    "waiting": "left for the next run, because their root went down",
    "down": "which root went down, and why",
    "unindexed": "why the search server's index was left to the next run",
}


@best_effort
def show_summary(summary: Summary) -> None:
    """The counts of an ingest, a row each."""
    rows = [
        {"what": name, "count": value, "meaning": _MEANINGS[name]} for name, value in asdict(summary).items()
    ]
    _show_table("ingest-summary", rows, "What the ingest came to")


@best_effort
def show_quality(judgements: Sequence[Judgement]) -> None:
    """Show what the quality gate found in this run."""
    if judgements:
        _show_page("quality-report", report(judgements), "What the quality gate found")


@best_effort
def show_failures(failures: Sequence[Failure], where: Mapping[uuid.UUID, uuid.UUID]) -> None:
    """Show the dead letters, each with its error. `where`: the task runs whose logs have the errors, by file."""
    if not failures:
        return
    rows: list[tuple[object, ...]] = []
    for failure in failures:
        run = where.get(failure.file_id)
        link = Markdown(f"[task run]({_ui()}/runs/task-run/{run})") if run else "of an earlier run"
        path = os.path.join(failure.root, failure.path)
        rows.append((link, path, failure.stage, failure.tries, failure.error))
    shown = table(("log", "file", "stage", "tries", "error"), rows, numbers=("tries",))
    page = Markdown(f"{shown}\n\n`retry-failures` (or `wsoptv retry`) tries them again.")
    _show_page("failures", page, "Files that a stage gave up on")


@best_effort
def show_posters(sheet: bytes, shown: int, count: int) -> None:
    """A contact sheet (JPEG) of new posters."""
    data = base64.b64encode(sheet).decode()
    picture = Markdown(f"![{shown} new posters](data:image/jpeg;base64,{data})")
    _show_page("new-posters", picture, f"{shown} of the {count:,} posters that this run made")


@best_effort
def show_diff(diff: TitleDiff) -> None:
    """What new rules read otherwise, the weightiest first."""
    rows: list[dict[str, Any]] = [
        {
            "before": row.before,
            "now": row.after,
            "fields": ", ".join(row.fields),
            "grouped anew": "yes" if row.regrouped else "",
            "sure": row.confidence,
            "file": row.path,
        }
        for row in diff.samples
    ]
    says = "stored" if diff.applied else "nothing was changed; run it again with `apply`"
    what = Markdown(
        f"{diff.changed:,} of {diff.files:,} files read otherwise, {diff.retitled:,} by another name ({says})"
    )
    _show_table("title-diff", rows or [{"file": "none"}], what)


@best_effort
def show_promotion(promoted: Promoted) -> None:
    """Show what a promotion did, problems first; of a dry run, what it would do."""
    _show_results("promotion", copies_table(promoted), promoted.summary)


@best_effort
def show_renditions(rendered: Rendered) -> None:
    """Show what was made, problems first; of a dry run, what would be made, by estimate."""
    _show_results("renditions", renditions_table(rendered), rendered.summary)


@best_effort
def show_fixity(wrong: Sequence[str], says: str) -> None:
    """Files that are damaged or cannot be read."""
    shown = [{"file": line} for line in wrong] or [{"file": "all that were read are what they were"}]
    _show_table("fixity", shown, says)


def _show_results(key: str, rows: Sequence[Row], description: str) -> None:
    """Show what became of each title. A page wraps long reasons, which a table artifact cuts off."""
    shown = table(COLUMNS, [[*row.values()] for row in rows[:_ROWS]], numbers=("size", "time", "speed"))
    more = f"\n\n… and {len(rows) - _ROWS:,} more" if len(rows) > _ROWS else ""
    _show_page(key, Markdown(f"{shown}{more}" if rows else "There was nothing to do."), description)


def _show_table(key: str, rows: Sequence[Mapping[str, object]], description: str) -> None:
    """Create a table artifact. Prefect's UI reads each cell, and the description, as Markdown."""
    shown = [{name: _table_cell(value) for name, value in row.items()} for row in rows]
    create_table_artifact(key=key, table=shown, description=cell(description))


def _show_page(key: str, page: Markdown, description: str) -> None:
    create_markdown_artifact(key=key, markdown=page, description=cell(description))


def _table_cell(value: object) -> object:
    return value if value is None or isinstance(value, (int, float)) else cell(value, _LONGEST_CELL)


def _ui() -> str:
    return str(get_current_settings().ui_url or "").rstrip("/")
