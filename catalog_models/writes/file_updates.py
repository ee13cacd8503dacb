"""UPDATE statements of `media_files`, from which the modules that write the table build theirs."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, Update, Uuid, any_, bindparam, literal, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from catalog_models.tables import MediaFile

UNCLAIMED = {"claimed_by": None, "claimed_until": None}
"""The columns of a file that no process claims."""


def update_where(condition: ColumnElement[bool]) -> Update:
    """Return an UPDATE of the files that meet a condition."""
    return update(MediaFile).where(condition).execution_options(synchronize_session=False)


def update_files(file_ids: Collection[uuid.UUID]) -> Update:
    """Return an UPDATE of these files. The ids are one parameter: a statement takes at most 65,535."""
    return update_where(MediaFile.id == any_(literal(list(file_ids), ARRAY(Uuid))))


def update_each(session: Session, rows: Sequence[dict[str, Any]], **same: Any) -> None:
    """Update row by row in one round trip.

    Each row is keyed by `id`, and all have the same columns. The values of `same` are for all rows.
    """
    if not rows:
        return
    columns: dict[str, Any] = {name: bindparam(f"new_{name}") for name in rows[0] if name != "id"}
    table = cast("Table", MediaFile.__table__)
    statement = update(table).where(table.c.id == bindparam("new_id")).values({**columns, **same})
    parameters = [{f"new_{name}": value for name, value in row.items()} for row in rows]
    session.connection().execute(statement, parameters)
