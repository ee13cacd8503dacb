"""Renditions of files that do not play, or not well, as they are."""

from __future__ import annotations

import uuid

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from catalog_models.tables.base import Base, Created, Key, Moment


class Rendition(Base):
    """A rendition of a file: ready, in the making, or failed (`problem` says why).

    Its name in the renditions' folder is its id. `source` is the fingerprint of its file: the rendition plays
    as long as the file has this fingerprint. `size` (bytes) is an estimate until it is ready. `owner` makes
    the rendition, and renews its claim before `claimed_until`.
    """

    __tablename__ = "renditions"

    id: Mapped[Key]
    media_file_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("media_files.id", ondelete="CASCADE"), unique=True
    )
    source: Mapped[bytes] = mapped_column(LargeBinary)
    kind: Mapped[str]
    container: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="making")
    size: Mapped[int] = mapped_column(BigInteger)
    mtime_ns: Mapped[int | None] = mapped_column(BigInteger)
    problem: Mapped[str | None]
    owner: Mapped[str]
    claimed_until: Mapped[Moment]
    began_at: Mapped[Created]
    ready_at: Mapped[Moment | None]

    __table_args__ = (
        CheckConstraint("kind in ('remux', 'faststart', 'transcode', 'deinterlace')", name="kind"),
        CheckConstraint("state in ('making', 'ready', 'failed')", name="state"),
        CheckConstraint("container in ('mp4', 'webm')", name="container"),
    )
