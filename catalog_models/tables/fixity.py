"""Digests of whole files of the archive, and when they were last verified."""

from __future__ import annotations

import uuid

from sqlalchemy import BigInteger, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from catalog_models.tables.base import Base, Created, Moment


class Fixity(Base):
    """The SHA-256 of a whole file as it was with this `size` (bytes), `mtime_ns` and `fingerprint`.

    `verified_at`: when the whole file was last read; `differs_since`: since when its digest differs.
    """

    __tablename__ = "fixity"

    media_file_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("media_files.id", ondelete="CASCADE"), primary_key=True
    )
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    size: Mapped[int] = mapped_column(BigInteger)
    mtime_ns: Mapped[int] = mapped_column(BigInteger)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    hashed_at: Mapped[Created]
    verified_at: Mapped[Created]
    differs_since: Mapped[Moment | None]


class FixityFailure(Base):
    """A file that could not be read as a whole. It comes up again as if it had been read at `failed_at`."""

    __tablename__ = "fixity_failures"

    media_file_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("media_files.id", ondelete="CASCADE"), primary_key=True
    )
    failed_at: Mapped[Created]
