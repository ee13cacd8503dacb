"""Writes `alerts`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog_models.tables import Alert


def settle(session: Session, kind: str, wrong: Mapping[str, str], age: dt.timedelta) -> list[Alert]:
    """Raise an alert for each subject in `wrong` (messages by subject), and resolve all others of this kind.

    This is for kinds that all processes see alike. Messages of open alerts are updated. `age` is the age of
    the evidence: what another process has settled since then, by newer evidence, stays as it is. Return the
    alerts that this call raised or resolved; of several processes only one gets each.
    """
    seen_at = func.clock_timestamp() - age
    newer = select(Alert.subject).where(Alert.kind == kind, Alert.resolved_at >= seen_at)
    settled = set(session.scalars(newer)) if wrong else set()
    raised = _raise(session, kind, {subject: wrong[subject] for subject in wrong.keys() - settled})
    _update(session, kind, wrong)
    ended = (Alert.kind == kind, Alert.subject.notin_(wrong), Alert.raised_at < seen_at)
    return raised + _resolve(session, *ended)


def settle_own(
    session: Session, kind: str, process: str, wrong: str | None, lease: dt.timedelta
) -> list[Alert]:
    """Raise or confirm the alert of a process if something is `wrong` (the message), else resolve it.

    Also resolve the alerts of dead processes, which have not been confirmed within `lease`. Return the alerts
    that this call raised or resolved.
    """
    own = (Alert.kind == kind, Alert.subject == process)
    changed = [] if wrong is None else _raise(session, kind, {process: wrong})
    if wrong is None:
        changed += _resolve(session, *own)
    else:
        session.execute(
            update(Alert).where(*own, Alert.resolved_at.is_(None)).values(confirmed_at=func.now()),
            execution_options={"synchronize_session": False},
        )
    return changed + _resolve(session, Alert.kind == kind, Alert.confirmed_at < func.now() - lease)


def _raise(session: Session, kind: str, wrong: Mapping[str, str]) -> list[Alert]:
    if not wrong:
        return []
    rows = [{"kind": kind, "subject": subject, "message": message} for subject, message in wrong.items()]
    return list(session.scalars(insert(Alert).values(rows).on_conflict_do_nothing().returning(Alert)))


def _update(session: Session, kind: str, wrong: Mapping[str, str]) -> None:
    """Update the messages of open alerts: numbers change while an alert is open."""
    for subject, message in wrong.items():
        own = (
            Alert.kind == kind,
            Alert.subject == subject,
            Alert.resolved_at.is_(None),
            Alert.message != message,
        )
        session.execute(
            update(Alert).where(*own).values(message=message),
            execution_options={"synchronize_session": False},
        )


def take_unreported(session: Session, kinds: Collection[str]) -> list[Alert]:
    """Take the alerts of these kinds that were raised or resolved since the last call.

    Only one process gets each alert. One that was raised and resolved meanwhile is only returned as resolved.
    """
    unreported = (Alert.kind.in_(kinds), Alert.reported_at.is_(None))
    waiting = select(Alert.id).where(*unreported).with_for_update(skip_locked=True)
    taken = update(Alert).where(Alert.id.in_(waiting)).values(reported_at=func.now()).returning(Alert)
    options = {"synchronize_session": False, "populate_existing": True}
    return list(session.scalars(taken, execution_options=options))


def _resolve(session: Session, *which: ColumnElement[bool]) -> list[Alert]:
    ended = (
        update(Alert)
        .where(Alert.resolved_at.is_(None), *which)
        .values(resolved_at=func.now(), reported_at=None)
        .returning(Alert)
    )
    return list(session.scalars(ended, execution_options={"synchronize_session": False}))
