"""Writes `audit_log`: changes by moderators, admins and the operator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from catalog_models.tables import Actor, AuditEntry


def note(
    session: Session,
    actor: Actor,
    action: str,
    target: tuple[str, object],
    details: Mapping[str, Any] | None = None,
) -> None:
    """Record that the actor did `action` to `target` (its kind and its id). `details` contains no secret."""
    kind, identity = target
    session.add(
        AuditEntry(
            actor_id=actor.user_id,
            actor=actor.name,
            address=actor.address,
            action=action,
            target_kind=kind,
            target_id=None if identity is None else str(identity),
            details=dict(details or {}),
        )
    )
    session.flush()
