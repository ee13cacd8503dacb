"""Hands of titles."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog_models.tables import Hand


def count_hands(session: Session, content_id: uuid.UUID) -> int:
    """Return the number of hands of a title."""
    return session.scalar(select(func.count()).where(Hand.content_id == content_id)) or 0
