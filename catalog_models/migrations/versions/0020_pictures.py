"""Pictures of several widths with a version and a ThumbHash; previews; storyboards of several sheets"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("thumbnails", sa.Column("version", sa.String(), nullable=True))
    op.add_column("thumbnails", sa.Column("widths", postgresql.ARRAY(sa.Integer()), nullable=True))
    op.add_column("thumbnails", sa.Column("thumbhash", sa.LargeBinary(), nullable=True))
    op.add_column("thumbnails", sa.Column("parts", sa.Integer(), nullable=True))
    op.drop_constraint(op.f("ck_thumbnails_kind"), "thumbnails", type_="check")
    op.create_check_constraint(
        op.f("ck_thumbnails_kind"),
        "thumbnails",
        "kind in ('poster', 'preview', 'storyboard', 'storyboard_index')",
    )
