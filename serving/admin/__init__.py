"""Block admin: what runs the house. People, titles, hands, what happened."""

from __future__ import annotations

from fastapi import APIRouter

from catalog_models.tables import AuditEntry
from orchestration.contracts import AUTHENTICATE, READ_TITLE
from serving.admin import dashboard, hands, titles, waiting
from serving.block import Block, reading

_router = APIRouter()
for _part in (dashboard, titles, waiting, hands):
    _router.include_router(_part.router)

block = Block("admin", reading(AuditEntry.id), _router, needs=(AUTHENTICATE, READ_TITLE))
