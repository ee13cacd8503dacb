"""Writes `alerts`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog_models.alerts import Alert


def settle(session: Session, kind: str, wrong: Mapping[str, str], age: dt.timedelta) -> list[Alert]:
    """Leave exactly what is `wrong` (messages by subject) open of this kind, which all processes see alike.

    `age`: that of the evidence. What another process settled since then by newer evidence stays as it is. Returns the
    alerts that were raised and those that were resolved just now, each to one process only.
    """
    seen_at = func.clock_timestamp() - age
    newer = select(Alert.subject).where(Alert.kind == kind, Alert.resolved_at >= seen_at)
    settled = set(session.scalars(newer)) if wrong else set()
    raised = _raise(session, kind, {subject: wrong[subject] for subject in wrong.keys() - settled})
    over = (Alert.kind == kind, Alert.subject.notin_(wrong), Alert.raised_at < seen_at)
    return raised + _resolve(session, *over)


def settle_own(
    session: Session, kind: str, process: str, wrong: str | None, lease: dt.timedelta
) -> list[Alert]:
    """Leave the alert of a process open if something is `wrong` (the message), and close those of dead processes: an
    alert that its process has not confirmed for the time of a lease. Returns as `settle` does."""
    mine = (Alert.kind == kind, Alert.subject == process)
    changed = [] if wrong is None else _raise(session, kind, {process: wrong})
    if wrong is None:
        changed += _resolve(session, *mine)
    else:
        session.execute(
            update(Alert).where(*mine, Alert.resolved_at.is_(None)).values(confirmed_at=func.now()),
            execution_options={"synchronize_session": False},
        )
    return changed + _resolve(session, Alert.kind == kind, Alert.confirmed_at < func.now() - lease)


def _raise(session: Session, kind: str, wrong: Mapping[str, str]) -> list[Alert]:
    if not wrong:
        return []
    rows = [{"kind": kind, "subject": subject, "message": said} for subject, said in wrong.items()]
    return list(session.scalars(insert(Alert).values(rows).on_conflict_do_nothing().returning(Alert)))


def _resolve(session: Session, *which: ColumnElement[bool]) -> list[Alert]:
    over = (
        update(Alert)
        .where(Alert.resolved_at.is_(None), *which)
        .values(resolved_at=func.now())
        .returning(Alert)
    )
    return list(session.scalars(over, execution_options={"synchronize_session": False}))


def open_alerts(session: Session) -> list[Alert]:
    """Return the open alerts, the latest first."""
    return list(
        session.scalars(select(Alert).where(Alert.resolved_at.is_(None)).order_by(Alert.raised_at.desc()))
    )
