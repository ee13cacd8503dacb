"""Copies of files on the SSD."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from catalog_models.tables.base import Base, Created, Key, Moment


class CachedFile(Base):
    """A copy of a file in the cache folder, named after its own id; or the room for a copy in the making.

    `size` (bytes) and `mtime_ns` are the file's when it was copied: a copy is not served if its file has
    changed. `source_ctime_ns`: the ctime of the file before it was copied. `owner` makes the copy, and renews
    its claim before `claimed_until`. `reason` says why it was promoted.
    """

    __tablename__ = "cached_files"

    id: Mapped[Key]
    media_file_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("media_files.id", ondelete="CASCADE"), unique=True
    )
    size: Mapped[int] = mapped_column(BigInteger)
    mtime_ns: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(server_default="copying")
    source_ctime_ns: Mapped[int | None] = mapped_column(BigInteger)
    owner: Mapped[str]
    claimed_until: Mapped[Moment]
    reason: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reserved_at: Mapped[Created]
    ready_at: Mapped[Moment | None]
    used_at: Mapped[Moment | None]
    hits: Mapped[int] = mapped_column(BigInteger, server_default="0")
    bytes_sent: Mapped[int] = mapped_column(BigInteger, server_default="0")

    __table_args__ = (
        CheckConstraint("state in ('copying', 'ready', 'leaving')", name="state"),
        CheckConstraint("size > 0", name="size"),
    )


@dataclass(frozen=True, slots=True)
class Reservation:
    """Room for a copy of what plays for a file: `size` bytes with the time stamp `mtime_ns`."""

    id: uuid.UUID
    file_id: uuid.UUID
    size: int
    mtime_ns: int
