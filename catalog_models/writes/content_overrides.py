"""Writes `content_overrides`: edits of titles by people."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import delete, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog_models.tables import ContentOverride


def store(session: Session, content_id: uuid.UUID, edits: Mapping[str, Any], edited_by: str) -> None:
    """Store edits of a title, each in place of an earlier one of the same field."""
    rows = [
        {"content_id": content_id, "field": field, "value": value, "edited_by": edited_by}
        for field, value in edits.items()
    ]
    if not rows:
        return
    statement = insert(ContentOverride)
    newest = {"value": statement.excluded.value, "edited_by": statement.excluded.edited_by}
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["content_id", "field"], set_={**newest, "edited_at": func.now()}
        ),
        rows,
    )


def remove(session: Session, content_id: uuid.UUID, fields: Collection[str]) -> None:
    """Remove the edits of these fields, so that the rules fill them again."""
    session.execute(
        delete(ContentOverride).where(
            ContentOverride.content_id == content_id, ContentOverride.field.in_(fields)
        )
    )
