"""When a process last confirmed its alert; the version of the file that a playback session plays"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column(
        "alerts",
        sa.Column(
            "confirmed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
    )
    op.add_column("playback_sessions", sa.Column("file_version", sa.String(), nullable=True))
    op.drop_constraint(op.f("ck_playback_sessions_end_reason"), "playback_sessions", type_="check")
    op.create_check_constraint(
        op.f("ck_playback_sessions_end_reason"),
        "playback_sessions",
        "end_reason in ('ended', 'expired', 'taken_over', 'left', 'revoked', 'changed')",
    )
    op.add_column("cached_files", sa.Column("source_ctime_ns", sa.BigInteger(), nullable=True))
