"""An index of the names of events and of buy-ins, by which lists are filtered and facets counted"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_FILTERS = ["brand", "region", "year", "event_type", "game", "stage", "content_type", "quality", "series_id"]


def upgrade() -> None:
    op.create_index(
        "ix_contents_events",
        "contents",
        ["event_name", "buy_in"],
        postgresql_include=["status", *_FILTERS],
        postgresql_where=sa.text("is_visible"),
    )
