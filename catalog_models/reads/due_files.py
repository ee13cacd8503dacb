"""Files that lack the output of a stage."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session

from catalog_models.scope import Scope, within
from catalog_models.tables import Content, MediaFile, Root, StageFailure
from catalog_models.values import Stage


@dataclass(frozen=True)
class ClaimOptions:
    """Options of a claim: its owner, its duration, and the files.

    `without` and `without_roots` exclude files and roots. `among`: only these files; None: all.
    """

    owner: str
    lease: timedelta
    without: Collection[uuid.UUID] = ()
    without_roots: Collection[bytes] = ()
    among: Collection[uuid.UUID] | None = None


def due(stage: Stage, scope: Scope | None) -> ColumnElement[bool]:
    """Return the condition that a file of the scope lacks the output of a stage and has its inputs.

    Files with a dead letter of the stage are left out.
    """
    done = getattr(MediaFile, f"{stage}_at")
    failed = exists().where(StageFailure.media_file_id == MediaFile.id, StageFailure.stage == stage)
    conditions = [within(scope), done.is_(None), ~failed]
    if stage is Stage.CATALOGUE:
        judged = or_(MediaFile.quality_at.is_not(None), MediaFile.missing_since.is_not(None))
        return and_(*conditions, judged, MediaFile.title_at.is_not(None))
    conditions.append(MediaFile.missing_since.is_(None))
    if stage is Stage.QUALITY:
        conditions.append(MediaFile.metadata_at.is_not(None))
    if stage is Stage.THUMBNAILS:
        shown = exists().where(Content.best_file_id == MediaFile.id)
        conditions += [MediaFile.quarantined_at.is_(None), shown]
    return and_(*conditions)


def claimable(stage: Stage, scope: Scope | None, options: ClaimOptions) -> ColumnElement[bool]:
    """Return the condition that a file is due, not claimed, and not excluded by the options."""
    unclaimed = or_(MediaFile.claimed_until.is_(None), MediaFile.claimed_until < func.now())
    others = _none_of(options.without, options.without_roots)
    return and_(due(stage, scope), unclaimed, others, one_of(options.among))


def count_due(session: Session, stage: Stage, scope: Scope | None) -> int:
    """Return how many files of the scope lack the output of this stage."""
    return session.scalar(select(func.count()).select_from(MediaFile).where(due(stage, scope))) or 0


def count_claimable(session: Session, stage: Stage, scope: Scope | None, options: ClaimOptions) -> int:
    """Return how many files the stage could claim."""
    query = select(func.count()).select_from(MediaFile).where(claimable(stage, scope, options))
    return session.scalar(query) or 0


def any_due(
    session: Session,
    stage: Stage,
    scope: Scope | None,
    without: Collection[uuid.UUID],
    without_roots: Collection[bytes] = (),
) -> bool:
    """Return whether a file other than these lacks the stage's output, even if it is claimed or locked."""
    return bool(session.scalar(select(exists().where(due(stage, scope), _none_of(without, without_roots)))))


def one_of(files: Collection[uuid.UUID] | None) -> ColumnElement[bool]:
    """Return the condition that a file is one of these; None: any file."""
    return true() if files is None else MediaFile.id.in_(files)


def _none_of(files: Collection[uuid.UUID], roots: Collection[bytes]) -> ColumnElement[bool]:
    """Return the condition that a file is none of these and lies in none of these roots."""
    conditions: list[ColumnElement[bool]] = [true()]
    if files:
        conditions.append(MediaFile.id.not_in(files))
    if roots:
        conditions.append(MediaFile.root_id.not_in(select(Root.id).where(Root.path.in_(roots))))
    return and_(*conditions)
