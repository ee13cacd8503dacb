"""Block admin: what runs the house. People, titles, hands, what happened."""

from __future__ import annotations

from fastapi import APIRouter

from catalog_models.tables import AuditEntry
from orchestration.contracts import AUTHENTICATE, HASH_PASSWORD, NOTE_CHANGE, READ_TITLE, RELEASE, REVOKE
from serving.admin import alerts, audit, dashboard, hands, people, statistics, titles, waiting
from serving.block import Block, reading

_router = APIRouter()
for _part in (dashboard, people, titles, waiting, hands, audit, alerts, statistics):
    _router.include_router(_part.router)

block = Block(
    "admin",
    reading(AuditEntry.id),
    _router,
    needs=(AUTHENTICATE, READ_TITLE, HASH_PASSWORD, NOTE_CHANGE, REVOKE, RELEASE),
)
