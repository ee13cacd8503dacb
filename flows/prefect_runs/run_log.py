"""The log of a run: one line a step, and of the run itself a summary that can be forwarded."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from prefect.logging import get_run_logger

from catalog_models.folders import listed
from catalog_models.reads.problem_files import Problem, ProblemLine
from catalog_models.values import counted
from flows.job.context import Progress
from flows.prefect_runs.progress import ObservedProgress
from orchestration.markdown import printable

_ENGINES = ("prefect.flow_runs", "prefect.task_runs")
_MOST = 20  # lines of files and folders for each problem


def leave_out_repetition() -> None:
    """Leave Prefect's "Finished in state Completed()" out of the logs of runs: each step says what it did.

    The end of a step that failed is kept, which Prefect logs as an error.
    """
    for name in _ENGINES:
        logger = logging.getLogger(name)
        if _says_something not in logger.filters:
            logger.addFilter(_says_something)


def _says_something(record: logging.LogRecord) -> bool:
    is_end = record.module in {"flow_engine", "task_engine"} and str(record.msg).startswith(
        "Finished in state "
    )
    return not is_end or record.levelno > logging.INFO


def log_stages(progress: Progress) -> None:
    """Log how much each stage of the run did: `1,058 files scanned` and so on, in one line."""
    if isinstance(progress, ObservedProgress) and (counts := progress.counts()):
        said = [f"{stage} {counted(done, unit.removesuffix('s'))}" for stage, done, unit in counts]
        get_run_logger().info("stages: %s", ", ".join(said))


def log_problems(problems: Mapping[Problem, Sequence[ProblemLine]]) -> None:
    """Log the files with problems by name, folders summed up: at most 20 lines each."""
    for problem, lines in problems.items():
        for line in listed([line.text for line in lines], _MOST):
            get_run_logger().warning("%s: %s", problem, printable(line))
