"""Writes `hands`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import column, delete, exists, func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB, Insert, insert
from sqlalchemy.orm import Session

from catalog_models.tables import Hand

# The most rows of one statement. Between two statements the event loop can serve other requests.
_PART = 1_000
_COLUMNS = ("start_seconds", "end_seconds", "is_best", "category", "title", "players", "pot_size")


def store(
    session: Session, content_id: uuid.UUID, rows: Sequence[Mapping[str, Any]], *, replace: bool
) -> None:
    """Store these hands, each under its `hand_index`; with `replace`, remove all others of the title."""
    if replace:
        session.execute(delete(Hand).where(Hand.content_id == content_id))
    for start in range(0, len(rows), _PART):
        session.execute(_upsert(content_id, rows[start : start + _PART]))


def _upsert(content_id: uuid.UUID, rows: Sequence[Mapping[str, Any]]) -> Insert:
    """Return the statement that stores these hands.

    They are one parameter, in JSON: with a parameter for each value, this takes five times as long.
    """
    columns = [column(name, Hand.__table__.c[name].type) for name in ("hand_index", *_COLUMNS)]
    table = func.jsonb_to_recordset(literal(rows, JSONB)).table_valued(*columns, name="given")
    given = table.render_derived(name="given", with_types=True)
    stored = select(literal(content_id), *given.c)
    statement = insert(Hand).from_select(["content_id", *given.c.keys()], stored)
    newest = {name: statement.excluded[name] for name in _COLUMNS}
    return statement.on_conflict_do_update(index_elements=["content_id", "hand_index"], set_=newest)


def move(session: Session, content_ids: Sequence[uuid.UUID], to: uuid.UUID) -> None:
    """Move the hands of one of these titles to another title, if that has none.

    The first title with hands gives its own: titles of the same programme have the same hands.
    """
    if session.scalar(select(exists().where(Hand.content_id == to))):
        return
    have = set(session.scalars(select(Hand.content_id).where(Hand.content_id.in_(content_ids)).distinct()))
    if first := next((key for key in content_ids if key in have), None):
        session.execute(
            update(Hand).where(Hand.content_id == first).values(content_id=to),
            execution_options={"synchronize_session": False},
        )
