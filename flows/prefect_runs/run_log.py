"""The log of a run: one line per step, and a summary of the run that can be forwarded."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from prefect.logging import get_run_logger

from catalog_models.folders import shorten_list
from catalog_models.reads.problem_files import Problem, ProblemLine
from catalog_models.values import format_count
from flows.job.context import Progress
from flows.prefect_runs.progress import ObservedProgress
from orchestration.markdown import printable

_ENGINES = ("prefect.flow_runs", "prefect.task_runs")
# Lines of files and folders for each problem.
_MOST = 20


def leave_out_repetition() -> None:
    """Drop Prefect's redundant log records: each step logs its result, and the run its end.

    If a step fails with an expected error, the record of its end is kept, which has the message. The record
    before it, with an empty traceback, is left out.
    """
    for name in _ENGINES:
        logger = logging.getLogger(name)
        if _is_new not in logger.filters:
            logger.addFilter(_is_new)


def _is_new(record: logging.LogRecord) -> bool:
    if record.module not in {"flow_engine", "task_engine"}:
        return True
    said = str(record.msg)
    if record.levelno > logging.INFO:
        return not said.startswith("Task run failed with state: ")
    return not said.startswith("Finished in state ")


def log_stages(progress: Progress) -> None:
    """Log how much each stage of the run did: `stages: scan 1,058 files, metadata 30 files`."""
    if isinstance(progress, ObservedProgress) and (counts := progress.counts()):
        said = [f"{stage} {format_count(done, unit.removesuffix('s'))}" for stage, done, unit in counts]
        get_run_logger().info("stages: %s", ", ".join(said))


def log_problems(problems: Mapping[Problem, Sequence[ProblemLine]]) -> None:
    """Log the files with problems by name, folders summed up: at most 20 lines each."""
    for problem, lines in problems.items():
        for line in shorten_list([line.text for line in lines], _MOST):
            get_run_logger().warning("%s: %s", problem, printable(line))
