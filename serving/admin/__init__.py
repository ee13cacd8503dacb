"""Block admin: accounts, titles, hands, review lists and reports."""

from __future__ import annotations

from catalog_models.tables import AuditEntry
from orchestration.contracts import AUTHENTICATE, HASH_PASSWORD, NOTE_CHANGE, READ_TITLE, RELEASE, REVOKE
from serving.admin.hands import routes as hands
from serving.admin.people import routes as people
from serving.admin.reports import alerts, audit, dashboard, statistics
from serving.admin.review_lists import routes as review_lists
from serving.admin.titles import routes as titles
from serving.kernel.block import Block, without_state

_parts = (dashboard, people, titles, review_lists, hands, audit, alerts, statistics)

block = Block(
    "admin",
    without_state(AuditEntry.id),
    tuple(part.router for part in _parts),
    needs=(AUTHENTICATE, READ_TITLE, HASH_PASSWORD, NOTE_CHANGE, REVOKE, RELEASE),
)
