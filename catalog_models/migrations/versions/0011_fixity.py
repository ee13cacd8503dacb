"""Digests of whole files, and alerts about damaged ones"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    moment, now = sa.DateTime(timezone=True), sa.text("now()")
    op.create_table(
        "fixity",
        sa.Column("media_file_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("hashed_at", moment, server_default=now, nullable=False),
        sa.Column("verified_at", moment, server_default=now, nullable=False),
        sa.Column("differs_since", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["media_file_id"], ["media_files.id"], name=op.f("fk_fixity_media_file_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("media_file_id", name=op.f("pk_fixity")),
    )
    op.drop_constraint(op.f("ck_alerts_kind"), "alerts")
    op.create_check_constraint(
        op.f("ck_alerts_kind"),
        "alerts",
        "kind in ('block_down', 'error_rate', 'ssd_full', 'flow_failed', 'damage')",
    )
