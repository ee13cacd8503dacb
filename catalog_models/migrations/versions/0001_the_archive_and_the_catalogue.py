"""The archive and the catalogue"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "roots",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("path_text", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_summary", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roots")),
        sa.UniqueConstraint("path", name=op.f("uq_roots_path")),
    )
    op.create_table(
        "series",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("brand", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("title", name=op.f("uq_series_title")),
    )
    op.create_table(
        "contents",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("content_key", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("short_title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("duration_seconds", sa.Double(), nullable=True),
        sa.Column("file_path", sa.String(), nullable=True),
        sa.Column("thumbnail_path", sa.String(), nullable=True),
        sa.Column("series_id", sa.Uuid(), nullable=True),
        sa.Column("brand", sa.String(), nullable=True),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("event_type", sa.String(), nullable=True),
        sa.Column("event_number", sa.Integer(), nullable=True),
        sa.Column("event_name", sa.String(), nullable=True),
        sa.Column("buy_in", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("game", sa.String(), nullable=True),
        sa.Column("stage", sa.String(), nullable=True),
        sa.Column("day", sa.String(), nullable=True),
        sa.Column("part", sa.Integer(), nullable=True),
        sa.Column("season", sa.Integer(), nullable=True),
        sa.Column("episode", sa.Integer(), nullable=True),
        sa.Column("players", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("hands", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("hand_number", sa.Integer(), nullable=True),
        sa.Column("content_type", sa.String(), nullable=True),
        sa.Column("quality", sa.String(), nullable=True),
        sa.Column("title_confidence", sa.Double(), nullable=True),
        sa.Column("title_rule", sa.String(), nullable=True),
        sa.Column("is_visible", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("status", sa.String(), server_default="preparing", nullable=False),
        sa.Column("best_file_id", sa.Uuid(), nullable=True),
        sa.Column("best_file_reason", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("quality in ('sd', 'hd', '4k')", name=op.f("ck_contents_quality")),
        sa.CheckConstraint("status in ('ready', 'preparing', 'gone')", name=op.f("ck_contents_status")),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_contents_series_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contents")),
        sa.UniqueConstraint(
            "content_key", deferrable=True, initially="DEFERRED", name=op.f("uq_contents_content_key")
        ),
    )
    op.create_index(op.f("ix_contents_series_id"), "contents", ["series_id"])
    op.create_index("ix_contents_shelf", "contents", ["year", "title", "id"])
    op.create_table(
        "media_files",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("root_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("path_text", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("missing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("container", sa.String(), nullable=True),
        sa.Column("duration_seconds", sa.Double(), nullable=True),
        sa.Column("bit_rate", sa.BigInteger(), nullable=True),
        sa.Column("video_codec", sa.String(), nullable=True),
        sa.Column("video_profile", sa.String(), nullable=True),
        sa.Column("pixel_format", sa.String(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("rotation", sa.Integer(), nullable=True),
        sa.Column("sample_aspect", sa.Double(), nullable=True),
        sa.Column("frame_rate", sa.Double(), nullable=True),
        sa.Column("interlaced", sa.Boolean(), nullable=True),
        sa.Column("still", sa.Boolean(), nullable=True),
        sa.Column("audio", postgresql.JSONB(), nullable=True),
        sa.Column("chapters", postgresql.JSONB(), nullable=True),
        sa.Column("moov", sa.String(), nullable=True),
        sa.Column("truncated", sa.Boolean(), nullable=True),
        sa.Column("encrypted", sa.Boolean(), nullable=True),
        sa.Column("decodes", sa.Boolean(), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("playability", sa.String(), nullable=True),
        sa.Column("playability_reasons", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("title", postgresql.JSONB(), nullable=True),
        sa.Column("content_key", sa.String(), nullable=True),
        sa.Column("variant", sa.String(), nullable=True),
        sa.Column("content_id", sa.Uuid(), nullable=True),
        sa.Column("grouped_by", sa.String(), server_default="rule", nullable=False),
        sa.Column("metadata_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("title_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("quality_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("catalogue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("thumbnails_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("quarantined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.String(), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("grouped_by in ('rule', 'human')", name=op.f("ck_media_files_grouped_by")),
        sa.CheckConstraint("moov in ('first', 'last')", name=op.f("ck_media_files_moov")),
        sa.CheckConstraint(
            "playability in ('direct', 'remux', 'transcode', 'broken')",
            name=op.f("ck_media_files_playability"),
        ),
        sa.CheckConstraint("size >= 0", name=op.f("ck_media_files_size")),
        sa.ForeignKeyConstraint(
            ["content_id"], ["contents.id"], name=op.f("fk_media_files_content_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["root_id"], ["roots.id"], name=op.f("fk_media_files_root_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_files")),
        postgresql.ExcludeConstraint(
            ("root_id", "="),
            (sa.text("sha256(path)"), "="),
            using="btree",
            where=sa.text("missing_since is null"),
            name="ex_media_files_path",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index(op.f("ix_media_files_content_id"), "media_files", ["content_id"])
    op.create_index(op.f("ix_media_files_content_key"), "media_files", ["content_key"])
    op.create_index(op.f("ix_media_files_size"), "media_files", ["size"])
    op.create_index("ix_media_files_root_id", "media_files", ["root_id"])
    op.create_table(
        "findings",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("media_file_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column(
            "first_seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "last_seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("severity in ('quarantine', 'note')", name=op.f("ck_findings_severity")),
        sa.ForeignKeyConstraint(
            ["media_file_id"], ["media_files.id"], name=op.f("fk_findings_media_file_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
        sa.UniqueConstraint("media_file_id", "rule", name=op.f("uq_findings_media_file_id_rule")),
    )
    op.create_table(
        "stage_failures",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("media_file_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column(
            "first_failed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "last_failed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["media_file_id"],
            ["media_files.id"],
            name=op.f("fk_stage_failures_media_file_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_failures")),
        sa.UniqueConstraint("media_file_id", "stage", name=op.f("uq_stage_failures_media_file_id_stage")),
    )
    op.create_table(
        "thumbnails",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("media_file_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("generator", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind in ('poster', 'storyboard', 'storyboard_index')", name=op.f("ck_thumbnails_kind")
        ),
        sa.ForeignKeyConstraint(
            ["media_file_id"],
            ["media_files.id"],
            name=op.f("fk_thumbnails_media_file_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thumbnails")),
        sa.UniqueConstraint("media_file_id", "kind", name=op.f("uq_thumbnails_media_file_id_kind")),
    )
    op.create_foreign_key(
        op.f("fk_contents_best_file_id"),
        "contents",
        "media_files",
        ["best_file_id"],
        ["id"],
        ondelete="SET NULL",
    )
