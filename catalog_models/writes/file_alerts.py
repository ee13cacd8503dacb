"""Writes alerts about missing, quarantined and failed files: one per root and kind while there are any."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from sqlalchemy.orm import Session

from catalog_models.folders import shorten_list
from catalog_models.reads.problem_files import Problem, ProblemLine, list_problem
from catalog_models.tables import Alert
from catalog_models.values import format_count
from catalog_models.writes import alerts

KINDS = tuple(f"{problem}_files" for problem in Problem)

# The most files and folders in a message.
_MOST = 5

_WHAT_TO_DO = {
    Problem.MISSING: "Restore them and ingest again, or forget those that were deleted on purpose: `wsoptv missing` "
    "lists them, `wsoptv forget` forgets them.",
    Problem.QUARANTINED: "`wsoptv status` says what is wrong. Repair or replace them, and the next ingest checks them "
    "again; `wsoptv accept` accepts one that was shortened on purpose.",
    Problem.FAILED: "`wsoptv status` says why. `wsoptv retry`, or the flow `retry-failures`, tries them again.",
}


def settle(session: Session) -> list[Alert]:
    """Raise, update and resolve the alerts about files. Return those that were raised or resolved."""
    changed: list[Alert] = []
    for problem in Problem:
        by_root: dict[str, list[ProblemLine]] = defaultdict(list)
        for line in list_problem(session, problem):
            by_root[line.root].append(line)
        wrong = {root: _message(problem, root, lines) for root, lines in by_root.items()}
        changed += alerts.settle(session, f"{problem}_files", wrong, dt.timedelta())
    return changed


def _message(problem: Problem, root: str, lines: list[ProblemLine]) -> str:
    files = sum(line.files for line in lines)
    named = "; ".join(shorten_list([line.text.removeprefix(f"{root}/") for line in lines], _MOST))
    return f"{problem}: {format_count(files, 'file')} below {root}: {named}. {_WHAT_TO_DO[problem]}"
