"""Writes `content_views`."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import update
from sqlalchemy.orm import Session

from catalog_models.watching import ContentView


def move(session: Session, content_ids: Collection[uuid.UUID], to: uuid.UUID) -> None:
    """Views of these titles were views of another."""
    session.execute(
        update(ContentView).where(ContentView.content_id.in_(content_ids)).values(content_id=to),
        execution_options={"synchronize_session": False},
    )
