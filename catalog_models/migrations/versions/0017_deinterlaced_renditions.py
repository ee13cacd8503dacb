"""Renditions that are made only because the picture is interlaced"""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_renditions_kind"), "renditions", type_="check")
    op.create_check_constraint(
        op.f("ck_renditions_kind"), "renditions", "kind in ('remux', 'faststart', 'transcode', 'deinterlace')"
    )
