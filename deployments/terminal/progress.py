"""Progress on standard error: bars with rate and time left on a terminal, otherwise a line per stage."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as RichProgress
from rich.text import Text

from deployments.terminal.text import printable
from flows.job.context import NoProgress, Progress


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="dim")


class _Warnings(NoProgress):
    """Shows only warnings."""

    def warn(self, message: str) -> None:
        click.echo(f"wsoptv: {printable(message)}", err=True)


class _Lines(_Warnings):
    """Prints a line for each stage that has work."""

    def begin(self, stage: str, total: int | None, unit: str = "files") -> None:
        if total:
            click.echo(f"{stage}: {total:,} {unit.removesuffix('s') if total == 1 else unit}", err=True)


class _Bars(_Warnings):
    """Shows a bar for each stage that has work."""

    def __init__(self, bars: RichProgress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def begin(self, stage: str, total: int | None, unit: str = "files") -> None:
        if total == 0:
            return
        if stage in self._tasks:
            self._bars.reset(self._tasks[stage], total=total)
        else:
            label = stage if unit == "files" else f"{stage} ({unit})"
            self._tasks[stage] = self._bars.add_task(label, total=total)

    def advance(self, stage: str, done: int) -> None:
        if stage in self._tasks:
            self._bars.advance(self._tasks[stage], done)

    def warn(self, message: str) -> None:
        self._bars.console.print(f"wsoptv: {printable(message)}", markup=False, highlight=False)


@contextmanager
def shown_progress(quiet: bool) -> Iterator[Progress]:
    """Yield a progress that suits standard error, or one that shows only warnings if `quiet`."""
    if quiet:
        yield _Warnings()
    elif sys.stderr.isatty():
        columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), _Rate())
        with RichProgress(
            *columns, TimeElapsedColumn(), TimeRemainingColumn(), console=Console(stderr=True)
        ) as bars:
            yield _Bars(bars)
    else:
        yield _Lines()
