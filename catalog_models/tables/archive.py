"""The archive: roots, their files, the findings of the quality gate, dead letters."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import BigInteger, Text

from catalog_models.tables.base import Base, Created, Key, Moment


class Root(Base):
    """A folder that is ingested. `path` is absolute, in the file system's bytes."""

    __tablename__ = "roots"

    id: Mapped[Key]
    path: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    path_text: Mapped[str]
    created_at: Mapped[Created]
    scanned_at: Mapped[Moment | None]
    last_summary: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class MediaFile(Base):
    """One file of one root. Its row follows the file's content through renames; its path is an attribute.

    A stage is done when its `…_at` is set; a changed file loses them all. `claimed_by` names the process that
    works on it until `claimed_until`. `approved` are the facts that the quality gate last approved (see
    `reads.facts.past_of`). `forgotten_at`: since when lists leave out this missing file, at the request of a
    person. Its row stays, so that it keeps its history if it returns.

    `content_key` is read from the path. Files of one key show one title. If `grouped_by` is `human`, the file
    shows the title of its `content_id`, whatever its path.
    """

    __tablename__ = "media_files"

    id: Mapped[Key]
    root_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("roots.id", ondelete="CASCADE"))
    path: Mapped[bytes] = mapped_column(LargeBinary)
    path_text: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    mtime_ns: Mapped[int] = mapped_column(BigInteger)
    fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary)
    found_at: Mapped[Created]
    missing_since: Mapped[Moment | None]
    forgotten_at: Mapped[Moment | None]

    container: Mapped[str | None]
    duration_seconds: Mapped[float | None]
    bit_rate: Mapped[int | None] = mapped_column(BigInteger)
    video_codec: Mapped[str | None]
    video_profile: Mapped[str | None]
    pixel_format: Mapped[str | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    rotation: Mapped[int | None]
    sample_aspect: Mapped[float | None]
    frame_rate: Mapped[float | None]
    interlaced: Mapped[bool | None]
    still: Mapped[bool | None]
    audio: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    chapters: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    moov: Mapped[str | None]
    truncated: Mapped[bool | None]
    encrypted: Mapped[bool | None]
    decodes: Mapped[bool | None]
    problem: Mapped[str | None]
    playability: Mapped[str | None]
    playability_reasons: Mapped[list[str] | None] = mapped_column(ARRAY(Text))

    title: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    content_key: Mapped[str | None]
    variant: Mapped[str | None]
    content_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("contents.id", ondelete="SET NULL"))
    grouped_by: Mapped[str] = mapped_column(server_default="rule")

    metadata_at: Mapped[Moment | None]
    title_at: Mapped[Moment | None]
    quality_at: Mapped[Moment | None]
    catalogue_at: Mapped[Moment | None]
    thumbnails_at: Mapped[Moment | None]
    quarantined_at: Mapped[Moment | None]
    approved: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    claimed_by: Mapped[str | None]
    claimed_until: Mapped[Moment | None]

    __table_args__ = (
        # One present file per path. Deferred, so that two files can swap their names in one transaction. By
        # hash, as a path may have 4,096 bytes and an entry of a b-tree only 2,704.
        ExcludeConstraint(
            ("root_id", "="),
            (text("sha256(path)"), "="),
            using="btree",
            where=text("missing_since is null"),
            name="ex_media_files_path",
            deferrable=True,
            initially="DEFERRED",
        ),
        CheckConstraint("forgotten_at is null or missing_since is not null", name="forgotten"),
        CheckConstraint("size >= 0", name="size"),
        CheckConstraint("playability in ('direct', 'remux', 'transcode', 'broken')", name="playability"),
        CheckConstraint("moov in ('first', 'last')", name="moov"),
        CheckConstraint("grouped_by in ('rule', 'human')", name="grouped_by"),
        Index(None, "content_id"),
        Index(None, "content_key"),
        Index(None, "size"),
        Index("ix_media_files_root_id", "root_id"),
    )


class FindingRow(Base):
    """A finding of the quality gate on a file. If it no longer holds, it is resolved, not deleted."""

    __tablename__ = "findings"

    id: Mapped[Key]
    media_file_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("media_files.id", ondelete="CASCADE"))
    rule: Mapped[str]
    severity: Mapped[str]
    message: Mapped[str]
    first_seen_at: Mapped[Created]
    last_seen_at: Mapped[Created]
    resolved_at: Mapped[Moment | None]

    __table_args__ = (
        UniqueConstraint("media_file_id", "rule"),
        CheckConstraint("severity in ('quarantine', 'note')", name="severity"),
    )


class StageFailure(Base):
    """A dead letter: a stage that gave up on a file after `tries` runs, and the end of its error."""

    __tablename__ = "stage_failures"

    id: Mapped[Key]
    media_file_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("media_files.id", ondelete="CASCADE"))
    stage: Mapped[str]
    tries: Mapped[int]
    error: Mapped[str]
    first_failed_at: Mapped[Created]
    last_failed_at: Mapped[Created]

    __table_args__ = (UniqueConstraint("media_file_id", "stage"),)
