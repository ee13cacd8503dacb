"""The viewers' side: series, programmes, and the pictures of their files."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import BigInteger, Text

from catalog_models.base import Base, Created, Key, Updated


class Series(Base):
    """What belongs together on a shelf: `WSOP Europe 2024`."""

    __tablename__ = "series"

    id: Mapped[Key]
    title: Mapped[str] = mapped_column(unique=True)
    brand: Mapped[str]
    region: Mapped[str | None]
    year: Mapped[int | None]
    created_at: Mapped[Created]


class Content(Base):
    """One programme, with the fields that its title was read into. Several files may show it.

    `best_file_id` is the file that plays (or would, once it is prepared), `best_file_reason` says why that one;
    `file_path` and `duration_seconds` are that file's. `status` is `ready` (plays), `preparing` (no file plays yet) or `gone` (no file is left).
    """

    __tablename__ = "contents"

    id: Mapped[Key]
    content_key: Mapped[str]
    title: Mapped[str]
    short_title: Mapped[str]
    description: Mapped[str | None]
    duration_seconds: Mapped[float | None]
    file_path: Mapped[str | None]
    thumbnail_path: Mapped[str | None]
    series_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("series.id", ondelete="SET NULL"))
    brand: Mapped[str | None]
    region: Mapped[str | None]
    year: Mapped[int | None]
    date: Mapped[dt.date | None]
    event_type: Mapped[str | None]
    event_number: Mapped[int | None]
    event_name: Mapped[str | None]
    buy_in: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None]
    game: Mapped[str | None]
    stage: Mapped[str | None]
    day: Mapped[str | None]
    part: Mapped[int | None]
    season: Mapped[int | None]
    episode: Mapped[int | None]
    players: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    hands: Mapped[list[str | None] | None] = mapped_column(ARRAY(Text))
    hand_number: Mapped[int | None]
    content_type: Mapped[str | None]
    quality: Mapped[str | None]
    title_confidence: Mapped[float | None]
    title_rule: Mapped[str | None]
    is_visible: Mapped[bool] = mapped_column(server_default="false")
    status: Mapped[str] = mapped_column(server_default="preparing")
    best_file_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("media_files.id", ondelete="SET NULL", use_alter=True)
    )
    best_file_reason: Mapped[str | None]
    created_at: Mapped[Created]
    updated_at: Mapped[Updated]

    __table_args__ = (
        # Deferred, so that two titles can swap their keys when their files swap their names.
        UniqueConstraint("content_key", deferrable=True, initially="DEFERRED"),
        CheckConstraint("quality in ('sd', 'hd', '4k')", name="quality"),
        CheckConstraint("status in ('ready', 'preparing', 'gone')", name="status"),
        Index("ix_contents_shelf", "year", "title", "id"),
        Index(None, "series_id"),
    )


class ContentOverride(Base):
    """A person's edit of one field of a programme; it wins over every rule. `field` is a column of `contents`, `value`
    None where a person says that there is nothing."""

    __tablename__ = "content_overrides"

    id: Mapped[Key]
    content_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contents.id", ondelete="CASCADE"))
    field: Mapped[str]
    value: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    edited_by: Mapped[str]
    edited_at: Mapped[Created]

    __table_args__ = (UniqueConstraint("content_id", "field"),)


class Thumbnail(Base):
    """A picture made of a file: `poster`, `storyboard` or `storyboard_index` (WebVTT); `path` below the home's folder.

    `generator` is the version of the code that made it; a newer generator makes it anew.
    """

    __tablename__ = "thumbnails"

    id: Mapped[Key]
    media_file_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("media_files.id", ondelete="CASCADE"))
    kind: Mapped[str]
    generator: Mapped[int]
    path: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[Created]

    __table_args__ = (
        UniqueConstraint("media_file_id", "kind"),
        CheckConstraint("kind in ('poster', 'storyboard', 'storyboard_index')", name="kind"),
    )
