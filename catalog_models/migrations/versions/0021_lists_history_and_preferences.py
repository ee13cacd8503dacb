"""The watchlist and the preferences of users; watched titles, and titles that left "continue watching"."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    for column in ("watched_at", "dismissed_at"):
        op.add_column("watch_progress", sa.Column(column, sa.DateTime(timezone=True), nullable=True))
    op.execute("update watch_progress set watched_at = updated_at where completed")
    op.create_index(
        "ix_content_views_user_id_viewed_at_content_id",
        "content_views",
        ["user_id", "viewed_at", "content_id"],
    )
    op.create_index("ix_hands_best", "hands", ["content_id"], postgresql_where=sa.text("is_best"))
    op.create_table(
        "watchlist",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("content_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_watchlist_user_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["content_id"], ["contents.id"], name=op.f("fk_watchlist_content_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "content_id", name=op.f("pk_watchlist")),
    )
    op.create_index("ix_watchlist_user_id_added_at", "watchlist", ["user_id", "added_at"])
    op.create_table(
        "user_preferences",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("chosen", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_preferences_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_user_preferences")),
    )
