"""What was watched, day by day."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from catalog_models.tables.base import Base, Created


class DailyStatistics(Base):
    """A day (UTC): views that count, people who had one, players that began, the most at once, bytes sent to them.

    `titles`, `files` and `archive_bytes` are the archive as it was when the day was summed up; None for days that were summed
    up later.
    """

    __tablename__ = "daily_statistics"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    views: Mapped[int]
    viewers: Mapped[int]
    players: Mapped[int]
    most_at_once: Mapped[int]
    bytes_sent: Mapped[int] = mapped_column(BigInteger)
    titles: Mapped[int | None]
    files: Mapped[int | None]
    archive_bytes: Mapped[int | None] = mapped_column(BigInteger)
    summed_at: Mapped[Created]
