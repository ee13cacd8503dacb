"""Writes `users`."""

from __future__ import annotations

import uuid

from sqlalchemy import func
from sqlalchemy.orm import Session

from catalog_models.people import User


def create(
    session: Session, *, email: str, username: str, password_hash: str, role: str = "user", approved: bool
) -> uuid.UUID:
    """A new person. Raises SQLAlchemy's `IntegrityError` where the e-mail or the name is taken."""
    row = User(
        email=email,
        username=username,
        password_hash=password_hash,
        role=role,
        approved_at=func.now() if approved else None,
    )
    session.add(row)
    session.flush()
    return row.id
