"""Writes `stage_failures`, the dead letters."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog_models.scope import Scope, within
from catalog_models.tables import MediaFile, StageFailure
from catalog_models.values import Stage

# The most characters of an error that are kept: its end has the cause.
_TAIL = 2_000


def record(session: Session, stage: Stage, errors: Mapping[uuid.UUID, str]) -> None:
    """Record that a stage gave up on these files, and count one more try if it had before."""
    rows = [
        {"media_file_id": key, "stage": stage, "tries": 1, "error": error.replace("\0", "")[-_TAIL:]}
        for key, error in errors.items()
    ]
    if not rows:
        return
    statement = insert(StageFailure)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["media_file_id", "stage"],
            set_={
                "tries": StageFailure.tries + 1,
                "error": statement.excluded.error,
                "last_failed_at": func.now(),
            },
        ),
        rows,
    )


def forget(session: Session, scope: Scope | None) -> int:
    """Delete the dead letters of a scope, so that the stages try again. Return their number."""
    return _delete(session, StageFailure.media_file_id.in_(select(MediaFile.id).where(within(scope))))


def forget_files(session: Session, file_ids: Collection[uuid.UUID]) -> int:
    """Delete the dead letters of files whose content has changed. Return their number."""
    return _delete(session, StageFailure.media_file_id.in_(file_ids)) if file_ids else 0


def retry(session: Session, failure_ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Delete these dead letters, so that the next ingest tries again. Return the files of existing ones."""
    letters = (
        delete(StageFailure).where(StageFailure.id.in_(failure_ids)).returning(StageFailure.media_file_id)
    )
    return list(session.scalars(letters, execution_options={"synchronize_session": False}))


def _delete(session: Session, condition: ColumnElement[bool]) -> int:
    statement = delete(StageFailure).where(condition).returning(StageFailure.id)
    return len(session.execute(statement, execution_options={"synchronize_session": False}).all())
