"""Copies on the SSD"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "cached_files",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("media_file_id", sa.Uuid(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), server_default="copying", nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("claimed_until", moment, nullable=False),
        sa.Column("reason", postgresql.JSONB(), nullable=False),
        sa.Column("reserved_at", moment, server_default=sa.text("now()"), nullable=False),
        sa.Column("ready_at", moment, nullable=True),
        sa.Column("used_at", moment, nullable=True),
        sa.Column("hits", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("bytes_sent", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_cached_files_size")),
        sa.CheckConstraint("state in ('copying', 'ready', 'leaving')", name=op.f("ck_cached_files_state")),
        sa.ForeignKeyConstraint(
            ["media_file_id"],
            ["media_files.id"],
            name=op.f("fk_cached_files_media_file_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cached_files")),
        sa.UniqueConstraint("media_file_id", name=op.f("uq_cached_files_media_file_id")),
    )
