"""Select the titles to index, and make their documents."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, Select, select

from catalog_models.search.index import FILTERABLE, SEARCHABLE
from catalog_models.tables import Content

Title = Row[Any]

_NAMES = dict.fromkeys(("id", "title", "date", "updated_at", "is_visible", *SEARCHABLE, *FILTERABLE))
COLUMNS = tuple(getattr(Content, name) for name in _NAMES)


def due() -> Select[Any]:
    """Select the titles that changed since they were indexed.

    Any difference between `updated_at` and the indexed one counts: an earlier transaction may commit later.
    """
    return select(*COLUMNS).where(IS_DUE).order_by(Content.id)


IS_DUE = Content.indexed_at.is_distinct_from(Content.updated_at)


def due_among(ids: Collection[uuid.UUID]) -> Select[Any]:
    """Select those of these titles that changed since they were indexed."""
    return due().where(Content.id.in_(ids))


def documents_of(rows: Sequence[Title]) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the documents of the titles that are shown, and the ids of the others."""
    from tasks.search.index import document

    shown = [document(row._asdict()) for row in rows if row.is_visible]
    return shown, [str(row.id) for row in rows if not row.is_visible]
