"""Renditions of files that do not play as they are"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "renditions",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("media_file_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("container", sa.String(), nullable=False),
        sa.Column("state", sa.String(), server_default="making", nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("claimed_until", moment, nullable=False),
        sa.Column("began_at", moment, server_default=sa.text("now()"), nullable=False),
        sa.Column("ready_at", moment, nullable=True),
        sa.CheckConstraint("kind in ('remux', 'faststart', 'transcode')", name=op.f("ck_renditions_kind")),
        sa.CheckConstraint("state in ('making', 'ready', 'failed')", name=op.f("ck_renditions_state")),
        sa.CheckConstraint("container in ('mp4', 'webm')", name=op.f("ck_renditions_container")),
        sa.ForeignKeyConstraint(
            ["media_file_id"],
            ["media_files.id"],
            name=op.f("fk_renditions_media_file_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renditions")),
        sa.UniqueConstraint("media_file_id", name=op.f("uq_renditions_media_file_id")),
    )
