"""Whole digests of the archive's files, and when they last held."""

from __future__ import annotations

import uuid

from sqlalchemy import BigInteger, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from catalog_models.tables.base import Base, Created, Moment


class Fixity(Base):
    """The SHA-256 of a whole file as it was with this `size` (bytes), `mtime_ns` and `fingerprint`.

    `verified_at`: when all of it was last read; `differs_since`: since when it was found to be another.
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
    """A file that could not be read whole when that was last tried: it waits for its turn like one that was read then."""

    __tablename__ = "fixity_failures"

    media_file_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("media_files.id", ondelete="CASCADE"), primary_key=True
    )
    failed_at: Mapped[Created]
