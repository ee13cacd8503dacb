"""Indexes that contain all columns that lists and searches need"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_FILTERS = ["brand", "region", "year", "event_type", "game", "stage", "content_type", "quality", "series_id"]
_SORTS: dict[str, list[sa.TextClause | str]] = {
    "title": ["title", "id"],
    "year": [sa.text("year desc nulls last"), "title", "id"],
    "date": [sa.text("date desc nulls last"), "title", "id"],
    "created_at": [sa.text("created_at desc"), "title", "id"],
    "duration_seconds": [sa.text("duration_seconds desc nulls last"), "title", "id"],
}
_VISIBLE = sa.text("is_visible")


def upgrade() -> None:
    op.create_index("ix_contents_filters", "contents", ["status", *_FILTERS], postgresql_where=_VISIBLE)
    for name, columns in _SORTS.items():
        op.create_index(
            f"ix_contents_by_{name}",
            "contents",
            columns,
            postgresql_include=["status", *(column for column in _FILTERS if column != name)],
            postgresql_where=_VISIBLE,
        )
    op.drop_index("ix_contents_newest", "contents")
    op.create_index(
        "ix_contents_newest",
        "contents",
        [sa.text("year desc nulls last"), sa.text("date desc nulls last"), "title", "id"],
    )
    op.drop_index("ix_contents_shelf", "contents")
