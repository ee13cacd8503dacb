"""Edits of titles by people."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog_models.tables import ContentOverride


def edits_of(session: Session, content_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
    """Return the edits of these titles: by title, then by field."""
    columns = (ContentOverride.content_id, ContentOverride.field, ContentOverride.value)
    edits: dict[uuid.UUID, dict[str, Any]] = defaultdict(dict)
    for content_id, field, value in session.execute(
        select(*columns).where(ContentOverride.content_id.in_(content_ids))
    ):
        edits[content_id][field] = value
    return edits
