"""Open alerts."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog_models.tables import Alert


def open_alerts(session: Session) -> list[Alert]:
    """Return the open alerts, the latest first."""
    return list(
        session.scalars(select(Alert).where(Alert.resolved_at.is_(None)).order_by(Alert.raised_at.desc()))
    )
