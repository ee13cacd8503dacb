"""The refresh token before the current one, and when it was exchanged"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("login_sessions", sa.Column("previous_refresh_id", sa.Uuid(), nullable=True))
    op.add_column("login_sessions", sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=True))
