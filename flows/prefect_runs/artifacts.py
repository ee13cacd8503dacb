"""The Prefect artifacts of runs: tables, reports and pictures."""

from __future__ import annotations

import base64
import os
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.settings import get_current_settings

from catalog_models.reads.problem_files import ProblemLine
from catalog_models.reads.review_lists import DeadLetter
from catalog_models.values import format_count
from flows.ingest.summary import Summary
from flows.ingest.titles import TitleDiff
from flows.job.result_table import COLUMNS, Row
from flows.prefect_runs.best_effort import best_effort
from orchestration.markdown import Markdown, cell, escaped, table
from tasks.quality import Judgement, report

# Characters. A table artifact has more room than a table on a page.
_LONGEST_CELL = 1_000
# Rows of a table of results.
_ROWS = 500
# Lines of missing files and folders.
_LINES = 200

_MEANINGS = {
    "seen": "files below the root, of this run",
    "ignored": "not videos, links, or excluded",
    "new": "never seen before",
    "changed": "with other content than before",
    "moved": "known content under another path, with its history",
    "unchanged": "unchanged; not opened",
    "pending": "still being written; the next run takes them",
    "missing": "known, but not in the archive now",
    "quarantined": "bad, and not shown",
    "failed": "a stage gave up on them",
    "programmes": "titles that the whole catalogue shows",
    "unreadable": "folders that could not be listed",
    "seconds": "of this run",
    "waiting": "left for the next run because their root went down",
    "down": "which root went down, and why",
    "unindexed": "why the search server's index was not updated",
}
_DETAILS = {
    "missing": "the artifact `missing` lists them",
    "quarantined": "`wsoptv status` says why",
    "failed": "the artifact `failures` says why",
}
_STATES = ("seen", "missing", "quarantined", "failed", "programmes")
"""Counts of the current state, which can be compared with those of the run before."""
_EXCEPTIONS = ("unreadable", "waiting", "down", "unindexed")
"""Rows that are shown only if they are not empty."""


@best_effort
def show_summary(
    summary: Summary, previous: Sequence[Mapping[str, Any]], titles: Sequence[str], new: int
) -> None:
    """Show the counts of an ingest, their change since the `previous` run of each root, and new `titles`."""
    compares = bool(previous) and all(previous)
    counts = {name: value for name, value in asdict(summary).items() if value or name not in _EXCEPTIONS}
    rows: list[tuple[object, ...]] = [
        (
            name,
            _number(value),
            *((_change(value, _before(name, previous)) if name in _STATES else "",) if compares else ()),
            _meaning(name, value),
        )
        for name, value in counts.items()
    ]
    columns = ("what", "count", *(("since the last run",) if compares else ()), "meaning")
    shown = table(columns, rows, numbers=("count", "since the last run"))
    _show_page("ingest-summary", Markdown(f"{shown}\n\n{_new_titles(titles, new)}"), summary.counts)


def _meaning(name: str, value: object) -> Markdown:
    detail = _DETAILS.get(name) if value else None
    return Markdown("; ".join(filter(None, (_MEANINGS[name], detail))))


def _number(value: object) -> object:
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else value


def _before(name: str, previous: Sequence[Mapping[str, Any]]) -> int:
    known = [int(one.get(name) or 0) for one in previous]
    # Each run counts the titles of the whole catalogue.
    return max(known) if name == "programmes" else sum(known)


def _change(value: int, before: int) -> str:
    return f"{value - before:+,}" if value != before else "="


def _new_titles(titles: Sequence[str], new: int) -> str:
    if not new:
        return "No title is new."
    more = [f"- … and {new - len(titles):,} more"] if new > len(titles) else []
    return "\n".join(
        [f"## {format_count(new, 'new title')}", "", *(f"- {escaped(title)}" for title in titles), *more]
    )


