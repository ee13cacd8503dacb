"""Writes `alerts`."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog_models.alerts import Alert


def settle(session: Session, kind: str, wrong: Mapping[str, str], within: str = "") -> list[Alert]:
    """Of this kind exactly what is `wrong` (messages by subject) is open from now on, among subjects that begin with `within`.
    Answers what was raised and what was resolved just now: who else looks, at the same time or later, gets neither."""
    if wrong:
        rows = [{"kind": kind, "subject": subject, "message": said} for subject, said in wrong.items()]
        given = insert(Alert).values(rows).on_conflict_do_nothing().returning(Alert)
        raised = list(session.scalars(given))
    else:
        raised = []
    over = (
        update(Alert)
        .where(
            Alert.kind == kind,
            Alert.resolved_at.is_(None),
            Alert.subject.notin_(wrong),
            Alert.subject.startswith(within, autoescape=True),
        )
        .values(resolved_at=func.now())
        .returning(Alert)
    )
    return raised + list(session.scalars(over, execution_options={"synchronize_session": False}))


def open_alerts(session: Session) -> list[Alert]:
    """What is not well, the latest first."""
    return list(
        session.scalars(select(Alert).where(Alert.resolved_at.is_(None)).order_by(Alert.raised_at.desc()))
    )
