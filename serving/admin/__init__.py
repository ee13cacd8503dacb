"""Block admin: what runs the house. People, titles, hands, what happened."""

from __future__ import annotations

from catalog_models.tables import AuditEntry
from orchestration.contracts import AUTHENTICATE, HASH_PASSWORD, NOTE_CHANGE, READ_TITLE, RELEASE, REVOKE
from serving.admin import alerts, audit, dashboard, hands, people, statistics, titles, waiting
from serving.kernel.block import Block, without_state

_parts = (dashboard, people, titles, waiting, hands, audit, alerts, statistics)

block = Block(
    "admin",
    without_state(AuditEntry.id),
    tuple(part.router for part in _parts),
    needs=(AUTHENTICATE, READ_TITLE, HASH_PASSWORD, NOTE_CHANGE, REVOKE, RELEASE),
)
