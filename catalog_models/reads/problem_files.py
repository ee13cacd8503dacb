"""Files with problems: missing, quarantined or failed. Counted by root, and listed with folders summed up."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from os.path import join

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from catalog_models.folders import PathLine, sum_up_folders
from catalog_models.scope import Scope, within, within_any
from catalog_models.tables import MediaFile, Root, StageFailure


class Problem(StrEnum):
    """A problem of a file, as a word for messages: `28 files are missing`."""

    MISSING = "missing"
    QUARANTINED = "quarantined"
    FAILED = "failed"


PRESENT = MediaFile.missing_since.is_(None)
MISSING = and_(MediaFile.missing_since.is_not(None), MediaFile.forgotten_at.is_(None))
"""Files that the last scan did not find, except forgotten ones."""

_CONDITIONS: dict[Problem, ColumnElement[bool]] = {
    Problem.MISSING: MISSING,
    Problem.QUARANTINED: and_(PRESENT, MediaFile.quarantined_at.is_not(None)),
    Problem.FAILED: and_(PRESENT, exists().where(StageFailure.media_file_id == MediaFile.id)),
}


BY_NAME = 20
"""Up to this number, problem files are listed by name, even if their folder has no others."""


@dataclass(frozen=True)
class ProblemLine:
    """A file, or a folder (its `path` ends in a slash) of whose `known` files `files` have a problem."""

    root: str
    path: str
    files: int
    known: int
    since: dt.datetime | None = None

    @property
    def location(self) -> str:
        """Return the whole path."""
        return join(self.root, "" if self.path == "./" else self.path)

    @property
    def text(self) -> str:
        """Return the line as text: `/nas/archive/2009/Show 11/ — 24 files`."""
        return PathLine(self.path, self.files, self.known).text(self.location)


def count_problem(session: Session, problem: Problem, scope: Scope | None = None) -> int:
    """Return how many files of the scope have a problem."""
    query = select(func.count()).select_from(MediaFile).where(within(scope), _CONDITIONS[problem])
    return session.scalar(query) or 0


def list_problem(
    session: Session, problem: Problem, scopes: Sequence[Scope | None] = ()
) -> list[ProblemLine]:
    """Return the files that have a problem, folders summed up, those with most files first.

    Up to 20 present files are listed by name. `scopes`: only files of these; none: of all roots.
    """
    query = (
        select(Root.path_text, MediaFile.path_text, MediaFile.missing_since)
        .join(Root, Root.id == MediaFile.root_id)
        .where(within_any(scopes), _CONDITIONS[problem])
    )
    affected: dict[str, dict[str, dt.datetime | None]] = defaultdict(dict)
    for root, path, since in session.execute(query):
        affected[root][path] = since
    if not affected:
        return []
    if problem is not Problem.MISSING and sum(map(len, affected.values())) <= BY_NAME:
        # Their problems have nothing to do with their folder: sum up folders only if there are many files.
        return [
            ProblemLine(root, path, 1, 1)
            for root, paths in sorted(affected.items())
            for path in sorted(paths)
        ]
    others = _others(session, problem, affected)
    found = [
        ProblemLine(root, line.path, line.files, line.known, _since(line, paths))
        for root, paths in affected.items()
        for line in sum_up_folders(paths, others[root])
    ]
    return sorted(found, key=lambda line: (-line.files, line.root, line.path))


def _since(line: PathLine, paths: dict[str, dt.datetime | None]) -> dt.datetime | None:
    if not line.is_folder:
        return paths[line.path]
    start = "" if line.path == "./" else line.path
    return max((since for path, since in paths.items() if since and path.startswith(start)), default=None)


def _others(session: Session, problem: Problem, roots: Iterable[str]) -> dict[str, dict[str, int]]:
    """Return how many files without the problem lie directly in each folder of these roots."""
    folder = func.regexp_replace(MediaFile.path_text, "/?[^/]*$", "")
    query = (
        select(Root.path_text, folder, func.count())
        .join(Root, Root.id == MediaFile.root_id)
        .where(Root.path_text.in_(list(roots)), PRESENT, ~_CONDITIONS[problem])
        .group_by(Root.path_text, folder)
    )
    others: dict[str, dict[str, int]] = defaultdict(dict)
    for root, name, count in session.execute(query):
        others[root][name] = count
    return others