@best_effort
def show_missing(lines: Sequence[ProblemLine]) -> None:
    """Show the missing files, summed up by folder."""
    if not lines:
        return
    rows = [
        (
            f"{line.files:,}",
            f"{line.known:,}",
            line.location,
            f"{line.since:%Y-%m-%d %H:%M}" if line.since else "",
        )
        for line in lines[:_LINES]
    ]
    shown = table(("missing", "of", "folder or file", "since (UTC)"), rows, numbers=("missing", "of"))
    more = (
        f"… and {len(lines) - _LINES:,} more lines: `wsoptv missing` lists all.\n\n"
        if len(lines) > _LINES
        else ""
    )
    what_to_do = (
        "Restored files are shown again by the next ingest, with their history. Forget files that were "
        "deleted on purpose: `wsoptv forget PATH`, or `POST /api/admin/missing/forget`."
    )
    files = sum(line.files for line in lines)
    page = Markdown(f"{shown}\n\n{more}{what_to_do}")
    _show_page("missing", page, f"{format_count(files, 'file')} known, but not in the archive now")


@best_effort
def show_quality(judgements: Sequence[Judgement]) -> None:
    """Show the findings of the quality gate in this run."""
    if judgements:
        _show_page(
            "quality-report",
            report(judgements),
            format_count(len({key for one in judgements for key in one.files}), "file")
            + " judged by the quality gate",
        )


@best_effort
def show_failures(failures: Sequence[DeadLetter], count: int, where: Mapping[uuid.UUID, uuid.UUID]) -> None:
    """Show some of `count` dead letters with their errors.

    `where`: the task runs whose logs have them, by file.
    """
    if not failures:
        return
    rows: list[tuple[object, ...]] = []
    for failure in failures:
        run = where.get(failure.file_id)
        link = Markdown(f"[task run]({_ui()}/runs/task-run/{run})") if run else "of an earlier run"
        path = os.path.join(failure.root, failure.path)
        rows.append((failure.stage, failure.error, path, failure.tries, link))
    shown = table(("stage", "error", "file", "tries", "log"), rows, numbers=("tries",))
    more = (
        f"… and {count - len(rows):,} more: `wsoptv status` lists the latest.\n\n"
        if count > len(rows)
        else ""
    )
    page = Markdown(f"{shown}\n\n{more}The flow `retry-failures` (or `wsoptv retry`) tries them again.")
    _show_page("failures", page, f"{format_count(count, 'failure')}: a stage gave up on these files")


@best_effort
def show_posters(posters: Sequence[tuple[Path, str]], count: int) -> None:
    """Show a contact sheet of posters, files and titles, evenly sampled from `count` new ones."""
    # Imported here because a run with nothing new shows no pictures, and loads no libraries for them.
    from tasks.thumbnails.contact_sheet import contact_sheet

    data, shown = base64.b64encode(contact_sheet(posters)).decode(), len(posters)
    picture = Markdown(f"![{shown} new posters](data:image/jpeg;base64,{data})")
    sampled = ", evenly sampled" if count > shown else ""
    _show_page("new-posters", picture, f"{shown} of the {count:,} posters that this run made{sampled}")


@best_effort
def show_diff(diff: TitleDiff) -> None:
    """Show which titles the current rules read differently, the most important first."""
    rows: list[dict[str, Any]] = [
        {
            "before": row.before,
            "now": row.after,
            "fields": ", ".join(row.fields),
            "other title": "yes" if row.regrouped else "",
            "sure": row.confidence,
            "file": row.path,
        }
        for row in diff.samples
    ]
    says = "stored" if diff.applied else "nothing was changed; run it again with `apply`"
    what = Markdown(
        f"{diff.changed:,} of {diff.files:,} files read differently, {diff.retitled:,} with another title ({says})"
    )
    _show_table("title-diff", rows or [{"file": "none"}], what)


@best_effort
def show_fixity(wrong: Sequence[str], says: str) -> None:
    """Show the files that are damaged or cannot be read."""
    shown = [{"file": line} for line in wrong] or [{"file": "none of the files read has changed"}]
    _show_table("fixity", shown, says)


@best_effort
def show_results(key: str, rows: Sequence[Row], description: str) -> None:
    """Show the result of each title. A page wraps long reasons, which a table artifact cuts off."""
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
