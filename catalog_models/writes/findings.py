"""Writes `findings`."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import func, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog_models.tables import FindingRow
from catalog_models.values import Finding


def store(session: Session, judged: Mapping[uuid.UUID, Sequence[Finding]]) -> None:
    """Store all findings on these files. Resolve their other findings, and reopen those that hold again."""
    add(session, judged)
    holding = [(key, finding.rule) for key, found in judged.items() for finding in found]
    stale = update(FindingRow).where(
        FindingRow.media_file_id.in_(list(judged)), FindingRow.resolved_at.is_(None)
    )
    if holding:
        stale = stale.where(tuple_(FindingRow.media_file_id, FindingRow.rule).not_in(holding))
    session.execute(stale.values(resolved_at=func.now()), execution_options={"synchronize_session": False})


def resolve(session: Session, file_ids: Collection[uuid.UUID], rules: Collection[str]) -> None:
    """Resolve the findings of these rules on these files."""
    open_ones = update(FindingRow).where(
        FindingRow.media_file_id.in_(file_ids), FindingRow.rule.in_(rules), FindingRow.resolved_at.is_(None)
    )
    session.execute(
        open_ones.values(resolved_at=func.now()), execution_options={"synchronize_session": False}
    )


def add(session: Session, found: Mapping[uuid.UUID, Sequence[Finding]]) -> None:
    """Add findings to the known ones."""
    rows = [
        {"media_file_id": key, "rule": finding.rule, "severity": finding.severity, "message": finding.message}
        for key, findings in found.items()
        for finding in findings
    ]
    if not rows:
        return
    statement = insert(FindingRow)
    latest = {"severity": statement.excluded.severity, "message": statement.excluded.message}
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["media_file_id", "rule"],
            set_={**latest, "last_seen_at": func.now(), "resolved_at": None},
        ),
        rows,
    )
